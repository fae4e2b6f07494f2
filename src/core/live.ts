import type { CapacityReport, HistogramBar, Ledger, Percentiles, TargetReport } from './report.js';

export type RunPhase = 'starting' | 'waiting' | 'running' | 'paused' | 'draining' | 'done';

/** One shard as the dashboard shows it: rates over the last second. */
export interface LiveShard {
  readonly id: string;
  readonly recordsPerSecond: number;
  readonly bytesPerSecond: number;
  readonly throttledPerSecond: number;
  /**
   * The larger of the shares of its record limit and its byte limit; 1 is full. Against the service's limits also where they
   * are not in force. A partition has none: its records against those of the busiest one.
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
}

export interface LiveSecond {
  readonly offered: number;
  readonly sent: number;
  readonly throttled: number;
  readonly failed: number;
  /** Latency from intended, ms; 0 where nothing was acknowledged. */
  readonly p50: number;
  readonly p99: number;
}

/** How far the run has come towards an end that is known: done of total, in `unit`. */
export interface LiveProgress {
  readonly done: number;
  readonly total: number;
  readonly unit: 'records' | 'bytes' | 'ms';
  readonly etaMs: number | undefined;
}

/** A run as it stands: what the dashboard and the progress line render, made anew for each frame. */
export interface LiveView {
  readonly phase: RunPhase;
  readonly elapsedMs: number;
  readonly target: TargetReport;
  readonly records: Ledger;
  readonly bytesSent: number;
  /** What `+` and `-` change; undefined where the schedule is no constant rate. */
  readonly rpsTarget: number | undefined;
  /** '5,000 records/s', 'as recorded, 2x', 'as fast as possible': for a title. */
  readonly schedule: string;
  /** What is being sent: a file's name, 'standard input', 'generated records'; 'unwrapped calls.csv' is the records in recorded calls. */
  readonly input: string;
  /** Complete seconds, oldest first, at most the last sixty. */
  readonly seconds: readonly LiveSecond[];
  readonly progress: LiveProgress | undefined;
  readonly fromIntended: Percentiles;
  readonly service: Percentiles;
  readonly scheduleLag: Percentiles;
  readonly histogram: readonly HistogramBar[];
  readonly requests: { readonly ok: number; readonly failed: number; readonly retried: number };
  readonly recordsRetried: number;
  readonly throttled: number;
  readonly errors: Readonly<Record<string, number>>;
  /** Whether the shards are enough; null where they have no limits, or no rate is asked for. */
  readonly capacity: CapacityReport | null;
  /** All shards of the stream, in the stream's order. */
  readonly shards: readonly LiveShard[];
  readonly workers: readonly LiveWorker[];
  /** A line to show until it changes: 'draining: 1,200 records to go'. */
  readonly notice: string | undefined;
}

/** What the dashboard's keys do to the run. */
export interface RunControls {
  /** The first call stops reading and drains, the second stops at once. */
  stop(): void;
  togglePause(): void;
  /** Multiplies the target rate; nothing happens where there is none. */
  scaleRate(factor: number): void;
}
