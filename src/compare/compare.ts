import type {
  CompareDifference,
  ComparedMetric,
  ComparedRun,
  CompareInterval,
  CompareMethod,
  CompareVerdict,
  Comparison,
} from '../core/comparison.js';
import { KloadError, messageOf } from '../core/errors.js';
import type { Report } from '../core/report.js';
import { formatCount, formatDuration, formatRate } from '../core/units.js';
import { bootstrap, type Measure, type Sides } from './bootstrap.js';
import { isRateOff, loadDifferences, otherDifferences } from './differences.js';
import { type Gate, judge } from './gate.js';
import { type CompareMetric, compareMetric, defaultMetrics } from './metrics.js';
import { type RunSeconds, secondsOf, stepSecondsFor } from './seconds.js';
import { areEnough, medianOf, shiftBetween } from './u-test.js';

const RESAMPLES = 1000;

/** A report, and the file that it is from. */
export interface NamedReport {
  readonly file: string;
  readonly report: Report;
}

export interface CompareOptions {
  readonly seed: number;
  /** Left out: 1,000. */
  readonly resamples?: number;
  readonly gates: readonly Gate[];
  /** Fields of the load that may differ. */
  readonly ignored: readonly string[];
}

/** A report with its seconds. */
export interface ComparableRun extends NamedReport {
  readonly seconds: RunSeconds;
}

/**
 * Compares the runs of two sides.
 *
 * @throws KloadError `input` for a histogram that cannot be read
 */
export function compareReports(reports: Sides<readonly NamedReport[]>, options: CompareOptions): Comparison {
  const longest = Math.max(...[...reports.base, ...reports.new].map(({ report }) => report.intervals.length));
  const stepSeconds = stepSecondsFor(longest);
  return compareRuns(
    {
      base: reports.base.map((one) => runOf(one, stepSeconds)),
      new: reports.new.map((one) => runOf(one, stepSeconds)),
    },
    options,
  );
}

export function compareRuns(runs: Sides<readonly ComparableRun[]>, options: CompareOptions): Comparison {
  const metrics = metricsFor(options.gates);
  const differences = differencesOf(runs, options.ignored);
  const values = metrics.map((metric) => ({
    metric,
    base: runs.base.map(({ report, seconds }) => metric.ofReport(report, seconds)),
    new: runs.new.map(({ report, seconds }) => metric.ofReport(report, seconds)),
  }));
  const isPair = runs.base.length === 1 && runs.new.length === 1;
  const found = isPair ? betweenSeconds(runs, values, options) : betweenRuns(values);
  const rows = found.rows.map((row, i) => asComparable(row, metrics[i]!, differences.load, runs));
  const gates = options.gates.map((gate) => judge(gate, rows.find(({ metric }) => metric === gate.metric.name)!));
  return {
    schema: 'kload.comparison/1',
    verdict: verdictOf(rows),
    base: runs.base.map(comparedRun),
    new: runs.new.map(comparedRun),
    method: found.method,
    notComparable: differences.load,
    alsoDiffers: differences.other,
    metrics: rows,
    gates,
    notes: [...found.notes, ...notesOn(runs)],
  };
}

function runOf({ file, report }: NamedReport, stepSeconds: number): ComparableRun {
  try {
    return { file, report, seconds: secondsOf(report.intervals, stepSeconds, report.config.warmUpMs) };
  } catch (error) {
    throw new KloadError('input', `${file}: ${messageOf(error)}`, 'write the report again, or take another one');
  }
}

/** The usual ones, and those that gates are about. */
function metricsFor(gates: readonly Gate[]): CompareMetric[] {
  const metrics = new Map(defaultMetrics().map((metric) => [metric.name, metric]));
  for (const { metric } of gates)
    if (!metrics.has(metric.name)) metrics.set(metric.name, compareMetric(metric.name, ''));
  return [...metrics.values()];
}

function differencesOf(runs: Sides<readonly ComparableRun[]>, ignored: readonly string[]) {
  const [first, ...others] = [...runs.base, ...runs.new];
  const distinct = (of: (other: ComparableRun) => CompareDifference[]): CompareDifference[] => [
    ...new Map(others.flatMap(of).map((one) => [one.field, one])).values(),
  ];
  return {
    load: distinct(({ report }) => loadDifferences(first!.report, report, ignored)),
    other: distinct(({ report }) => otherDifferences(first!.report, report)),
  };
}

