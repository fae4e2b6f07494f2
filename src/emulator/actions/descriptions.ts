import { Timestamp } from '../protocol/output.js';
import { type Shard, shardIdOf } from '../store/shard.js';
import type { Stream } from '../store/stream.js';

/** What several operations tell of a stream or of a shard. */

export function describeShard(shard: Shard) {
  const { parent, adjacentParent } = shard.state;
  return {
    ShardId: shard.id,
    ParentShardId: parent === undefined ? undefined : shardIdOf(parent),
    AdjacentParentShardId: adjacentParent === undefined ? undefined : shardIdOf(adjacentParent),
    HashKeyRange: describeRange(shard),
    SequenceNumberRange: {
      StartingSequenceNumber: shard.startingSequenceNumber,
      EndingSequenceNumber: shard.endingSequenceNumber,
    },
  };
}

function describeRange({ range }: Shard) {
  return { StartingHashKey: range.start.toString(), EndingHashKey: range.end.toString() };
}

/** What a reader who is at the end of a closed shard goes on with. */
export function describeChildren(stream: Stream, shard: Shard) {
  return stream.childrenOf(shard).map((child) => {
    const { parent, adjacentParent } = child.state;
    const parents = [parent, adjacentParent].filter((index) => index !== undefined);
    return { ShardId: child.id, ParentShards: parents.map(shardIdOf), HashKeyRange: describeRange(child) };
  });
}

export function summarizeStream(stream: Stream) {
  const { mode, createdAtMs } = stream.state;
  return {
    StreamName: stream.name,
    StreamARN: stream.arn,
    StreamStatus: stream.status,
    StreamModeDetails: { StreamMode: mode },
    StreamCreationTimestamp: new Timestamp(createdAtMs),
  };
}

export function describeStreamSettings(stream: Stream) {
  const { retentionHours, shardLevelMetrics, encryption } = stream.state;
  return {
    ...summarizeStream(stream),
    RetentionPeriodHours: retentionHours,
    EnhancedMonitoring: [{ ShardLevelMetrics: [...shardLevelMetrics] }],
    EncryptionType: encryption.type,
    KeyId: encryption.keyId,
  };
}
