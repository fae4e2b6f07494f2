import type { Report, ThresholdReport } from '../core/report.js';
import type { IntervalDelta, SparseHistogram } from '../core/snapshot.js';
import { LatencyHistogram } from '../measure/latency.js';
import { METRICS } from '../threshold/metrics.js';
import { holds, parseThreshold, type Threshold, valueText } from '../threshold/parse.js';
import { ThresholdWatch } from '../threshold/watch.js';
import { type Figures, timesOf } from './add.js';

/** How a threshold of the whole run is judged. */
type Method =
  /** By the histograms, or the shards, of the whole. */
  | 'whole'
  /** By the seconds of the whole. */
  | 'seconds'
  /** By the parts' own values: the whole's is their sum, or is bounded by it in windows. */
  | 'sum'
  /** By the parts' own values: the whole's lies between them, as a percentile of all records does. */
  | 'between';

/** Metrics whose values for parts add up. */
const SUMS = new Set(['records.sent', 'records.failed', 'records.rejected', 'records.maybeDuplicated']);
for (const name of ['records.unsent', 'bytes.rate', 'rps.achieved', 'shard(*).utilization']) SUMS.add(name);
/** Metrics that the counts of each second make up. */
const COUNTED = new Set(['records.sent', 'records.failed', 'failed.rate', 'throttled.rate', 'retried.rate']);
/** They count only seconds in which records were due all the time; a report does not say when its run was paused. */
const PACED = new Set(['rps.achieved', 'rps.deviation']);

/** The whole run: its figures, and what its parts share. */
export interface Whole extends Figures, Pick<Report, 'config'> {
  /** How long after the first part the last one began. */
  readonly lastBeganMs: number;
}

/**
 * Judges the thresholds of a run by the reports of its parts.
 *
 * What reports hold for each second or for the whole run is judged on the whole: latency, records sent and failed, the
 * rates of failed, throttled and retried records, the rate achieved, and shards over the whole run. For the rest, the
 * parts' own verdicts decide where they can: if a percentile held in each part, it holds for all records. Where they
 * cannot, the threshold counts as crossed, and `got` says that its value is unknown.
 */
export function judge(whole: Whole, parts: readonly Pick<Report, 'thresholds'>[]): ThresholdReport[] {
  const texts = parts[0]?.thresholds.map(({ threshold }) => threshold) ?? [];
  return texts.map((text, i) => {
    const threshold = parseThreshold(text);
    const own = parts.map(({ thresholds }) => thresholds[i]!);
    const method = methodFor(threshold, whole);
    if (method === 'whole') return byWhole(threshold, whole);
    if (method === 'seconds') return bySeconds(threshold, whole);
    return method === 'sum' ? bySum(threshold, own) : byBounds(threshold, own);
  });
}

function methodFor(threshold: Threshold, { config, pausedMs, intervals }: Whole): Method {
  const { metric, abort, afterSeconds } = threshold;
  const name = nameOf(threshold);
  const isOfWholeRun = !slides(threshold) && afterSeconds === 0 && !abort;
  if (metric.distribution !== undefined) {
    if (isOfWholeRun) return 'whole';
    const isKept = intervals.every(({ sent, hdrHistogram }) => sent === 0 || hdrHistogram !== null);
    return metric.distribution === 'fromIntended' && isKept ? 'seconds' : 'between';
  }
  // The counts of shards have the warm-up.
  if (metric.shardValue !== undefined && isOfWholeRun && config.warmUpMs === 0) return 'whole';
  if (COUNTED.has(name) || (PACED.has(name) && pausedMs === 0)) return 'seconds';
  return SUMS.has(name) ? 'sum' : 'between';
}

function slides({ overSeconds }: Threshold): boolean {
  return overSeconds !== Number.POSITIVE_INFINITY;
}

function nameOf({ metric }: Threshold): string {
  return Object.entries(METRICS).find(([, one]) => one === metric)?.[0] ?? '';
}

function byWhole(threshold: Threshold, whole: Whole): ThresholdReport {
  const { metric, stat } = threshold;
  if (metric.distribution === undefined) return byShards(threshold, whole);
  const times = LatencyHistogram.decode(whole.hdrHistograms[metric.distribution]);
  const { mean } = metric.distribution === 'scheduleLag' ? whole.scheduleLagMs : whole.latencyMs[metric.distribution];
  if (times.count === 0) return verdict(threshold, undefined);
  return verdict(threshold, stat === 'mean' ? mean : times.percentile(stat));
}

function byShards(threshold: Threshold, { shards, durationMs }: Whole): ThresholdReport {
  const found = shards
    .filter(({ sent, throttled }) => sent + throttled > 0)
    .filter(({ id }) => threshold.shard === undefined || id === threshold.shard)
    .map((one) => ({ shard: one.id, value: threshold.metric.shardValue?.(one, durationMs / 1000) }));
  return worstOf(
    threshold,
    found.map(({ shard, value }) => verdict(threshold, value, shard)),
  );
}