interface Values extends Sides<readonly (number | undefined)[]> {
  readonly metric: CompareMetric;
}

interface Found {
  readonly method: CompareMethod;
  readonly rows: readonly ComparedMetric[];
  readonly notes: readonly string[];
}

/** Two runs, by how much their seconds vary. */
function betweenSeconds(
  runs: Sides<readonly ComparableRun[]>,
  values: readonly Values[],
  { seed, resamples = RESAMPLES }: Pick<CompareOptions, 'seed' | 'resamples'>,
): Found {
  const sides = { base: runs.base[0]!.seconds, new: runs.new[0]!.seconds };
  const reasons = values.map(({ metric, base, new: changed }): string | undefined => {
    if (metric.noInterval !== undefined) return metric.noInterval;
    if (base[0] === undefined || changed[0] === undefined) return 'a side sent no records';
    if (metric.unit === 'ms' && (sides.base.withLatency === 0 || sides.new.withLatency === 0)) {
      return 'the histograms of the seconds were left out of a report';
    }
    return metric.tooFew(sides.base) ?? metric.tooFew(sides.new);
  });
  const measured = values.flatMap(({ metric }, i) =>
    reasons[i] === undefined ? [{ i, measure: metric.measure! }] : [],
  );
  const measures: readonly Measure[] = measured.map(({ measure }) => measure);
  const { blockSeconds, neededSeconds, intervals } = bootstrap(sides, measures, { seed, resamples });
  const tooShort = neededSeconds === undefined ? undefined : tooShortText(neededSeconds);
  const rows = values.map((one, i): ComparedMetric => {
    const interval = intervals[measured.findIndex((entry) => entry.i === i)] ?? null;
    return rowOf(one.metric, middlesOf(one), interval, reasons[i] ?? tooShort ?? 'a side has too few records');
  });
  const hasBlocks = intervals.some((interval) => interval !== null);
  const method = { kind: 'seconds', seed, resamples, blockSeconds: hasBlocks ? blockSeconds : null } as const;
  return { method, rows, notes: [WITHIN] };
}

const WITHIN =
  'The intervals cover what varies within these two runs. To cover what varies from run to run, give several runs a side.';

function tooShortText(neededSeconds: number): string {
  return `the runs are too short, and need at least ${formatDuration(neededSeconds * 1000)} a side`;
}

/** Several runs a side, by how much the runs vary. */
function betweenRuns(values: readonly Values[]): Found {
  const rows = values.map((one): ComparedMetric => {
    const base = one.base.filter((value) => value !== undefined);
    const changed = one.new.filter((value) => value !== undefined);
    const isShare = one.metric.unit === 'share';
    const isWhole = base.length === one.base.length && changed.length === one.new.length;
    const middle = middlesOf(one);
    if (!isWhole) return rowOf(one.metric, middle, null, 'a run sent no records');
    if (!areEnough(base.length, changed.length)) {
      const reason = `${base.length} and ${changed.length} runs cannot show a difference at 95 %: give four or more a side`;
      return rowOf(one.metric, middle, null, reason);
    }
    if (!isShare && Math.min(...base, ...changed) <= 0) return rowOf(one.metric, middle, null, 'a run has the value 0');
    const scale = isShare ? (value: number) => value : Math.log;
    const back = isShare ? (value: number) => value : Math.exp;
    const shift = shiftBetween(base.map(scale), changed.map(scale));
    const interval = shift.interval && { low: back(shift.interval.low), high: back(shift.interval.high) };
    return rowOf(one.metric, { ...middle, ...(!isShare && { ratio: back(shift.middle) }) }, interval, 'too few runs');
  });
  return { method: { kind: 'runs' }, rows, notes: [] };
}

interface Middles extends Sides<number | null> {
  readonly ratio: number | null;
}

function middlesOf({ base: bases, new: changes }: Values): Middles {
  const known = (values: readonly (number | undefined)[]) => values.filter((value) => value !== undefined);
  const middle = (values: readonly number[]) => (values.length === 0 ? null : medianOf(values));
  const base = middle(known(bases));
  const changed = middle(known(changes));
  return { base, new: changed, ratio: base === null || changed === null || base === 0 ? null : changed / base };
}

