import type { Percentiles, Report } from '../../core/report.js';
import { formatCount, formatLatency, formatShort } from '../../core/units.js';
import { LatencyHistogram } from '../../measure/latency.js';
import { type Chart, linear, logarithmic, type Series } from './chart.js';
import { figure, type Row, section, table } from './figure.js';
import { type Timeline, timeText } from './timeline.js';

export const PERCENTILES = [0, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 99.95, 99.99, 99.995, 99.999];
const OVER_TIME = ['p50', 'p90', 'p99', 'max'] as const;

export function latencySection(report: Report, timeline: Timeline): string {
  const { latencyMs, scheduleLagMs, records } = report;
  if (records.sent === 0) return '';
  const columns = ['', 'min', 'mean', 'p50', 'p90', 'p95', 'p99', 'p99.9', 'max'];
  const row = (name: string, p: Percentiles): Row => [
    name,
    ...[p.min, p.mean, p.p50, p.p90, p.p95, p.p99, p.p999, p.max].map(formatLatency),
  ];
  const rows = [
    row('from intended', latencyMs.fromIntended),
    row('service', latencyMs.service),
    row('schedule lag', scheduleLagMs),
  ];
  return section(
    'Latency',
    `<p class="dim">Latency from intended counts from when a record was due, service latency from when its request was
written.</p>`,
    table('Of the whole run', columns, rows),
    overTime(timeline),
    `<div class="pair">${byPercentile(report)}${histogram(report)}</div>`,
  );
}

/** A time on an axis, without needless zeros. */
export function latencyLabel(ms: number): string {
  if (ms < 1) return `${Math.round(ms * 1000)} µs`;
  if (ms >= 60_000 && ms < 600_000) return `${Math.round(ms / 1000)} s`;
  return formatLatency(ms)
    .replace(/\.0+(?= )/, '')
    .replace(/(\.\d)0(?= )/, '$1');
}

function overTime({ width, buckets, x }: Timeline): string {
  const values = buckets.flatMap(({ latency }) => (latency === undefined ? [] : [latency.p50, latency.max]));
  const worst = Math.max(0, ...buckets.map(({ latency }) => latency?.p99 ?? 0));
  const series = OVER_TIME.map((key, i): Series => {
    const points = buckets.map(({ t, latency }) => [t + width / 2, latency?.[key]] as const);
    return { name: key, style: 'abcd'[i]!, as: 'line', points };
  });
  const chart: Chart = {
    ...{ id: 'latency', title: 'Latency from intended over time', series, x },
    description: `The worst second had a p99 of ${formatLatency(worst)}.`,
    y: logarithmic(Math.max(0.001, Math.min(...values)), Math.max(0.001, ...values), latencyLabel),
  };
  const rows = buckets.map(({ t, latency }) => [
    timeText(t),
    ...OVER_TIME.map((key) => (latency === undefined ? '–' : formatLatency(latency[key]))),
  ]);
  return figure(chart, ['from', ...OVER_TIME], rows);
}

/** On an axis where each further nine has as much room: 90 %, 99 %, 99.9 %. */
function byPercentile({ hdrHistograms, latencyMs }: Report): string {
  const nines = Math.max(2, Math.min(5, Math.floor(Math.log10(Math.max(100, latencyMs.fromIntended.count)))));
  const shown = PERCENTILES.filter((percentile) => percentile <= 100 - 10 ** (2 - nines) + 1e-9);
  const at = (percentile: number): number => -Math.log10(1 - percentile / 100) / nines;
  const ticks = [0, 90, 99, 99.9, 99.99, 99.999].filter((percentile) => at(percentile) <= 1 + 1e-9);
  const names = { fromIntended: 'from intended', service: 'service', scheduleLag: 'schedule lag' } as const;
  const series = Object.entries(names).map(([key, name], i): Series => {
    const decoded = LatencyHistogram.decode(hdrHistograms[key as keyof typeof names]);
    const points = shown.map((percentile) => [percentile, Math.max(0.001, decoded.percentile(percentile))] as const);
    return { name, style: 'abc'[i]!, as: 'line', points: decoded.count === 0 ? [] : points };
  });
  const values = series.flatMap(({ points }) => points.map(([, y]) => y ?? 1));
  const chart: Chart = {
    ...{ id: 'percentiles', title: 'Latency by percentile', isHalf: true as const, series },
    description: `From intended, 99 of 100 records took at most ${formatLatency(latencyMs.fromIntended.p99)}.`,
    x: { at, ticks, label: (percentile) => `${percentile} %` },
    y: logarithmic(Math.min(...values), Math.max(...values), latencyLabel),
  };
  const rows = shown.map((percentile, i) => [
    `${percentile} %`,
    ...series.map(({ points }) => (points[i] === undefined ? '–' : formatLatency(points[i][1]!))),
  ]);
  return figure(chart, ['percentile', ...Object.values(names)], rows);
}

function histogram({ histogram: bars }: Report): string {
  if (bars.length === 0) return '';
  const first = bars[0]!.fromMs;
  const last = bars.at(-1)!.toMs;
  const span = Math.log2(last / first);
  const byTens = logarithmic(first, last, latencyLabel).ticks.filter((tick) => tick >= first && tick <= last);
  const chart: Chart = {
    ...{ id: 'histogram', title: 'Histogram of latency from intended', isHalf: true as const },
    description: `Records from ${formatLatency(first)} to ${formatLatency(last)}, on a logarithmic axis.`,
    x: {
      at: (bar) => bar / bars.length,
      ticks: byTens.map((ms) => (Math.log2(ms / first) / span) * bars.length),
      label: (bar) => latencyLabel(first * 2 ** ((bar / bars.length) * span)),
    },
    y: linear(Math.max(...bars.map(({ count }) => count)), formatShort),
    series: [{ name: 'records', style: 'a', as: 'bars', points: bars.map(({ count }, i) => [i, count] as const) }],
  };
  const rows = bars.map(({ fromMs, toMs, count }) => [formatLatency(fromMs), formatLatency(toMs), formatCount(count)]);
  return figure(chart, ['from', 'to', 'records'], rows);
}
