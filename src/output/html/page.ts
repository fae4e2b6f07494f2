import { createHash } from 'node:crypto';
import type { IntervalReport, Percentiles, Report } from '../../core/report.js';
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatLatency,
  formatPercent,
  formatRate,
  formatShort,
} from '../../core/units.js';
import { LatencyHistogram } from '../../measure/latency.js';
import { capacityLines } from '../../report/capacity.js';
import { readingText } from '../../report/input-text.js';
import { warmUpText } from '../../report/warm-up.js';
import { escaped } from '../escaped.js';
import { type Chart, drawn, linear, logarithmic, type Scale, type Series } from './chart.js';
import { STYLE } from './style.js';

/** A chart is 650 units wide: more points would fall on each other. */
const POINTS_MAX = 600;
const SHARDS_MAX = 200;
const PERCENTILES = [0, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 99.95, 99.99, 99.995, 99.999];

type Row = readonly string[];

/** The report as one page: no scripts, nothing loaded from elsewhere. */
export function renderHtml(report: Report): string {
  const hash = createHash('sha256').update(STYLE).digest('base64');
  const name = report.target.stream ?? report.target.kind;
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(`${isGood(report) ? 'Passed' : 'Failed'}: kload run to ${name}`)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${[verdict(report, name), rates(report), latencies(report), shards(report), details(report)].join('\n')}
</main>
</body>
</html>
`;
}

function isGood({ outcome }: Report): boolean {
  return outcome.exitCode === 0;
}

function verdict(report: Report, name: string): string {
  const { outcome, thresholds, records, capacity, durationMs, startedAt, rps } = report;
  const { read, sent, failed, rejected, unsent } = records;
  const good = isGood(report);
  const reason = outcome.reason ?? (failed > 0 ? `${formatCount(failed)} records failed` : 'all records sent');
  const target =
    rps.target === null ? '' : ` of ${formatRate(rps.target)} (${formatPercent(rps.achieved / rps.target)})`;
  const ends = Object.entries({ sent, failed, rejected, unsent }).map(([end, n]) => `${end} ${formatCount(n)}`);
  const lines = [
    `read ${formatCount(read)} = ${ends.join(' + ')}`,
    `achieved ${formatRate(rps.achieved)} records/s${target}, ${formatBytes(report.bytes.sent)} in all`,
    ...(records.maybeDuplicated > 0
      ? [`up to ${formatCount(records.maybeDuplicated)} may be in the stream twice`]
      : []),
    ...(records.inDoubt > 0
      ? [`up to ${formatCount(records.inDoubt)} failed or unsent records may be in the stream`]
      : []),
    ...(capacity === null ? [] : capacityLines(capacity)),
    ...(report.config.warmUpMs > 0 ? [`Warm-up: ${warmUpText(report.config.warmUpMs)}`] : []),
  ];
  const rows = thresholds.map(
    ({ threshold, ok, got, shard, since }): Row => [
      ok ? '<span class="good">ok</span>' : '<span class="bad">crossed</span>',
      `<code>${escaped(threshold)}</code>`,
      escaped(shard === null ? got : `${got} (${shard})`),
      since === null ? '' : `from second ${since}`,
    ],
  );
  return `<h1>kload run to ${escaped(name)}</h1>
<p class="dim">${escaped(startedAt.replace('T', ' '))}, ${formatDuration(durationMs)}</p>
<div class="verdict${good ? '' : ' bad'}"><strong>${good ? 'Passed' : `Failed (exit code ${outcome.exitCode})`}</strong>
<p>${escaped(reason)}</p>
${lines.map((line) => `<p>${escaped(line)}</p>`).join('')}</div>
${rows.length === 0 ? '' : `<section><h2>Thresholds</h2>${table('What was asked', ['', 'threshold', 'got', 'since'], rows, 'words')}</section>`}`;
}

/** Some seconds of the run in one: rates are means, latencies those of the worst second. */
interface Bucket {
  readonly t: number;
  readonly offered: number;
  readonly sent: number;
  readonly failed: number;
  readonly throttled: number;
  readonly retried: number;
  /** The mean of the seconds in the report, if there are any. */
  readonly target: number;
  readonly isKnown: boolean;
  readonly latency: Pick<IntervalReport, 'p50' | 'p90' | 'p99' | 'max'> | undefined;
}

function bucketsOf({ intervals }: Report): { width: number; buckets: Bucket[] } {
  const end = (intervals.at(-1)?.t ?? 0) + 1;
  const width = Math.ceil(end / POINTS_MAX);
  const groups = Array.from({ length: Math.ceil(end / width) }, (): IntervalReport[] => []);
  for (const interval of intervals) groups[Math.floor(interval.t / width)]!.push(interval);
  const buckets = groups.map((group, i): Bucket => {
    const mean = (key: 'offered' | 'sent' | 'failed' | 'throttled' | 'retried') =>
      group.reduce((sum, interval) => sum + interval[key], 0) / width;
    const target = group.reduce((sum, interval) => sum + (interval.target ?? 0), 0) / Math.max(1, group.length);
    const worst = (key: 'p50' | 'p90' | 'p99' | 'max') => Math.max(...group.map((interval) => interval[key]));
    const [offered, sent, failed] = [mean('offered'), mean('sent'), mean('failed')];
    const latency =
      sent === 0 ? undefined : { p50: worst('p50'), p90: worst('p90'), p99: worst('p99'), max: worst('max') };
    return {
      t: i * width,
      offered,
      sent,
      failed,
      throttled: mean('throttled'),
      retried: mean('retried'),
      target,
      isKnown: group.length > 0,
      latency,
    };
  });
  return { width, buckets };
}

/** Time from the start of the run, with labels at round times. */
function timeScale(seconds: number): Scale {
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800, 86_400];
  const step = steps.find((one) => seconds / one <= 8) ?? Math.ceil(seconds / 8 / 86_400) * 86_400;
  const ticks = Array.from({ length: Math.floor(seconds / step) + 1 }, (_, i) => i * step);
  return {
    at: (t) => t / seconds,
    ticks,
    label: (t) => (t === 0 ? '0' : formatDuration(t * 1000).replace(/ 00[ms]$/, '')),
  };
}

function rates(report: Report): string {
  const { width, buckets } = bucketsOf(report);
  if (report.intervals.length === 0) return '';
  const x = timeScale(buckets.length * width);
  const hasTarget = report.rps.target !== null;
  const points = (key: 'offered' | 'sent' | 'throttled' | 'failed') => buckets.map((one) => [one.t, one[key]] as const);
  const max = Math.max(
    ...buckets.flatMap(({ offered, sent, throttled, target }) => [offered, sent, throttled, target]),
  );
  const series: Series[] = [
    { name: 'offered', style: 'soft', as: 'bars', points: points('offered') },
    { name: 'sent', style: 'a', as: 'line', points: points('sent').map(([t, y]) => [t + width / 2, y]) },
    { name: 'throttled', style: 'c', as: 'bars', points: points('throttled') },
    { name: 'failed', style: 'd', as: 'bars', points: points('failed') },
    ...(hasTarget
      ? [{ name: 'target', style: 'target', as: 'line' as const, points: targetLine(buckets, width) }]
      : []),
  ];
  const worst = Math.max(0, ...buckets.map(({ throttled }) => throttled));
  const description = `The run sent ${formatRate(report.rps.achieved)} records a second on average. At most ${formatRate(worst)} a second were throttled.`;
  const chart = { id: 'rate', title: 'Records a second', description, x, y: linear(max), barWidth: width, series };
  const rows = buckets.map(({ t, offered, sent, throttled, failed, retried, target }) => [
    String(t),
    ...[offered, sent, throttled, failed, retried, ...(hasTarget ? [target] : [])].map((n) => formatRate(n)),
  ]);
  const columns = ['second', 'offered', 'sent', 'throttled', 'failed', 'retried', ...(hasTarget ? ['target'] : [])];
  return `<section><h2>Rate</h2>${figure(chart, columns, rows)}${bucketNote(width)}</section>`;
}

/**
 * What was due in each bucket, as the length of its bar: up to the last bucket in which anything was due. Seconds in
 * which nothing happened are not in the report: the line passes over them.
 */
function targetLine(buckets: readonly Bucket[], width: number): Series['points'] {
  const last = buckets.findLastIndex(({ target }) => target > 0);
  const known = buckets.slice(0, last + 1).filter(({ isKnown }) => isKnown);
  return known.flatMap(({ t, target }) => [[t, target] as const, [t + width, target] as const]);
}

function bucketNote(width: number): string {
  if (width === 1) return '';
  return `<p class="dim">Each point stands for ${width} seconds: rates are means, latencies those of the worst second.</p>`;
}

function latencies(report: Report): string {
  const { latencyMs, scheduleLagMs, config } = report;
  if (latencyMs.fromIntended.count === 0) return '';
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
  return `<section><h2>Latency</h2>
<p class="dim">From intended counts from when a record was due, service from when its request was written.</p>
${table(config.warmUpMs > 0 ? 'After the warm-up' : 'Of the whole run', columns, rows)}${latencyOverTime(report)}
<div class="pair">${byPercentile(report)}${histogram(report)}</div></section>`;
}

const msLabel = (ms: number): string =>
  formatLatency(ms)
    .replace(/\.0+(?= )/, '')
    .replace(/(\.\d)0(?= )/, '$1');

function latencyOverTime(report: Report): string {
  const { width, buckets } = bucketsOf(report);
  const values = buckets.flatMap(({ latency }) => (latency === undefined ? [] : [latency.p50, latency.max]));
  const [min, max] = [Math.max(0.001, Math.min(...values)), Math.max(0.001, ...values)];
  const keys = ['p50', 'p90', 'p99', 'max'] as const;
  const series = keys.map((key, i): Series => {
    const points = buckets.map(({ t, latency }) => [t + width / 2, latency?.[key]] as const);
    return { name: key, style: 'abcd'[i]!, as: 'line', points };
  });
  const description = `From intended. The worst second had a p99 of ${formatLatency(Math.max(0, ...buckets.map(({ latency }) => latency?.p99 ?? 0)))}.`;
  const chart = {
    ...{ id: 'latency', title: 'Latency from intended, second by second', description, series },
    ...{ x: timeScale(buckets.length * width), y: logarithmic(min, max, msLabel) },
  };
  const rows = buckets.map(({ t, latency }) => [
    String(t),
    ...keys.map((key) => (latency === undefined ? '–' : formatLatency(latency[key]))),
  ]);
  return figure(chart, ['second', ...keys], rows);
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
    y: logarithmic(Math.min(...values), Math.max(...values), msLabel),
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
  const byTens = logarithmic(first, last, msLabel).ticks.filter((tick) => tick >= first && tick <= last);
  const chart: Chart = {
    ...{ id: 'histogram', title: 'Histogram of latency from intended', isHalf: true as const },
    description: `From ${formatLatency(first)} to ${formatLatency(last)}, on a logarithmic axis.`,
    x: {
      at: (bar) => bar / bars.length,
      ticks: byTens.map((ms) => (Math.log2(ms / first) / span) * bars.length),
      label: (bar) => msLabel(first * 2 ** ((bar / bars.length) * span)),
    },
    y: linear(Math.max(...bars.map(({ count }) => count)), formatShort),
    series: [{ name: 'records', style: 'a', as: 'bars', points: bars.map(({ count }, i) => [i, count] as const) }],
  };
  const rows = bars.map(({ fromMs, toMs, count }) => [formatLatency(fromMs), formatLatency(toMs), formatCount(count)]);
  return figure(chart, ['from', 'to', 'records'], rows);
}

function shards(report: Report): string {
  const { shards, throttled, records } = report;
  if (shards.length === 0) return '';
  const byLoad = [...shards].sort((a, b) => b.sent + b.throttled - a.sent - a.throttled);
  const [hottest] = byLoad;
  const shown = byLoad.slice(0, SHARDS_MAX);
  const max = Math.max(...shown.flatMap(({ sent, throttled }) => [sent, throttled]));
  const chart: Chart = {
    ...{ id: 'shards', title: 'Records by shard, the busiest first', barWidth: 0.9 },
    description: `The busiest of ${shards.length} is ${hottest!.id}.`,
    x: { at: (i) => i / shown.length, ticks: [], label: String },
    y: linear(max),
    series: [
      { name: 'sent', style: 'a', as: 'bars', points: shown.map(({ sent }, i) => [i, sent] as const) },
      { name: 'throttled', style: 'c', as: 'bars', points: shown.map(({ throttled }, i) => [i, throttled] as const) },
    ],
  };
  const rows = shown.map(({ id, sent, bytes, throttled }) => [
    escaped(id),
    formatCount(sent),
    records.sent === 0 ? '–' : formatPercent(sent / records.sent),
    formatBytes(bytes),
    formatCount(throttled),
  ]);
  const rest = shards.length - shown.length;
  const share = records.sent === 0 ? '' : `, with ${formatPercent(hottest!.sent / records.sent)} of the records`;
  return `<section><h2>Shards</h2><p>The hottest of ${formatCount(shards.length)} is ${escaped(hottest!.id)}${share}.
Records were throttled ${formatCount(throttled.records)} times.${rest > 0 ? ` ${formatCount(rest)} quieter shards are left out.` : ''}</p>
${figure(chart, ['shard', 'sent', 'share', 'bytes', 'throttled'], rows)}</section>`;
}

function details(report: Report): string {
  const { errors, workers, input, config, host, requests, target } = report;
  const errorRows = Object.entries(errors)
    .sort(([, a], [, b]) => b - a)
    .map(([code, count]) => [escaped(code), formatCount(count)]);
  const workerRows = workers.map(({ id, sent, bytes }) => [`worker ${id}`, formatCount(sent), formatBytes(bytes)]);
  const files = input.files.map(
    (file) => `<p>${escaped(`${file.file}: ${readingText(file, config.partitionKey !== null)}`)}</p>`,
  );
  const settings = flat(config).map(([name, value]) => [escaped(name), escaped(value)]);
  return `<section><h2>Details</h2>
${errorRows.length === 0 ? '' : table('Failed attempts', ['error', 'attempts'], errorRows)}
${table(
  'Requests',
  ['', 'count'],
  Object.entries(requests).map(([name, n]) => [name, formatCount(n)]),
)}
${table('Workers', ['', 'sent', 'bytes'], workerRows)}
${files.length === 0 ? '' : `<h3>Input</h3>${files.join('')}`}
<details><summary>Configuration</summary>${table('How the run was set', ['option', 'value'], settings, 'words')}</details>
<p class="dim">kload ${escaped(host.kload)}, Node.js ${escaped(host.node)}, ${escaped(host.platform)}, ${host.processors} processors; target: ${escaped(target.kind)}, ${escaped(target.endpoint ?? 'in this process')}</p></section>`;
}

/** An object's values by their paths: `schedule.rps`. */
function flat(value: object, path = ''): [string, string][] {
  return Object.entries(value).flatMap(([key, member]): [string, string][] => {
    const name = path === '' ? key : `${path}.${key}`;
    if (member === null) return [];
    if (typeof member === 'object' && !Array.isArray(member)) return flat(member, name);
    return [[name, Array.isArray(member) ? member.join(', ') : String(member)]];
  });
}

/** @param rows cells as HTML */
function table(caption: string, columns: Row, rows: readonly Row[], style = ''): string {
  const head = columns.map((column) => (column === '' ? '<td></td>' : `<th scope="col">${escaped(column)}</th>`));
  const body = rows.map((row) => `<tr>${row.map((cell) => `<td>${cell}</td>`).join('')}</tr>`);
  return (
    `<div class="scroll" role="region" aria-label="${escaped(caption)}" tabindex="0">` +
    `<table${style === '' ? '' : ` class="${style}"`}><caption>${escaped(caption)}</caption>` +
    `<thead><tr>${head.join('')}</tr></thead><tbody>${body.join('')}</tbody></table></div>`
  );
}

/** A chart, and its values in a table that opens. */
function figure(chart: Chart, columns: Row, rows: readonly Row[]): string {
  return (
    `<figure><figcaption>${escaped(chart.title)}</figcaption>${drawn(chart)}` +
    `<details><summary>As a table</summary>${table(chart.title, columns, rows)}</details></figure>`
  );
}