/** @param otherwise why there is no interval, if there is none */
function rowOf(
  { name, unit, isLowerBetter }: CompareMetric,
  middles: Middles,
  interval: CompareInterval | null,
  otherwise: string,
): ComparedMetric {
  const row = { metric: name, unit, ...middles, interval };
  if (interval === null) return { ...row, verdict: 'cannot tell', reason: otherwise };
  const same = unit === 'share' ? 0 : 1;
  const isHigher = interval.low > same;
  if (!isHigher && interval.high >= same) return { ...row, verdict: 'no difference shown', reason: null };
  return { ...row, verdict: isHigher === isLowerBetter ? 'worse' : 'better', reason: null };
}

/** Takes the verdict away from a metric whose sides had different loads. */
function asComparable(
  row: ComparedMetric,
  metric: CompareMetric,
  load: readonly CompareDifference[],
  runs: Sides<readonly ComparableRun[]>,
): ComparedMetric {
  const because = (reason: string): ComparedMetric => ({ ...row, interval: null, verdict: 'not comparable', reason });
  const [difference] = load;
  if (difference !== undefined) {
    const more = load.length === 1 ? '' : ` (and ${load.length - 1} more)`;
    return because(`${difference.field} is ${difference.base} against ${difference.new}${more}`);
  }
  if (metric.unit !== 'ms') return row;
  const rates = { base: runs.base.flatMap(offeredRates), new: runs.new.flatMap(offeredRates) };
  if (!areRatesOff(rates)) return row;
  const [base, changed] = [medianOf(rates.base), medianOf(rates.new)].map(formatRate);
  return because(`the offered rate is ${base}/s against ${changed}/s, more than 2 % off`);
}

/** Of first attempts: the load that the target had, however late its responses were. A run of a second has none. */
function offeredRates({ seconds: { paced } }: ComparableRun): number[] {
  const seconds = paced.seconds.at(-1)!;
  return seconds > 0 ? [paced.offered.at(-1)! / seconds] : [];
}

/** With several runs a side, only if it is shown: short runs hold their rate less exactly. */
function areRatesOff({ base, new: changed }: Sides<readonly number[]>): boolean {
  if (base.length === 1 && changed.length === 1) return isRateOff(base[0]!, changed[0]!);
  if (base.length === 0 || changed.length === 0) return false;
  if (Math.min(...base, ...changed) <= 0) return true;
  const { interval } = shiftBetween(base.map(Math.log), changed.map(Math.log));
  if (interval === null) return false;
  const ends = [interval.low, interval.high];
  return (interval.low > 0 || interval.high < 0) && ends.every((end) => isRateOff(1, Math.exp(end)));
}

/** The worst that is shown wins: a table with one 'worse' is not good. */
function verdictOf(rows: readonly ComparedMetric[]): CompareVerdict {
  const verdicts = new Set(rows.map(({ verdict }) => verdict));
  const order = ['worse', 'not comparable', 'better', 'no difference shown'] as const;
  return order.find((verdict) => verdicts.has(verdict)) ?? 'cannot tell';
}

function comparedRun({ file, report }: ComparableRun): ComparedRun {
  const { startedAt, durationMs, records, outcome } = report;
  return { file, startedAt, durationMs, sent: records.sent, exitCode: outcome.exitCode };
}

function notesOn({ base, new: changed }: Sides<readonly ComparableRun[]>): string[] {
  return [...base, ...changed].flatMap(({ file, report: { outcome, config }, seconds: { leftOut } }) => [
    ...(outcome.exitCode === 0
      ? []
      : [`${file} ended with exit code ${outcome.exitCode}: ${outcome.reason ?? 'records failed'}.`]),
    ...(leftOut === 0
      ? []
      : [`${file} has no histograms for ${formatCount(leftOut)} of its seconds: their latencies are not compared.`]),
    ...(config.schedule.kind === 'as-fast-as-possible'
      ? [`${file} was sent as fast as possible: its latencies depend on the rate that it reached.`]
      : []),
  ]);
}
