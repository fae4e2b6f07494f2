import type { FormatName } from './format-names.js';
import type { RunConfig } from './run-config.js';

/** The percentiles of a distribution, in milliseconds. All are zero when nothing was recorded. */
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

/** One bar of a histogram: the number of values in [fromMs, toMs). */
export interface HistogramBar {
  readonly fromMs: number;
  readonly toMs: number;
  readonly count: number;
}

/** read = sent + failed + rejected + unsent, always. */
export interface Ledger {
  /** Records taken from the input. */
  readonly read: number;
  /** Records that the target acknowledged. */
  readonly sent: number;
  /** Records given up after retries. */
  readonly failed: number;
  /** Records that were unusable, or too large for the stream. */
  readonly rejected: number;
  /** Records read but neither sent nor given up when the run ended. */
  readonly unsent: number;
  /** Sent records that may be in the stream twice: the response to an earlier attempt was lost or unclear. */
  readonly maybeDuplicated: number;
  /** Failed or unsent records that the stream may hold: the response to an attempt was lost or unclear. */
  readonly inDoubt: number;
}

/** What one shard took; for Kafka, one partition. */
export interface ShardReport {
  readonly id: string;
  readonly sent: number;
  readonly bytes: number;
  /** How often the shard refused a record because it was over its limit. */
  readonly throttled: number;
}

/** A key whose records were refused. */
export interface HotKey {
  readonly key: string;
  /** Whether this is an explicit hash key rather than a partition key. */
  readonly isHashKey: boolean;
  readonly shard: string;
  /** A lower bound. */
  readonly refused: number;
}

/** The rate that a schedule asks the target to take. */
export interface Asked {
  readonly recordsPerSecond: number;
  /** Whether this is the busiest second of a recording or of a changing rate, rather than a constant rate. */
  readonly isPeak: boolean;
}

/** Whether the stream has enough shards for the rate, if a shard takes 1,000 records/s and 1 MiB/s. */
export interface CapacityReport extends Asked {
  readonly shards: number;
  /** Which limit of a shard is reached first. */
  readonly limit: 'records' | 'bytes';
  /** The mean size of a record, data and key. */
  readonly recordBytes: number;
  /** Whether the stream can take the rate. */
  readonly enough: boolean;
  readonly shardsNeeded: number;
  /** Shards needed for 20 % more than the rate. */
  readonly shardsToSpare: number;
  /**
   * The shard that exceeds its limit because keys are unevenly spread, and its share of all records; null: none does.
   */
  readonly hottest: { readonly shard: string; readonly share: number } | null;
  /** The key that fills this shard, and how many shards its records would fill; null: no single key fills it. */
  readonly hotKey: { readonly key: string; readonly isHashKey: boolean; readonly load: number } | null;
}

/** What one sending thread sent. */
export interface WorkerReport {
  readonly id: number;
  readonly sent: number;
  readonly bytes: number;
}

/** What happened in one second of the run. */
export interface IntervalFigures {
  /** Seconds from the start of the run to the start of the interval. */
  readonly t: number;
  /** Records written to a socket for the first time. */
  readonly offered: number;
  readonly sent: number;
  readonly failed: number;
  /** Records refused because their shard was over its limit. */
  readonly throttled: number;
  /** Records written to a socket again. */
  readonly retried: number;
  /** Latency from intended, in milliseconds, of the records acknowledged in this interval. */
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
  /** Schedule lag of the records that were written to a socket for the first time in this interval. */
  readonly scheduleLagMs: { readonly p50: number; readonly p99: number; readonly max: number };
}

/** One second of the run. Seconds in which nothing happened are left out. */
export interface IntervalReport extends IntervalFigures {
  /** Records that were due in this interval; null: the run had no rate. */
  readonly target: number | null;
  /**
   * The distribution that the percentiles are of. null: no record was acknowledged in this interval, or the histograms
   * of earlier intervals fill 64 MiB.
   */
  readonly hdrHistogram: HdrHistogram | null;
}

/** What one shard took over time: a number for each step of `ShardsOverTime`. */
export interface ShardSteps {
  readonly id: string;
  /** Records sent. */
  readonly sent: readonly number[];
  /** How often the shard refused a record because it was over its limit; null: it never did. */
  readonly throttled: readonly number[] | null;
}

/** What the shards took over time, in steps from the start of the run. */
export interface ShardsOverTime {
  /** The length of a step: 1, or more for a run of more than 68 minutes, or with more than 128 shards. */
  readonly stepSeconds: number;
  /** The shards with the most records sent and throttled, hottest first; at most 64. */
  readonly shards: readonly ShardSteps[];
  /** All other shards together, and how many they are; null: there are none. */
  readonly others: (Omit<ShardSteps, 'id'> & { readonly count: number }) | null;
}

/** A distribution of times in whole microseconds: HdrHistogram's encoding V2, deflated, in base64. */
export type HdrHistogram = string;

