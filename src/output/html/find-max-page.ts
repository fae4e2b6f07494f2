import type { FindMaxReport, TrialReport } from '../../core/find-max.js';
import { formatCount, formatDuration, formatLatency, formatRate, formatRecordRate } from '../../core/units.js';
import { escaped } from '../escaped.js';
import { type Chart, drawn, linear, type Series } from './chart.js';
import { section, table } from './figure.js';
import { page } from './page.js';

/**
 * The trials of a search as one page.
 *
 * @param shards what a shard takes; undefined if that is not the limit
 */
export function renderFindMax(report: FindMaxReport, shards: string | undefined): string {
  const { target, maxRps } = report;
  const name = target.stream ?? target.kind;
  const found = maxRps === null ? 'No rate held' : formatRecordRate(maxRps);
  return page(`${found}: kload find-max on ${name}`, [verdict(report, name, found, shards), trialSection(report)]);
}

function verdict(report: FindMaxReport, name: string, found: string, shards: string | undefined) {
  const { startedAt, durationMs, maxRps, confirmed, limit, slos, search } = report;
  const where = limit === null || limit.shard === null ? '' : ` (${limit.shard})`;
  const why =
    limit === null ? 'Nothing broke.' : `${formatRecordRate(limit.rps)} broke ${limit.slo}: ${limit.got}${where}.`;
  const how = confirmed ? `, held for ${formatDuration(search.confirmMs)}` : ' (not confirmed)';
  const when = `${startedAt.replace('T', ' ').replace(/\.\d+Z$/, ' UTC')} · ${formatDuration(durationMs)}`;
  return `<header><h1>kload find-max on ${escaped(name)}</h1>
<p class="dim">${escaped(when)}</p></header>
<div class="verdict${confirmed ? '' : ' bad'}"><p class="result">${escaped(found)}${maxRps === null ? '' : how}</p>
<p>${escaped(why)}</p>${shards === undefined ? '' : `<p>${escaped(`${shards}.`)}</p>`}
<p>${escaped(`Each rate had to keep ${slos.join(', ')}.`)}</p></div>`;
}

function trialSection({ trials }: FindMaxReport): string {
  if (trials.length === 0) return '';
  const chart = chartOf(trials);
  return section('Trials', drawn(chart), tableOf(trials));
}

/** A bar for each trial, in the order in which they were tried. */
function chartOf(trials: readonly TrialReport[]): Chart {
  const points = (isHeld: boolean) =>
    trials.flatMap(({ rps, held }, i) => (held === isHeld ? [[i + 0.1, rps] as const] : []));
  const series: Series[] = [
    { name: 'held', style: 'a', as: 'bars', points: points(true) },
    { name: 'broke', style: 'd', as: 'bars', points: points(false) },
  ];
  const ticks = trials.map((_, i) => i + 0.5);
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
  const columns = ['', 'records/s', 'tried to', 'result', 'for', 'achieved', 'p50', 'p99', 'throttled', 'failed'];
  const rows = trials.map((trial, i) => {
    const { rps, purpose, held, broke, durationMs, achieved, p50, p99, throttled, failed } = trial;
    const where = broke?.shard ? ` (${broke.shard})` : '';
    const result = held
      ? '<span class="good">held</span>'
      : `<span class="bad">broke</span> ${escaped(`${broke?.slo}: ${broke?.got}${where}`)}`;
    const figures = [formatDuration(durationMs), formatRate(achieved), formatLatency(p50), formatLatency(p99)];
    return [String(i + 1), formatRate(rps), purpose, result, ...figures, formatCount(throttled), formatCount(failed)];
  });
  return table('Trials, in order', columns, rows, 'trials');
}
