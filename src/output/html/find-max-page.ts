import type { FindMaxReport, TrialReport } from '../../core/find-max.js';
import { formatCount, formatDuration, formatLatency, formatRate, formatRecordRate } from '../../core/units.js';
import { targetKind } from '../../target/kinds.js';
import { escaped } from '../escaped.js';
import { breachText, limitText, maximumText, shardText } from '../find-max-summary.js';
import { type Chart, drawn, linear, type Series } from './chart.js';
import { section, table } from './figure.js';
import { page } from './page.js';

/** More numbers below the bars would touch each other. */
const LABELS_MAX = 25;

/** The trials of a search as one page. */
export function renderFindMax(report: FindMaxReport): string {
  const { target, maxRps } = report;
  const name = target.stream ?? target.kind;
  const found = maxRps === null ? 'No rate held' : formatRecordRate(maxRps);
  return page(`${found}: kload find-max on ${name}`, [verdict(report, name), trialSection(report)]);
}

function verdict(report: FindMaxReport, name: string): string {
  const { startedAt, durationMs, confirmed, limit, slos, shards, target } = report;
  const when = `${startedAt.replace('T', ' ').replace(/\.\d+Z$/, ' UTC')} · ${formatDuration(durationMs)}`;
  const lines = [
    limit === null ? 'Nothing broke.' : `${limitText(limit)}.`,
    ...(shards === null ? [] : [`${shardText(report, shards)}.`]),
    `Each rate had to keep ${slos.join(', ')}.`,
    ...targetKind(target.kind).describe(target),
  ];
  return `<header><h1>kload find-max on ${escaped(name)}</h1>
<p class="dim">${escaped(when)}</p></header>
<div class="verdict${confirmed ? '' : ' bad'}"><p class="result">${escaped(maximumText(report))}</p>
${lines.map((line) => `<p>${escaped(line)}</p>`).join('\n')}</div>`;
}

function trialSection({ trials, maxRps }: FindMaxReport): string {
  if (trials.length === 0) return '';
  return section('Trials', drawn(chartOf(trials, maxRps)), tableOf(trials));
}

/** A bar for each trial, in the order in which they were tried, and a line at the maximum. */
function chartOf(trials: readonly TrialReport[], maxRps: number | null): Chart {
  const points = (isHeld: boolean) =>
    trials.flatMap(({ rps, held }, i) => (held === isHeld ? [[i + 0.1, rps] as const] : []));
  const series: Series[] = [
    { name: 'held', style: 'a', as: 'bars', points: points(true) },
    { name: 'broke', style: 'd', as: 'bars', points: points(false) },
  ];
  if (maxRps !== null) {
    const across = [0, trials.length].map((x) => [x, maxRps] as const);
    series.push({ name: 'maximum', style: 'target', as: 'line', points: across });
  }
  const every = Math.ceil(trials.length / LABELS_MAX);
  const ticks = trials.flatMap((_, i) => ((i + 1) % every === 0 ? [i + 0.5] : []));
  return {
    id: 'trials',
    title: 'Records a second, trial by trial',
    description: `${trials.length} rates were tried, and ${trials.filter(({ held }) => held).length} of them held.`,
    x: { at: (value) => value / trials.length, ticks, label: (value) => String(value + 0.5) },
    y: linear(Math.max(...trials.map(({ rps }) => rps))),
    barWidth: 0.8,
    series,
  };
}

function tableOf(trials: readonly TrialReport[]): string {
  const numbers = ['for', 'achieved', 'p50', 'p99', 'throttled', 'failed'];
  const columns = ['', 'records/s', 'tried to', 'result', ...numbers, 'what broke'];
  const rows = trials.map((trial, i) => {
    const { rps, purpose, held, broke, durationMs, achieved, p50, p99, throttled, failed } = trial;
    const result = held ? '<span class="good">held</span>' : '<span class="bad">broke</span>';
    const latencies = [formatLatency(p50), formatLatency(p99)];
    const counts = [formatCount(throttled), formatCount(failed)];
    const figures = [formatDuration(durationMs), formatRate(achieved), ...latencies, ...counts];
    const why = broke === null ? '' : escaped(breachText(broke));
    return [String(i + 1), formatRate(rps), purpose, result, ...figures, why];
  });
  return table('Trials, in order', columns, rows, 'reasons');
}
