/** Percentiles of a distribution in milliseconds. All zero when nothing was recorded. */
export interface Percentiles {
  readonly count: number;
  readonly min: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/** One bar of a histogram: how many values lie in [fromMs, toMs). */
export interface HistogramBar {
  readonly fromMs: number;
  readonly toMs: number;
  readonly count: number;
}

/** read = sent + failed + rejected + unsent, always. */
export interface Ledger {
  /** Taken from the input. */
  readonly read: number;
  /** Acknowledged by the target. */
  readonly sent: number;
  /** Given up after retries. */
  readonly failed: number;
  /** Unusable input, or too large for the stream. */
  readonly rejected: number;
  /** Read, never given up on, not yet sent when the run was stopped. While it runs: not yet sent. */
  readonly unsent: number;
  /** Of those sent, how many may stand in the stream twice: an earlier attempt was never answered. */
  readonly maybeDuplicated: number;
  /** Of those failed or unsent, how many the stream may hold all the same: their last answer was lost. */
  readonly inDoubt: number;
}

export interface ShardReport {
  readonly id: string;
  readonly sent: number;
  readonly bytes: number;
  readonly throttled: number;
}

/** A key whose records were refused. */
export interface HotKey {
  readonly key: string;
  /** Whether it is an explicit hash key, and not a partition key. */
  readonly isHashKey: boolean;
  readonly shard: string;
  /** How often, at least. */
  readonly refused: number;
}

/** What a schedule asks the target to take. */
export interface Asked {
  readonly recordsPerSecond: number;
  /** Whether that is the busiest second of a recording, and not its constant rate. */
  readonly isPeak: boolean;
}

/** Whether the stream's shards are enough for the rate, by what a shard takes (1,000 records/s, 1 MiB/s). */
export interface CapacityReport extends Asked {
  readonly shards: number;
  /** Which of a shard's limits is met first. */
  readonly limit: 'records' | 'bytes';
  /** What a record holds on average, data and key. */
  readonly recordBytes: number;
  /** Whether the stream takes what is asked for. */
  readonly enough: boolean;
  readonly shardsNeeded: number;
  /** With 20 % more room than that. */
  readonly shardsToSpare: number;
  /** The shard that is over its limit because keys are spread unevenly, and its share of all records; null: none is. */
  readonly hottest: { readonly shard: string; readonly share: number } | null;
  /** The key that fills this shard, and how many shards its records alone would fill; null: no single key does. */
  readonly hotKey: { readonly key: string; readonly isHashKey: boolean; readonly load: number } | null;
}

export interface WorkerReport {
  readonly id: number;
  readonly sent: number;
  readonly bytes: number;
}

/** One second of the run. */
export interface IntervalReport {
  /** Seconds from the start of the run to the start of the interval. */
  readonly t: number;
  /** Records handed to the socket for the first time. */
  readonly offered: number;
  readonly sent: number;
  readonly failed: number;
  readonly throttled: number;
  readonly retried: number;
  /** Latency from intended, in milliseconds, of the records acknowledged in this interval. */
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

export interface TargetReport {
  /** The name of the kind of target, as `--target` takes it. */
  readonly kind: string;
  /** Kafka: the topic. */
  readonly stream: string | null;
  /** Kafka: the brokers that were named. */
  readonly endpoint: string | null;
  readonly region: string | null;
  /** Open shards at the start of the run, or the partitions of the topic. */
  readonly shards: number;
  /** Whether the service's limits per shard are in force. */
  readonly limits: boolean;
}

/** What was found out of order in a recording that is sent at its recorded moments. */
export interface RecordedOrder {
  /** Records older than one before them, or newer than records that follow. */
  readonly outOfOrder: number;
  /** The farthest that one lies from its neighbors, in milliseconds of recorded time. */
  readonly outOfOrderMaxMs: number;
  /** Where the recording goes back and stays there, or jumps ahead farther than anybody would wait. */
  readonly clockJumps: number;
  readonly clockJumpMaxMs: number;
}

/**
 * How a file was read. Data, time and key name a column (`column 'id'`), a JSON path (`.id`), or what else they are.
 */
export interface FileReading {
  readonly file: string;
  readonly format: 'csv' | 'ndjson' | 'json' | 'lines' | 'kload';
  /** null for what is no CSV, as is the next. */
  readonly header: boolean | null;
  readonly delimiter: string | null;
  readonly data: string;
  /** null: the records have none. */
  readonly time: string | null;
  /** null: the records have none of their own. */
  readonly key: string | null;
  /** Rows left out because they repeat the header. */
  readonly repeatedHeaders: number;
  /** Columns that are not sent, of a file that only looks like CSV: neither its name nor an option says so. */
  readonly notSent?: readonly string[];
}

/** What was found in the input. With a loop: in its first round. */
export interface InputReport extends RecordedOrder {
  /** In the order in which they were read; empty for generated records. */
  readonly files: readonly FileReading[];
  /** Records that were left out because their times lie outside the part that was asked for. */
  readonly outside: number;
  /** Whether the data was taken for recorded calls to Kinesis, and the records in them were read. */
  readonly unwrapped: boolean;
  /** Records that came too late to be put in order within the reorder window. */
  readonly late: number;
  /** Records that left the window before its time was over, because no more could be held. */
  readonly early: number;
  /** Records whose key was null, and that were sent to Kinesis with a random one. */
  readonly nullKeys: number;
}

export const NOTHING_FOUND: InputReport = {
  files: [],
  outside: 0,
  unwrapped: false,
  late: 0,
  early: 0,
  nullKeys: 0,
  outOfOrder: 0,
  outOfOrderMaxMs: 0,
  clockJumps: 0,
  clockJumpMaxMs: 0,
};

/** What a run with a checkpoint file leaves behind. */
export interface CheckpointReport {
  readonly file: string;
  /** Nothing is left: all of the input, or as many records as were asked for, were sent, given up or rejected. */
  readonly finished: boolean;
}

/** The legs of a run before this one, which resumed it. */
export interface ResumedReport {
  /** How many there were. */
  readonly legs: number;
  /** Records that were settled then, and that this leg passed over. */
  readonly skipped: number;
  /**
   * How many records may stand in the stream more than once, at most, because legs ended before they could note them as
   * sent: all interruptions together.
   */
  readonly mayBeDoubled: number;
  /** What became of the settled ones. `read` of a ledger is their sum: what was left open is read by this leg. */
  readonly earlier: Pick<Ledger, 'sent' | 'failed' | 'rejected' | 'maybeDuplicated' | 'inDoubt'>;
}

/** How a run ended. */
export interface Outcome {
  readonly exitCode: number;
  /** What ended the run early, in one line; null for a run that came to its end. */
  readonly reason: string | null;
  readonly hint: string | null;
}

/** The result of a run: one plain object, written as it is by `--report FILE.json`. Milliseconds unless the name says otherwise. */
export interface Report {
  readonly schema: 'kload.report/1';
  readonly startedAt: string;
  /** From the start to the end of the run. */
  readonly durationMs: number;
  /** Of it, how long the run was paused. */
  readonly pausedMs: number;
  readonly outcome: Outcome;
  readonly config: Readonly<Record<string, unknown>>;
  readonly target: TargetReport;
  readonly records: Ledger;
  readonly input: InputReport;
  /** null for a run without a checkpoint file. */
  readonly checkpoint: CheckpointReport | null;
  /** null for a run that began at the beginning. */
  readonly resumed: ResumedReport | null;
  readonly bytes: { readonly sent: number };
  /**
   * target: the mean rate asked for, null where there is no constant rate. achieved: sent over the time from the start to
   * the last answer, without pauses, and at least over the schedule's length.
   */
  readonly rps: { readonly target: number | null; readonly achieved: number };
  readonly requests: { readonly ok: number; readonly failed: number; readonly retried: number };
  readonly latencyMs: { readonly fromIntended: Percentiles; readonly service: Percentiles };
  readonly scheduleLagMs: Percentiles;
  /** Latency from intended. */
  readonly histogram: readonly HistogramBar[];
  readonly throttled: { readonly records: number; readonly byShard: Readonly<Record<string, number>> };
  /** null where the target's shards have no limits, or the run was to send as fast as possible. */
  readonly capacity: CapacityReport | null;
  readonly errors: Readonly<Record<string, number>>;
  /** The first records that could not be used, at most ten. */
  readonly rejectedFirst: readonly { readonly at: string; readonly reason: string }[];
  readonly shards: readonly ShardReport[];
  readonly workers: readonly WorkerReport[];
  readonly intervals: readonly IntervalReport[];
}
