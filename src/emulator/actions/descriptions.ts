import { Timestamp } from '../protocol/output.js';
import type { Shard } from '../store/shard.js';
import type { Stream } from '../store/stream.js';

/** What several operations tell of a stream or of a shard. */

export function describeShard(shard: Shard) {
  return {
    ShardId: shard.id,
    HashKeyRange: {
      StartingHashKey: shard.range.start.toString(),
      EndingHashKey: shard.range.end.toString(),
    },
    SequenceNumberRange: { StartingSequenceNumber: shard.startingSequenceNumber },
  };
}

export function summarizeStream(stream: Stream, now: number) {
  return {
    StreamName: stream.name,
    StreamARN: stream.arn,
    StreamStatus: stream.status(now),
    StreamModeDetails: { StreamMode: stream.mode },
    StreamCreationTimestamp: new Timestamp(stream.createdAtMs),
  };
}

export function describeStreamSettings(stream: Stream, now: number) {
  return {
    ...summarizeStream(stream, now),
    RetentionPeriodHours: stream.retentionHours,
    EnhancedMonitoring: [{ ShardLevelMetrics: [] }],
    EncryptionType: 'NONE',
  };
}

/** The shards that can be seen: a stream that is being created has none yet. */
export function visibleShards(stream: Stream, now: number): readonly Shard[] {
  return stream.status(now) === 'CREATING' ? [] : stream.shards;
}
