import type { HotKey, RequestReport } from './report.js';

/**
 * A histogram as pairs: the value of a bucket, in whole microseconds, and how many values it holds. It is a plain
 * object, so that it crosses threads. Adding the counts merges two.
 */
export interface SparseHistogram {
  readonly valuesUs: Float64Array;
  readonly counts: Float64Array;
  /** The sum of the values as they were recorded, before they were put in buckets. */
  readonly sumUs: number;
}

/** The counts of a report's `IntervalFigures`. */
export type IntervalCounts = Record<'offered' | 'sent' | 'failed' | 'throttled' | 'retried', number>;

/** What happened in one interval of the run (a second) since the snapshot before. */
export interface IntervalDelta extends Readonly<IntervalCounts> {
  /** 0 is the run's first second. */
  readonly index: number;
  readonly fromIntended: SparseHistogram;
  readonly service: SparseHistogram;
  readonly scheduleLag: SparseHistogram;
  /** By id: the shards that took or throttled a record. */
  readonly shards: ReadonlyMap<string, ShardCounts>;
}

export interface ShardCounts {
  sent: number;
  bytes: number;
  throttled: number;
}

/** The counts of a report's `requests`. */
export type RequestCounts = { -readonly [Name in keyof RequestReport]: number };

/** What one worker reports: changes since the snapshot before, and its present state. */
export interface Snapshot {
  readonly workerId: number;
  readonly intervals: readonly IntervalDelta[];
  readonly bytesSent: number;
  readonly requests: RequestCounts;
  /** Sent records that may be in the stream twice: an earlier attempt got no clear response. */
  readonly maybeDuplicated: number;
  /** Failed or unsent records that the stream may hold: an attempt got no clear response. */
  readonly inDoubt: number;
  readonly errors: ReadonlyMap<string, number>;
  readonly gauges: WorkerGauges;
}

export interface WorkerGauges {
  /** Records that the worker holds: queued, in a batch, in flight or waiting for a retry. */
  readonly held: number;
  readonly requestsInFlight: number;
  /** Shards that this worker is sending to more slowly because they throttle. */
  readonly slowedShards: number;
  /** Records that wait for another of their key to be sent, when each key is sent in order. */
  readonly waitingForKey: number;
  /** How long the oldest record that waits, and is not in flight, has been due; 0: no record is late. */
  readonly behindMs: number;
  /** The keys whose records were refused most often, at most a few. */
  readonly refusedKeys: readonly HotKey[];
  /** When the last response came; -Infinity: none has come. */
  readonly respondedAtMs: number;
  /** When requests began to wait without any response; Infinity: no request waits. */
  readonly noResponseSinceMs: number;
}
