import type { CapacityReport, HistogramBar, Ledger, Percentiles, TargetReport, ThresholdReport } from './report.js';

/** The dashboard shows the latencies of this many seconds, unless it is asked for those of the whole run. */
export const RECENT_SECONDS = 10;
export const HEAT_SHARDS_MAX = 64;

export type RunPhase = 'starting' | 'waiting' | 'running' | 'paused' | 'draining' | 'done';

/** One shard as the dashboard shows it, with rates over the last second. */
export interface LiveShard {
  readonly id: string;
  readonly recordsPerSecond: number;
  readonly bytesPerSecond: number;
  readonly throttledPerSecond: number;
  /**
   * The used share of its record limit or its byte limit, whichever is larger; 1 is full. Uses the service's limits
   * even if they are not enforced. For a partition, which has no limits: its records relative to those of the busiest
   * partition.
   */
  readonly load: number;
  readonly throttledTotal: number;
}

export interface LiveWorker {
  readonly id: number;
  readonly sent: number;
  readonly recordsPerSecond: number;
  readonly bytesPerSecond: number;
  readonly held: number;
  readonly requestsInFlight: number;
  readonly slowedShards: number;
  /** Latency from intended over the last seconds (`LiveView.latency.recent`), in milliseconds; 0 without a record. */
  readonly p50: number;
  readonly p99: number;
}

/** How full a shard was, second by second. */
export interface ShardHeat {
  readonly id: string;
  /** Its load (see `LiveShard`) in the seconds of `LiveView.seconds`, in percent, at most 255. */
  readonly loads: Uint8Array;
}

export interface LiveSecond {
  /** Seconds from the start of the run. */
  readonly t: number;
  /** The constant rate in that second; undefined for other schedules. */
  readonly target: number | undefined;
  readonly offered: number;
  readonly sent: number;
  readonly throttled: number;
  readonly failed: number;
  /** Latency from intended, in milliseconds; 0 if no record was acknowledged. */
  readonly p50: number;
  readonly p99: number;
}

/** The latencies of the records that were acknowledged in a part of the run. */
export interface LiveLatency {
  readonly fromIntended: Percentiles;
  readonly service: Percentiles;
  /** From intended. */
  readonly histogram: readonly HistogramBar[];
}

/** Where a replay is in its recording, for `--respect-timing`. */
export interface LiveRecording {
  /** The recording's own time, in epoch milliseconds. */
  readonly atMs: number;
  /** In how many milliseconds the next record is due; 0 if it is due already. */
  readonly nextDueInMs: number;
}

/** The progress of a run towards a known end: done of total, in `unit`. */
export interface LiveProgress {
  readonly done: number;
  readonly total: number;
  readonly unit: 'records' | 'bytes' | 'ms';
  readonly etaMs: number | undefined;
}

/** One of several loads of a run. Rates are those of the last complete second. */
export interface LiveLoad {
  readonly name: string;
  readonly stream: string | null;
  readonly phase: RunPhase;
  /** As in `LiveView`. */
  readonly schedule: string;
  /** Records that were due; undefined: the load has no rate. */
  readonly target: number | undefined;
  readonly sent: number;
  readonly throttled: number;
  /** Over the whole run. */
  readonly failed: number;
  /** Latency from intended of the last `RECENT_SECONDS`, in milliseconds. */
  readonly p99: number;
  /** Schedule lag of the whole run, in milliseconds. */
  readonly lagP99: number;
}

/** A run at one moment, as the dashboard and the progress line show it. A new one is made for each frame. */
export interface LiveView {
  readonly phase: RunPhase;
  readonly elapsedMs: number;
  readonly target: TargetReport;
  readonly records: Ledger;
  readonly bytesSent: number;
  /** The current rate, which `+` and `-` change; undefined for schedules without one. */
  readonly rpsTarget: number | undefined;
  /** '5,000 records/s', 'stages, 950 records/s', 'as recorded, 2x', 'as fast as possible': for a title. */
  readonly schedule: string;
  /**
   * What is sent: a file's name, 'standard input' or 'generated records'; 'unwrapped calls.csv' for the records inside
   * recorded calls.
   */
  readonly input: string;
  /** The last complete seconds, at most sixty, oldest first. */
  readonly seconds: readonly LiveSecond[];
  readonly progress: LiveProgress | undefined;
  /** Undefined unless the run follows recorded moments, and until its first record. */
  readonly recording: LiveRecording | undefined;
  readonly latency: {
    /** The last `RECENT_SECONDS` complete seconds. */
    readonly recent: LiveLatency;
    readonly run: LiveLatency;
  };
  readonly scheduleLag: Percentiles;
  readonly requests: { readonly ok: number; readonly failed: number; readonly retried: number };
  readonly recordsRetried: number;
  readonly throttled: number;
  readonly errors: Readonly<Record<string, number>>;
  /** Whether the shards are enough for the rate; null if they have no limits, or if the run has no rate. */
  readonly capacity: CapacityReport | null;
  /** All shards of the stream, in the stream's order. */
  readonly shards: readonly LiveShard[];
  /** The last seconds of all shards in the stream's order, or of the hottest `HEAT_SHARDS_MAX` if there are more. */
  readonly heat: readonly ShardHeat[];
  readonly workers: readonly LiveWorker[];
  /** Empty: the run has no thresholds. */
  readonly thresholds: readonly ThresholdReport[];
  /** Left out: the run is a single load. */
  readonly loads?: readonly LiveLoad[];
  /** A line to show until it changes: 'draining: 1,200 records to go'. */
  readonly notice: string | undefined;
}

/** What the dashboard's keys do. */
export interface RunControls {
  /** The first call stops reading and drains, the second stops at once. */
  stop(): void;
  togglePause(): void;
  /** Multiplies the target rate, if there is one. */
  scaleRate(factor: number): void;
}
