import type { ComparedMetric, ComparedReports, Comparison } from '../../core/comparison.js';
import type { Report } from '../../core/report.js';
import { formatLatency, formatRate } from '../../core/units.js';
import { LatencyHistogram } from '../../measure/latency.js';
import { escaped } from '../escaped.js';
import { type Chart, linear, logarithmic, type Series } from '../html/chart.js';
import { figure, table } from '../html/figure.js';
import { latencyLabel, PERCENTILES } from '../html/latencies.js';
import { page } from '../html/page.js';
import { type Bucket, bucketNote, type Timeline, timelineOf, timeScale, timeText } from '../html/timeline.js';
import { COLUMNS, cellsOf, gateText, noteTexts, reasonTexts, runTexts, verdictText } from './cells.js';
import { intervalPlot } from './interval-plot.js';

/** More lines would be too hard to tell apart. */
const RUNS_DRAWN = 5;
/** The classes that give each side its colour. */
const STYLES = { base: 'a', new: 'c' } as const;
const SIDES = ['base', 'new'] as const;

/** A run that is drawn, with the name that its lines have. */
interface Drawn {
  readonly name: string;
  readonly style: string;
  readonly report: Report;
}

/** Both sides as one page. */
export function renderComparisonHtml(compared: ComparedReports): string {
  const { comparison } = compared;
  const runs = SIDES.flatMap((side): Drawn[] =>
    compared[side].slice(0, RUNS_DRAWN).map((report, i) => {
      return { name: compared[side].length === 1 ? side : `${side} ${i + 1}`, style: STYLES[side], report };
    }),
  );
  return page(`kload compare: ${verdictText(comparison)}`, [
    verdict(comparison),
    metrics(comparison),
    byPercentile(runs),
    overTime(runs),
    how(comparison),
  ]);
}

function verdict(comparison: Comparison): string {
  const { gates } = comparison;
  const isBad =
    gates.length === 0
      ? comparison.verdict !== 'better' && comparison.verdict !== 'no difference shown'
      : gates.some(({ ok }) => !ok);
  const rows = gates.map((gate) => [
    gate.ok ? '<span class="good">ok</span>' : '<span class="bad">failed</span>',
    `<code>${escaped(gate.failIf)}</code>`,
    escaped(gateText(gate)),
  ]);
  const passed = gates.length === 0 ? '' : `<p>${isBad ? 'Failed' : 'Passed'}</p>`;
  return `<h1>kload compare</h1>
<div class="verdict${isBad ? ' bad' : ''}"><p class="result">${escaped(verdictText(comparison))}</p>${passed}
${SIDES.flatMap((side) => runTexts(comparison, side).map((run) => `<p>${escaped(`${side}: ${run}`)}</p>`)).join('')}</div>
${rows.length === 0 ? '' : `<section><h2>Gates</h2>${table('What fails the comparison', ['', 'fail if', 'found'], rows, 'words')}</section>`}`;
}

/** With the verdict beside the name: a phone shows no more columns without scrolling. */
function metrics({ metrics: rows }: Comparison): string {
  const verdictSecond = <T>([name, ...rest]: readonly T[]): T[] => [name!, rest.at(-1)!, ...rest.slice(0, -1)];
  const cells = rows.map((row) => verdictSecond([...cellsOf(row).slice(0, -1).map(escaped), verdictCell(row)]));
  return `<section><h2>Metrics</h2>${intervalPlot(rows)}${table('Base against new', verdictSecond(COLUMNS), cells, 'metrics')}</section>`;
}

function verdictCell({ verdict }: ComparedMetric): string {
  if (verdict === 'better') return `<span class="good">${verdict}</span>`;
  return verdict === 'worse' ? `<span class="bad">${verdict}</span>` : verdict;
}

