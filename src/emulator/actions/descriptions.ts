import { Blob, Timestamp } from '../protocol/output.js';
import type { RecordPage } from '../store/record-page.js';
import { type Shard, shardIdOf } from '../store/shard.js';
import type { Stream } from '../store/stream.js';

/** The forms in which several operations return streams, shards and records. */

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

/** The shards to read after the end of a closed shard. */
export function describeChildren(stream: Stream, shard: Shard) {
  return stream.childrenOf(shard).map((child) => {
    const { parent, adjacentParent } = child.state;
    const parents = [parent, adjacentParent].filter((index) => index !== undefined);
    return { ShardId: child.id, ParentShards: parents.map(shardIdOf), HashKeyRange: describeRange(child) };
  });
}

/** @param encryptionAt how records that arrived at a time (epoch milliseconds) are encrypted */
export function describeRecords(page: RecordPage, encryptionAt: (atMs: number) => 'KMS' | undefined) {
  return Array.from(page, ({ sequenceNumber, atMs, key, data }) => ({
    SequenceNumber: sequenceNumber,
    ApproximateArrivalTimestamp: new Timestamp(atMs),
    Data: new Blob(data),
    PartitionKey: key,
    EncryptionType: encryptionAt(atMs),
  }));
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