/** Where the records were sent. */
export interface TargetReport {
  /** The name of the kind of target, as `--target` takes it. */
  readonly kind: string;
  /** The stream's name; for Kafka, the topic. */
  readonly stream: string | null;
  /** For Kafka, the brokers that were named. */
  readonly endpoint: string | null;
  readonly region: string | null;
  /** Shards that were open at the start of the run; for Kafka, the topic's partitions. */
  readonly shards: number;
  /** Whether each shard keeps the service's limits. */
  readonly limits: boolean;
}

/** What was out of order in a recording that was sent at its recorded moments. */
export interface RecordedOrder {
  /** Records older than a record before them, or newer than records that follow. */
  readonly outOfOrder: number;
  /** How far a record was from its neighbors at most, in milliseconds of recorded time. */
  readonly outOfOrderMaxMs: number;
  /** How often the recorded time went back and stayed there, or jumped ahead too far to wait for. */
  readonly clockJumps: number;
  /** The longest jump, in milliseconds of recorded time. */
  readonly clockJumpMaxMs: number;
}

/** How a file was read. Data, time and key are a column (`column 'id'`), a JSON path (`.id`), or described in words. */
export interface FileReading {
  readonly file: string;
  readonly format: FormatName;
  /** CSV: whether the first row names the columns; null for other formats. */
  readonly header: boolean | null;
  /** CSV: the character between fields; null for other formats. */
  readonly delimiter: string | null;
  readonly data: string;
  /** null: the records have no time. */
  readonly time: string | null;
  /** null: the records have no key of their own. */
  readonly key: string | null;
  /** Rows left out because they repeat the header. */
  readonly repeatedHeaders: number;
  /** Columns that are not sent, if the file only looks like CSV: neither its name nor an option says that it is CSV. */
  readonly notSent?: readonly string[];
}

/** How a file was read, and what was found in it. */
export interface FileReport extends FileReading {
  /** RFC 3339: the earliest time of the records read, even outside `--from` and `--to`; null: none had a time. */
  readonly firstTimestamp: string | null;
  /** The latest. */
  readonly lastTimestamp: string | null;
}

