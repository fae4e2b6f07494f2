import type { HostReport, TargetReport, ThresholdReport } from './report.js';
import type { RunConfig } from './run-config.js';

/**
 * Why a rate is tried: to climb from the start until one breaks, to descend if the start breaks, to narrow the range
 * between a rate that held and one that broke, or to confirm the result for longer.
 */
export type Purpose = 'climb' | 'descend' | 'narrow' | 'confirm';

/** A bound that a rate broke. */
export interface Breach {
  /** As it was given; 'behind' if the run could not send its records in time, and no bound says so. */
  readonly slo: string;
  readonly got: string;
  /** The shard that broke it, or was throttled most; null: none. */
  readonly shard: string | null;
}

/** A rate that was tried, and how it went. */
export interface TrialReport {
  readonly rps: number;
  readonly purpose: Purpose;
  readonly held: boolean;
  /** null: it held. */
  readonly broke: Breach | null;
  /** Without the end of a trial that broke early. */
  readonly durationMs: number;
  readonly achieved: number;
  /** Latency from intended, in milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly throttled: number;
  readonly failed: number;
  readonly slos: readonly ThresholdReport[];
}

/** The result of `kload find-max`. */
export interface FindMaxReport {
  readonly schema: 'kload.find-max/1';
  /** RFC 3339. */
  readonly startedAt: string;
  readonly durationMs: number;
  readonly host: HostReport;
  /** Of the first trial. The others differ in their rate and duration. */
  readonly config: RunConfig;
  readonly target: TargetReport;
  readonly slos: readonly string[];
  readonly search: {
    readonly start: number;
    readonly step: number;
    readonly dwellMs: number;
    readonly confirmMs: number;
  };
  readonly trials: readonly TrialReport[];
  /** The highest rate that held, in records a second; null: none did. */
  readonly maxRps: number | null;
  /** Whether it held for the time of `--confirm` as well. */
  readonly confirmed: boolean;
  /** What broke at the lowest rate that broke; null: nothing did. */
  readonly limit: (Breach & { readonly rps: number }) | null;
  /** For a target whose shards have limits, if shards were the limit; null otherwise. */
  readonly shards: {
    readonly maxRpsPerShard: number;
    /** How many shards `--wanted` needs; null: it was not given. */
    readonly wanted: { readonly rps: number; readonly shards: number } | null;
  } | null;
}
