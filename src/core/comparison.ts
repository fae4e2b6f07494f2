import type { Report } from './report.js';
import { formatRate } from './units.js';

/** What a comparison says about one metric, or about all. */
export type CompareVerdict = 'better' | 'worse' | 'no difference shown' | 'cannot tell' | 'not comparable';

/**
 * A range that holds the truth in 95 of 100 comparisons. Between two runs, all ranges of a comparison together do;
 * between several runs a side, each of them.
 */
export interface CompareInterval {
  readonly low: number;
  readonly high: number;
}

/** One metric of both sides. Times are milliseconds, shares parts of 1, rates per second. */
export interface ComparedMetric {
  /** As thresholds name it, such as 'latency.p99'. */
  readonly metric: string;
  readonly unit: 'ms' | 'share' | 'perSecond';
  /** With several runs a side, their median; null: the reports do not have it. */
  readonly base: number | null;
  readonly new: number | null;
  /** New over base; null: base is 0, or a side has no value. */
  readonly ratio: number | null;
  /** Of the ratio; for a share, of new minus base. null if it cannot be computed. */
  readonly interval: CompareInterval | null;
  readonly verdict: CompareVerdict;
  /** Why the runs cannot be compared; null if they can. */
  readonly reason: string | null;
}

/** One `--fail-if`, and whether it is crossed. */
export interface CompareGate {
  /** As it was given. */
  readonly failIf: string;
  /** `shown`: the whole interval is beyond the bound. `not shown`: a part of it is. */
  readonly state: 'holds' | 'not shown' | 'shown' | 'cannot tell' | 'not comparable';
  /** Whether the comparison passes: only `holds` and `not shown` do. */
  readonly ok: boolean;
  /** For people: '+12.0 % (+8.1 % to +16.2 %)', or why there is no interval. */
  readonly got: string;
}

/** Something about the runs that is not the same on both sides. */
export interface CompareDifference {
  /** The report's field. */
  readonly field: string;
  readonly base: string;
  readonly new: string;
}

/** A run that was compared. */
export interface ComparedRun extends Pick<Report, 'startedAt' | 'durationMs'> {
  readonly file: string;
  readonly sent: number;
  readonly exitCode: number;
}

/** The result of `kload compare`, which `--out FILE.json` writes as it is. */
export interface Comparison {
  readonly schema: 'kload.comparison/1';
  readonly verdict: CompareVerdict;
  readonly base: readonly ComparedRun[];
  readonly new: readonly ComparedRun[];
  /** Where the intervals come from: the seconds of two runs, or several runs a side. */
  readonly method: CompareMethod;
  /** What makes the sides not comparable. */
  readonly notComparable: readonly CompareDifference[];
  /** What else is set differently, and may be the cause. */
  readonly alsoDiffers: readonly CompareDifference[];
  readonly metrics: readonly ComparedMetric[];
  readonly gates: readonly CompareGate[];
  /** What limits the comparison, in sentences. */
  readonly notes: readonly string[];
}

/** A comparison, and what it is of. */
export interface ComparedReports {
  readonly comparison: Comparison;
  readonly base: readonly Report[];
  readonly new: readonly Report[];
}

export type CompareMethod =
  | {
      readonly kind: 'seconds';
      readonly seed: number;
      readonly resamples: number;
      /** null: no metric has an interval. */
      readonly blockSeconds: number | null;
    }
  | { readonly kind: 'runs' };

/** '+12.0 % (+8.1 % to +16.2 %)'; for shares in percentage points. */
export function changeText(row: ComparedMetric): string {
  const { interval, unit, base, ratio } = row;
  const middle = unit === 'share' ? (base === null || row.new === null ? null : row.new - base) : ratio;
  if (middle === null) return '–';
  return interval === null ? endText(middle, unit) : `${endText(middle, unit)} (${intervalText(row)})`;
}

/** '+8.1 % to +16.2 %'; '–' if there is none. */
export function intervalText({ interval, unit }: ComparedMetric): string {
  return interval === null ? '–' : `${endText(interval.low, unit)} to ${endText(interval.high, unit)}`;
}

/** An end of an interval for people: '+8.1 %', '-0.2 pp', 'x 31'. */
function endText(value: number, unit: ComparedMetric['unit']): string {
  if (unit === 'share') return `${signed(value * 100, 2)} pp`;
  return value >= 10 ? `x ${formatRate(value)}` : `${signed((value - 1) * 100, 1)} %`;
}

function signed(value: number, digits: number): string {
  const text = value.toFixed(digits);
  return Number(text) > 0 ? `+${text}` : text.replace(/^-(0\.0+)$/, '$1');
}