/** On an axis where each further nine has as much room. */
function byPercentile(runs: readonly Drawn[]): string {
  const decoded = runs.map((run) => ({
    ...run,
    latency: LatencyHistogram.decode(run.report.hdrHistograms.fromIntended),
  }));
  const fewest = Math.min(...decoded.map(({ latency }) => latency.count));
  if (fewest === 0) return '';
  const nines = Math.max(2, Math.min(5, Math.floor(Math.log10(Math.max(100, fewest)))));
  const shown = PERCENTILES.filter((percentile) => percentile <= 100 - 10 ** (2 - nines) + 1e-9);
  const at = (percentile: number): number => -Math.log10(1 - percentile / 100) / nines;
  const series = decoded.map(({ name, style, latency }): Series => {
    const points = shown.map((percentile) => [percentile, Math.max(0.001, latency.percentile(percentile))] as const);
    return { name, style, as: 'line', points };
  });
  const values = series.flatMap(({ points }) => points.map(([, ms]) => ms!));
  const chart: Chart = {
    ...{ id: 'percentiles', title: 'Latency from intended by percentile', series },
    description: `Of 100 records, 99 took at most ${decoded.map(({ name, latency }) => `${formatLatency(latency.percentile(99))} (${name})`).join(', ')}.`,
    x: {
      at,
      ticks: [0, 90, 99, 99.9, 99.99, 99.999].filter((tick) => at(tick) <= 1 + 1e-9),
      label: (tick) => `${tick} %`,
    },
    y: logarithmic(Math.min(...values), Math.max(...values), latencyLabel),
  };
  const rows = shown.map((percentile, i) => [
    `${percentile} %`,
    ...series.map(({ points }) => formatLatency(points[i]![1]!)),
  ]);
  const columns = ['percentile', ...series.map(({ name }) => name)];
  return `<section><h2>Latency</h2>${figure(chart, columns, rows)}`;
}

type Line = Drawn & Timeline;

function overTime(runs: readonly Drawn[]): string {
  const lines = runs.map((run): Line => ({ ...run, ...timelineOf(run.report) }));
  const longest = lines.reduce((a, b) => (b.seconds > a.seconds ? b : a));
  const { seconds } = longest;
  const latencies = (['p50', 'p99'] as const).map((key) => {
    const of = ({ latency }: Bucket) => latency && Math.max(0.001, latency[key]);
    const values = lines.flatMap(({ buckets }) => buckets.flatMap((bucket) => of(bucket) ?? []));
    if (values.length === 0) return '';
    const y = logarithmic(Math.min(...values), Math.max(...values), latencyLabel);
    return timeChart(
      { id: key, title: `${key} of latency from intended, second by second`, y },
      lines,
      seconds,
      of,
      formatLatency,
    );
  });
  const sent = ({ sent }: Bucket) => sent;
  const y = linear(Math.max(...lines.flatMap(({ buckets }) => buckets.map(sent))));
  const rate = timeChart({ id: 'rate', title: 'Records acknowledged a second', y }, lines, seconds, sent, formatRate);
  return `${latencies.join('')}</section><section><h2>Rate</h2>${rate}${bucketNote(longest)}</section>`;
}

function timeChart(
  chart: Pick<Chart, 'id' | 'title' | 'y'>,
  lines: readonly Line[],
  seconds: number,
  of: (bucket: Bucket) => number | undefined,
  show: (value: number) => string,
): string {
  const series = lines.map(({ name, style, width, buckets }): Series => {
    return { name, style, as: 'line', points: buckets.map((bucket) => [bucket.t + width / 2, of(bucket)] as const) };
  });
  const times = [...new Set(lines.flatMap(({ buckets }) => buckets.map(({ t }) => t)))].sort((a, b) => a - b);
  const byTime = lines.map(({ buckets }) => new Map(buckets.map((bucket) => [bucket.t, bucket])));
  const rows = times.map((t) => [
    timeText(t),
    ...byTime.map((buckets) => {
      const bucket = buckets.get(t);
      const value = bucket && of(bucket);
      return value === undefined ? '–' : show(value);
    }),
  ]);
  const description = `Of ${lines.map(({ name }) => name).join(', ')}.`;
  return figure(
    { ...chart, description, x: timeScale(seconds), series },
    ['from', ...lines.map(({ name }) => name)],
    rows,
  );
}

function how(comparison: Comparison): string {
  const texts = [...reasonTexts(comparison), ...noteTexts(comparison)];
  return `<section><h2>How it was compared</h2>${texts.map((text) => `<p>${escaped(text)}</p>`).join('')}</section>`;
}
