import type { RunPhase } from '../../core/live.js';
import type { TargetReport, ThresholdReport } from '../../core/report.js';
import type { Totals } from '../../measure/totals.js';

/** A run as it is now. Live metrics are read from this; nothing is counted a second time. */
export interface RunFigures {
  readonly phase: RunPhase;
  readonly startedAt: Date;
  /** Since the first record was due; after the end, the length of the run. */
  readonly elapsedMs: number;
  readonly target: TargetReport;
  /** The shards that were open at the start of the run, in the target's order. */
  readonly shardIds: readonly string[];
  /** The constant rate that is asked for now: 0 while the run is paused, and when it has ended. */
  readonly rps: number | undefined;
  readonly read: number;
  readonly rejected: number;
  readonly behindMs: number;
  readonly requestsInFlight: number;
  readonly thresholds: readonly ThresholdReport[];
  readonly totals: Totals;
}
