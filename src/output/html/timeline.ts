import type { IntervalReport, Report } from '../../core/report.js';
import { formatDuration } from '../../core/units.js';
import type { Scale } from './chart.js';

/** A chart is 650 units wide: more points would fall on each other. */
const POINTS_MAX = 400;
/** Lengths of buckets and distances of labels that people count in, in seconds. */
const ROUND_SECONDS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800, 86_400];
const DAY_SECONDS = 86_400;
const LABELS_MAX = 8;

type Latency = Pick<IntervalReport, 'p50' | 'p90' | 'p99' | 'max'>;
type Rate = 'offered' | 'sent' | 'failed' | 'throttled' | 'retried';

/** Some seconds of the run in one: rates are means, times those of the worst second. */
export interface Bucket extends Readonly<Record<Rate, number>> {
  /** The second in which it begins. */
  readonly t: number;
  /** What the run asked for; undefined: it had no rate, or nothing happened. */
  readonly target: number | undefined;
  /** undefined: no record was acknowledged. */
  readonly latency: Latency | undefined;
  /** undefined: no record was written for the first time. */
  readonly lag: IntervalReport['scheduleLagMs'] | undefined;
}

/** The run over time, in as many points as a chart can show. */
export interface Timeline {
  /** The length of the run, in whole buckets. */
  readonly seconds: number;
  /** The length of a bucket in seconds. */
  readonly width: number;
  readonly buckets: readonly Bucket[];
  readonly x: Scale;
}

export function timelineOf({ intervals }: Report): Timeline {
  const end = (intervals.at(-1)?.t ?? 0) + 1;
  const width = roundSeconds(end / POINTS_MAX);
  const groups = Array.from({ length: Math.ceil(end / width) }, (): IntervalReport[] => []);
  for (const interval of intervals) groups[Math.floor(interval.t / width)]!.push(interval);
  const seconds = groups.length * width;
  const buckets = groups.map((group, i) => bucketOf(group, i * width, Math.min(width, end - i * width)));
  return { seconds, width, buckets, x: timeScale(seconds) };
}

function bucketOf(group: readonly IntervalReport[], t: number, seconds: number): Bucket {
  const mean = (key: Rate) => group.reduce((sum, interval) => sum + interval[key], 0) / seconds;
  const rates = { offered: mean('offered'), sent: mean('sent'), failed: mean('failed') };
  const worst = (key: keyof Latency) => Math.max(...group.map((interval) => interval[key]));
  const worstLag = (key: 'p50' | 'p99' | 'max') => Math.max(...group.map((interval) => interval.scheduleLagMs[key]));
  return {
    ...{ t, ...rates, throttled: mean('throttled'), retried: mean('retried'), target: targetOf(group) },
    latency:
      rates.sent === 0 ? undefined : { p50: worst('p50'), p90: worst('p90'), p99: worst('p99'), max: worst('max') },
    lag: rates.offered === 0 ? undefined : { p50: worstLag('p50'), p99: worstLag('p99'), max: worstLag('max') },
  };
}

/** The mean over the seconds that the report has. */
function targetOf(group: readonly IntervalReport[]): number | undefined {
  const known = group.flatMap(({ target }) => target ?? []);
  return known.length === 0 ? undefined : known.reduce((sum, target) => sum + target, 0) / known.length;
}

/** A round number of seconds, at least as many. */
export function roundSeconds(seconds: number): number {
  return ROUND_SECONDS.find((one) => one >= seconds) ?? Math.ceil(seconds / DAY_SECONDS) * DAY_SECONDS;
}

/** Time from the start of the run, with labels at round times. */
export function timeScale(seconds: number): Scale {
  const step = roundSeconds(seconds / LABELS_MAX);
  const ticks = Array.from({ length: Math.floor(seconds / step) + 1 }, (_, i) => i * step);
  return { at: (t) => t / seconds, ticks, label: timeText };
}

/** A moment of the run: '0s', '45s', '1m 30s', '2h'. */
export function timeText(seconds: number): string {
  return formatDuration(seconds * 1000).replace(/ 00[msh]$/, '');
}

/** '45s into the run' */
export function intoRun(seconds: number): string {
  return seconds === 0 ? 'at the start of the run' : `${timeText(seconds)} into the run`;
}

/** What a point of the charts stands for, if that is not a second. */
export function bucketNote({ width }: Timeline): string {
  if (width === 1) return '';
  return `<p class="dim">Each point stands for ${timeText(width)}: rates are means, times those of the worst second.</p>`;
}
