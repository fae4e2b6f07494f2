import type { HotKey } from './report.js';

/**
 * A histogram as pairs: the value of a bucket and how many were recorded in it. Values are whole microseconds.
 * Plain, so that it crosses threads; mergeable, by adding the counts.
 */
export interface SparseHistogram {
  readonly valuesUs: Float64Array;
  readonly counts: Float64Array;
  /** Of the values as they were recorded, not as they were bucketed. */
  readonly sumUs: number;
}

/** What happened in one interval of the run (a second) and was not yet told. */
export interface IntervalDelta {
  /** 0 is the run's first second. */
  readonly index: number;
  /** Records handed to the socket for the first time. */
  readonly offered: number;
  readonly sent: number;
  readonly failed: number;
  /** Records refused because their shard was over its limit. */
  readonly throttled: number;
  /** Records handed to the socket again. */
  readonly retried: number;
  readonly fromIntended: SparseHistogram;
  readonly service: SparseHistogram;
  readonly scheduleLag: SparseHistogram;
}

export interface ShardCounts {
  sent: number;
  bytes: number;
  throttled: number;
}

export interface RequestCounts {
  /** Answered with 200, even if single records in it were refused. */
  ok: number;
  /** Refused as a whole, or not answered. */
  failed: number;
  /** Requests that held at least one record again. */
  retried: number;
}

/** What one worker tells: deltas since the snapshot before, and how it stands now. */
export interface Snapshot {
  readonly workerId: number;
  readonly intervals: readonly IntervalDelta[];
  readonly bytesSent: number;
  readonly requests: RequestCounts;
  /** Records that may stand in the stream twice: sent after an attempt that nobody answered. */
  readonly maybeDuplicated: number;
  /** Records that failed or stayed unsent, and that the stream may hold all the same. */
  readonly inDoubt: number;
  readonly shards: ReadonlyMap<string, ShardCounts>;
  readonly errors: ReadonlyMap<string, number>;
  readonly gauges: WorkerGauges;
}

export interface WorkerGauges {
  /** Records that the worker holds: queued, in a batch, in flight or waiting for a retry. */
  readonly held: number;
  readonly requestsInFlight: number;
  /** Shards that this worker is sending to more slowly because they throttle. */
  readonly slowedShards: number;
  /** Records that wait for another of their key to be sent: only where each key is sent in order. */
  readonly waitingForKey: number;
  /** For how long the oldest record that has not been taken, and is not in flight, has been due; 0: all are in time. */
  readonly behindMs: number;
  /** Keys whose records were refused most often so far, at most a few. */
  readonly refusedKeys: readonly HotKey[];
  /** When the target last answered; -Infinity: never. */
  readonly answeredAtMs: number;
  /** Since when a request has been under way with no answer to any; Infinity: none is. */
  readonly unansweredSinceMs: number;
}