/** What was found in the input; with `--loop`, in its first round. */
export interface InputReport extends RecordedOrder {
  /** In the order in which they were read; empty for generated records. */
  readonly files: readonly FileReport[];
  /** Records left out because their times lie outside `--from` and `--to`. */
  readonly outside: number;
  /** Whether the data was recorded calls to Kinesis, and the records inside them were read. */
  readonly unwrapped: boolean;
  /** Records that came too late to be put in order within `--reorder-window`. */
  readonly late: number;
  /** Records that left the reorder window early, because it was full. */
  readonly early: number;
  /** Records whose key was null: Kinesis got them with a random one. */
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

/** The checkpoint file at the end of the run. */
export interface CheckpointReport {
  readonly file: string;
  /** Whether nothing is left to do: all of the input, or `--count` records, were sent, given up or rejected. */
  readonly finished: boolean;
}

/** The legs of the run before this one, which resumed it. */
export interface ResumedReport {
  /** The number of earlier legs. */
  readonly legs: number;
  /** Records that the earlier legs settled, and that this one passed over. */
  readonly skipped: number;
  /**
   * Records that may be in the stream more than once, at most, because legs ended before they could note them as sent:
   * the sum over all interruptions.
   */
  readonly maybeDuplicated: number;
  /** What became of the settled records. They were read by earlier legs, and are not in this leg's ledger. */
  readonly earlier: Pick<Ledger, 'sent' | 'failed' | 'rejected' | 'maybeDuplicated' | 'inDoubt'>;
}

/** How a run ended. */
export interface Outcome {
  /** As docs/reference/exit-codes.md lists them. */
  readonly exitCode: number;
  /** What ended the run early, in one line; null for a run that reached its end. */
  readonly reason: string | null;
  readonly hint: string | null;
}

/** Where live metrics went. */
export interface MetricsReport {
  /** Where Prometheus could read them; null: nowhere. */
  readonly listen: string | null;
  /** null: they were sent to no collector. */
  readonly otlp: OtlpReport | null;
}

/** How exports of metrics to a collector went. */
export interface OtlpReport {
  readonly endpoint: string;
  /** Exports that the collector took. */
  readonly taken: number;
  readonly failed: number;
  /** What was wrong with the first that failed; null: none did. */
  readonly firstError: string | null;
}

/** One `--threshold`, and how it went. */
export interface ThresholdReport {
  /** As it was given. */
  readonly threshold: string;
  /** Whether it held. A threshold without samples does not. */
  readonly ok: boolean;
  /** Milliseconds, a part of 1, or a number: of the worst window, or of the whole run; null: there were no samples. */
  readonly value: number | null;
  /** The value for people: '61.2 ms', '3.4 %', 'no samples'. */
  readonly got: string;
  /** The shard that had this value, for a threshold on shards. */
  readonly shard: string | null;
  /** If it was crossed: the second in which the part of the run began that crossed it. */
  readonly since: number | null;
}

/** What the run ran on. */
export interface HostReport {
  /** kload's version. */
  readonly kload: string;
  /** Node.js's version. */
  readonly node: string;
  /** Operating system and processor architecture, such as 'linux x64'. */
  readonly platform: string;
  /** Processors that the process may use. */
  readonly processors: number;
}

/** The part of a run that one machine did. Its options, schedule and input are those of the whole run. */
export interface PartReport {
  /** From 1. */
  readonly number: number;
  readonly of: number;
  /** What decides which records a part sends: their keys, their files, or where they are in a file. */
  readonly by: 'key' | 'file' | 'range';
  /** 16 hex digits, the same for all parts of a run: of a SHA-256 over everything that they share. */
  readonly runId: string;
  /** How far this machine's clock is ahead of the target's, in milliseconds; null: the target does not tell. */
  readonly clock: { readonly offsetMs: number; readonly uncertaintyMs: number } | null;
}

/** What one part did, in the report that the parts were merged into. */
export interface MergedPart extends Pick<PartReport, 'number' | 'clock'> {
  /** When it began after the first part. The clock's offset counts if it is larger than its uncertainty. */
  readonly beganMs: number;
  readonly durationMs: number;
  readonly outcome: Outcome;
  readonly host: HostReport;
  readonly records: Ledger;
  readonly rps: RateReport;
  /** Latency from intended. */
  readonly latencyMs: Percentiles;
  readonly scheduleLagMs: Percentiles;
  readonly throttled: ThrottledReport;
  /** Its dead-letter file; null: it had none. */
  readonly deadLetter: string | null;
}

/** The parts that a report was merged from. */
export interface MergedReport extends Omit<PartReport, 'number' | 'clock'> {
  /** Numbers of parts without a report; all figures leave them out. */
  readonly missing: readonly number[];
  /** In the order of their numbers. */
  readonly parts: readonly MergedPart[];
}

/**
 * The result of a run: one plain object, which `--report FILE.json` writes as it is. Times are in milliseconds unless
 * the name says otherwise.
 */
export interface Report {
  readonly schema: 'kload.report/2';
  /** RFC 3339. */
  readonly startedAt: string;
  /** From the start to the end of the run. */
  readonly durationMs: number;
  /** How long the run was paused. */
  readonly pausedMs: number;
  readonly outcome: Outcome;
  /** In the order in which they were given. */
  readonly thresholds: readonly ThresholdReport[];
  readonly host: HostReport;
  readonly config: RunConfig;
  readonly target: TargetReport;
  readonly records: Ledger;
  readonly input: InputReport;
  /** null: the run had no checkpoint file. */
  readonly checkpoint: CheckpointReport | null;
  /** null: the run began at the beginning. */
  readonly resumed: ResumedReport | null;
  /** Left out: the run was not split. */
  readonly part?: PartReport;
  /** Left out: this is the report of one process. */
  readonly merged?: MergedReport;
  /** Data and keys. */
  readonly bytes: { readonly sent: number };
  readonly rps: RateReport;
  readonly requests: RequestReport;
  readonly latencyMs: { readonly fromIntended: Percentiles; readonly service: Percentiles };
  readonly scheduleLagMs: Percentiles;
  /** Latency from intended. */
  readonly histogram: readonly HistogramBar[];
  /** The distributions that the percentiles of the whole run are of. */
  readonly hdrHistograms: Readonly<Record<'fromIntended' | 'service' | 'scheduleLag', HdrHistogram>>;
  readonly throttled: ThrottledReport;
  /** null: the target's shards have no limits, the run had no rate, or the stream was resharded during the run. */
  readonly capacity: CapacityReport | null;
  /** Failed attempts by error code. */
  readonly errors: Readonly<Record<string, number>>;
  /** The first records that were rejected, at most ten. */
  readonly rejectedFirst: readonly RejectedRecord[];
  readonly shards: readonly ShardReport[];
  /** null: there are fewer than two shards. */
  readonly shardsOverTime: ShardsOverTime | null;
  readonly workers: readonly WorkerReport[];
  /** null: the run had no live metrics. */
  readonly metrics: MetricsReport | null;
  /** One for each second in which something happened. */
  readonly intervals: readonly IntervalReport[];
  /**
   * The loads of a run that has several, in the order in which they were given. All other figures are then those of all
   * loads together. Left out: the run was a single load.
   */
  readonly loads?: readonly LoadReport[];
}

/** One of several loads of a run, with a whole report of its own. */
export interface LoadReport extends Omit<Report, 'loads'> {
  readonly name: string;
}

/** How often a record was refused because its shard was over its limit. */
export interface ThrottledReport {
  readonly records: number;
  readonly byShard: Readonly<Record<string, number>>;
}

export interface RateReport {
  /** The mean rate asked for; null: the run had none (as fast as possible, or as recorded). */
  readonly target: number | null;
  /**
   * Records sent over the time from the start to the last response, without pauses. This time is at least the length of
   * the schedule.
   */
  readonly achieved: number;
}

export interface RequestReport {
  /** Requests that got a response with a result for each record, even if some records were refused. */
  readonly ok: number;
  /** Requests that were refused as a whole, or got no response. */
  readonly failed: number;
  /** Requests that held at least one record again. */
  readonly retried: number;
}

export interface RejectedRecord {
  /** FILE:LINE */
  readonly at: string;
  readonly reason: string;
}
