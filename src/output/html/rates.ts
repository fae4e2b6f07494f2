import type { Report } from '../../core/report.js';
import { formatDuration, formatLatency, formatRate, formatRecordRate } from '../../core/units.js';
import { type Chart, linear, logarithmic, type Series } from './chart.js';
import { figure, section } from './figure.js';
import { latencyLabel } from './latencies.js';
import { type Bucket, bucketNote, intoRun, type Timeline, timeText } from './timeline.js';

const RATES = ['offered', 'sent', 'throttled', 'failed', 'retried'] as const;
const LAGS = ['p50', 'p99', 'max'] as const;

/** What was offered, against what was asked for, and how late. */
export function rateSection(report: Report, timeline: Timeline): string {
  if (report.intervals.length === 0) return '';
  return section('Rate', bucketNote(timeline), rateChart(report, timeline), lagChart(report, timeline));
}

function rateChart(report: Report, { width, buckets, x }: Timeline): string {
  const points = (key: (typeof RATES)[number], shift = 0) => buckets.map((one) => [one.t + shift, one[key]] as const);
  const target = targetLine(buckets, width);
  const shown = buckets.flatMap(({ offered, sent, throttled }) => [offered, sent, throttled]);
  const max = Math.max(...(target?.points.map(([, rate]) => rate ?? 0) ?? []), ...shown);
  const series: Series[] = [
    { name: 'offered', style: 'soft', as: 'bars', points: points('offered') },
    { name: 'sent', style: 'a', as: 'line', points: points('sent', width / 2) },
    ...(['throttled', 'failed'] as const)
      .map((key): Series => ({ name: key, style: key === 'failed' ? 'd' : 'c', as: 'bars', points: points(key) }))
      .filter(({ points }) => points.some(([, rate]) => (rate ?? 0) > 0)),
    ...(target === undefined ? [] : [target]),
  ];
  const chart: Chart = {
    ...{ id: 'rate', title: 'Records a second', description: rateText(report, buckets) },
    ...{ x, y: linear(max), barWidth: width, series },
  };
  const columns = target === undefined ? RATES : [...RATES, 'target' as const];
  const rows = buckets.map((bucket) => [
    timeText(bucket.t),
    ...columns.map((key) => (bucket[key] === undefined ? '–' : formatRate(bucket[key]))),
  ]);
  return figure(chart, ['from', ...columns], rows, chart.description);
}

function rateText({ rps, throttled, pausedMs }: Report, buckets: readonly Bucket[]): string {
  const worst = buckets.reduce((a, b) => (b.throttled > a.throttled ? b : a));
  const refused =
    throttled.records === 0
      ? 'Nothing was throttled.'
      : `Throttling peaked at ${formatRecordRate(worst.throttled)}, ${intoRun(worst.t)}.`;
  const paused = pausedMs > 0 ? ` The run was paused for ${formatDuration(pausedMs)}.` : '';
  return `The run sent ${formatRecordRate(rps.achieved)} on average. ${refused}${paused}`;
}

/** What the run asked for, second by second, as long as records were due. */
function targetLine(buckets: readonly Bucket[], width: number): Series | undefined {
  const last = buckets.findLastIndex(({ target = 0 }) => target > 0);
  if (last === -1) return undefined;
  const points = buckets
    .slice(0, last + 1)
    .flatMap(({ t, target }) => (target === undefined ? [] : [[t, target] as const, [t + width, target] as const]));
  return { name: 'target', style: 'target', as: 'line', points };
}

function lagChart({ scheduleLagMs, config }: Report, { width, buckets, x }: Timeline): string {
  if (config.schedule.kind === 'as-fast-as-possible') return '';
  const values = buckets.flatMap(({ lag }) => (lag === undefined ? [] : [lag.p50, lag.max]));
  if (values.length === 0) return '';
  const description =
    'From when a record was due to when it was first written to a socket: at most ' +
    `${formatLatency(scheduleLagMs.p50)} for half of the records, ${formatLatency(scheduleLagMs.p99)} for 99 of 100.`;
  const chart: Chart = {
    ...{ id: 'lag', title: 'Schedule lag', description, x },
    y: logarithmic(Math.max(0.001, Math.min(...values)), Math.max(0.001, ...values), latencyLabel),
    series: LAGS.map((key, i) => ({
      ...{ name: key, style: 'acd'[i]!, as: 'line' as const },
      points: buckets.map(({ t, lag }) => [t + width / 2, lag?.[key]] as const),
    })),
  };
  const rows = buckets.map(({ t, lag }) => [
    timeText(t),
    ...LAGS.map((key) => (lag === undefined ? '–' : formatLatency(lag[key]))),
  ]);
  return figure(chart, ['from', ...LAGS], rows, description);
}