/** Judges as a run does, from the seconds of the report. */
function bySeconds(threshold: Threshold, whole: Whole): ThresholdReport {
  const watch = new ThresholdWatch([threshold], whole.config.warmUpMs);
  const wantsTimes = threshold.metric.distribution === 'fromIntended';
  const intervals = whole.intervals.map((interval): IntervalDelta => {
    const { t, offered, sent, failed, throttled, retried, hdrHistogram } = interval;
    const fromIntended = wantsTimes && hdrHistogram !== null ? timesOf(hdrHistogram) : NO_TIMES;
    const counts = { offered, sent, failed, throttled, retried };
    return { index: t, ...counts, fromIntended, service: NO_TIMES, scheduleLag: NO_TIMES, shards: new Map() };
  });
  watch.add({ intervals, maybeDuplicated: 0, bytesSent: 0 });
  const { records, durationMs } = whole;
  const askedIn = askedInSecond(whole);
  watch.finish({ elapsedMs: durationMs, isPaced: true, askedIn, rejected: 0, behindMs: 0 }, scheduleMs(whole), 0);
  const [result] = watch.results();
  if (result === undefined) throw new Error(`no verdict on ${threshold.text} over ${records.read} records`);
  return result;
}

const UNKNOWN = 'unknown from the parts';
const NO_TIMES: SparseHistogram = { valuesUs: new Float64Array(), counts: new Float64Array(), sumUs: 0 };

/** Reports leave out seconds in which nothing happened: as much was due in them as in the one before. */
function askedInSecond({ intervals, config, rps }: Whole): (second: number) => number | undefined {
  if (config.schedule.kind === 'constant-rate') return () => rps.target ?? undefined;
  const targets = new Map(intervals.map(({ t, target }) => [t, target ?? undefined]));
  let last = intervals[0]?.target ?? undefined;
  return (second) => {
    if (targets.has(second)) last = targets.get(second);
    return last;
  };
}

/** How long records were due: to the end of the schedule, or to the last second in which some were sent first. */
function scheduleMs({ config, intervals, lastBeganMs }: Whole): number {
  const { schedule, durationMs, count } = config;
  const lengths = [durationMs, 'durationMs' in schedule ? schedule.durationMs : null];
  if (schedule.kind === 'constant-rate' && count !== null) lengths.push((count / schedule.rps) * 1000);
  const known = lengths.filter((ms) => ms !== null);
  const lastSecond = intervals.findLast(({ offered }) => offered > 0)?.t ?? 0;
  return known.length === 0 ? lastSecond * 1000 : lastBeganMs + Math.min(...known);
}

function bySum(threshold: Threshold, own: readonly ThresholdReport[]): ThresholdReport {
  const values = own.flatMap(({ value }) => value ?? []);
  if (values.length === 0) return verdict(threshold, undefined);
  const sum = values.reduce((total, value) => total + value, 0);
  const result = verdict(threshold, sum);
  const isExact = !slides(threshold) && threshold.metric.shardValue === undefined;
  if (isExact) return result;
  // The worst windows of the parts need not be the same one.
  const bounded = threshold.operator.startsWith('<') ? 'at most' : threshold.operator.startsWith('>') && 'at least';
  if (bounded && result.ok) return { ...result, got: `${bounded} ${result.got}` };
  return { ...result, ok: false, got: `${UNKNOWN}: the sum of the worst is ${result.got}` };
}

function byBounds(threshold: Threshold, own: readonly ThresholdReport[]): ThresholdReport {
  const withSamples = own.filter(({ value }) => value !== null);
  if (withSamples.length === 0) return verdict(threshold, undefined);
  const broken = withSamples.filter(({ ok }) => !ok);
  const worst = worstOf(threshold, broken.length > 0 ? broken : withSamples);
  if (broken.length === 0) return { ...worst, got: `${worst.got} in the worst part` };
  if (broken.length === withSamples.length) return { ...worst, got: `${worst.got} in the worst part` };
  return { ...worst, got: `${UNKNOWN}: ${worst.got} in the worst` };
}

/** The verdict that is furthest on the wrong side of the bound; 'no samples' if there is none. */
function worstOf(threshold: Threshold, verdicts: readonly ThresholdReport[]): ThresholdReport {
  const { operator, bound } = threshold;
  const badness = (value: number): number => {
    if (operator.startsWith('<')) return value;
    if (operator.startsWith('>')) return -value;
    return operator === '==' ? Math.abs(value - bound) : -Math.abs(value - bound);
  };
  const withValue = verdicts.flatMap((one) => (one.value === null ? [] : [{ one, bad: badness(one.value) }]));
  return withValue.sort((a, b) => b.bad - a.bad)[0]?.one ?? verdict(threshold, undefined);
}

/** @param value undefined: there were no samples */
function verdict(threshold: Threshold, value: number | undefined, shard: string | null = null): ThresholdReport {
  return {
    threshold: threshold.text,
    ok: value !== undefined && holds(threshold, value),
    value: value ?? null,
    got: value === undefined ? 'no samples' : valueText(threshold, value),
    shard: value === undefined ? null : shard,
    since: null,
  };
}
