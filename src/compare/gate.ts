import { type ComparedMetric, type CompareGate, changeText } from '../core/comparison.js';
import type { Metric } from '../threshold/metrics.js';
import { holds, metricOf, partsOf, readValue, type Threshold, ThresholdError } from '../threshold/parse.js';
import { type CompareMetric, compareMetric } from './metrics.js';

/** A change that fails the comparison, such as `latency.p99 > +5%`. */
export interface Gate {
  /** As it was given, with single spaces. */
  readonly text: string;
  readonly metric: CompareMetric;
  readonly operator: Threshold['operator'];
  /** A part of the base, or milliseconds, parts of 1 or a number. */
  readonly bound: number;
  readonly isRelative: boolean;
}

const HELP = "write METRIC OPERATOR CHANGE, such as 'latency.p99 > +5%'";
const CHANGE = /^([+-])(.+)$/;
/** Percentage points: a change of a share by `%` is relative, as for all metrics. */
const POINTS = /pp$/;

/**
 * Reads `METRIC[.STAT] OP CHANGE`: a threshold whose value has a sign.
 *
 * @throws ThresholdError
 */
export function parseGate(given: string): Gate {
  const { text, name, operator, value, rest } = partsOf(given, `is not a change: ${HELP}`);
  const metric = compareMetric(name, text);
  const { metric: kind } = metricOf(name, text);
  if (rest !== '')
    throw new ThresholdError(`'${text}': '${rest.trim()}' is for thresholds: a comparison is of whole runs`);
  if (operator === '==' || operator === '!=') throw new ThresholdError(`'${text}': take <, <=, > or >=`);
  const [, sign, size = ''] = CHANGE.exec(value) ?? [];
  if (sign === undefined) {
    throw new ThresholdError(`'${text}': a change has a sign, such as +5%; for a bound, see kload run --threshold`);
  }
  const isRelative = size.endsWith('%');
  const amount = isRelative ? percentOf(size) : absoluteOf(kind, size);
  if (amount === undefined) {
    const own = { ms: '+20ms', share: '+1pp (percentage points)', perSecond: '-100/s' }[metric.unit];
    throw new ThresholdError(`'${text}': ${name} takes a change such as +5% or ${own}, not '${value}'`);
  }
  const bound = sign === '-' ? -amount : amount;
  return { text, metric, operator, bound, isRelative };
}

/** As shares are written in thresholds. */
function percentOf(size: string): number | undefined {
  return readValue({ quantity: 'share' }, size);
}

function absoluteOf(kind: Metric, size: string): number | undefined {
  if (kind.quantity !== 'share') return readValue(kind, size);
  return POINTS.test(size) ? percentOf(size.replace(POINTS, '%')) : undefined;
}

/** Whether the change of a metric crosses a gate. */
export function judge({ text, metric, operator, bound, isRelative }: Gate, row: ComparedMetric): CompareGate {
  const { interval, base, reason } = row;
  const stuck = (state: 'cannot tell' | 'not comparable'): CompareGate => ({
    ...{ failIf: text, state, ok: false },
    got: reason ?? 'a side has no value',
  });
  if (row.verdict === 'not comparable') return stuck('not comparable');
  if (interval === null || base === null) return stuck('cannot tell');
  // All as differences in the metric's unit.
  const scaled = (end: number): number => (metric.unit === 'share' ? end : (end - 1) * base);
  const ends = [scaled(interval.low), scaled(interval.high)];
  const crossed = ends.filter((end) => holds({ operator, bound: isRelative ? bound * base : bound }, end)).length;
  const state = crossed === 2 ? 'shown' : crossed === 1 ? 'not shown' : 'holds';
  return { failIf: text, state, ok: state !== 'shown', got: changeText(row) };
}
