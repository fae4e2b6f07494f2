import type { Report } from '../../core/report.js';
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatLatency,
  formatPercent,
  formatRate,
  formatShort,
} from '../../core/units.js';
import { capacityLines } from '../../report/capacity.js';
import { warmUpText } from '../../report/warm-up.js';
import { targetKind } from '../../target/kinds.js';
import { escaped } from '../escaped.js';
import { type Row, section, table } from './figure.js';

export function isGood({ outcome }: Report): boolean {
  return outcome.exitCode === 0;
}

/** What the run sent to, in a few words. */
export function targetName({ target }: Report): string {
  return target.stream ?? `the ${target.kind} target`;
}

/** Whether it went well, and why not; then the figures that people look for first. */
export function verdict(report: Report): string {
  const { outcome, durationMs, startedAt, target } = report;
  const where = targetKind(target.kind).describe(target).join(', ');
  const when = `${startedAt.replace('T', ' ').replace(/\.\d+Z$/, ' UTC')} · ${formatDuration(durationMs)} · ${where}`;
  const good = isGood(report);
  return `<header><h1>kload run to ${escaped(targetName(report))}</h1>
<p class="dim">${escaped(when)}</p></header>
<div class="verdict${good ? '' : ' bad'}"><p class="result">${good ? 'Passed' : `Failed (exit code ${outcome.exitCode})`}</p>
${[...reasons(report), ...notes(report)].map((line) => `<p>${escaped(line)}</p>`).join('')}</div>
${tiles(report)}
${ledger(report)}
${thresholds(report)}`;
}

function reasons({ outcome, records }: Report): string[] {
  const failed = `${formatCount(records.failed)} records failed`;
  const reason = outcome.reason ?? (records.failed > 0 ? failed : 'Every record was sent.');
  return outcome.hint === null || outcome.exitCode === 1 ? [reason] : [reason, outcome.hint];
}

function notes({ capacity, checkpoint, resumed, config }: Report): string[] {
  return [
    ...(config.warmUpMs > 0 ? [`Warm-up: ${warmUpText(config.warmUpMs)}.`] : []),
    ...(capacity === null ? [] : capacityLines(capacity)),
    ...(resumed === null ? [] : [`Resumed: ${formatCount(resumed.skipped)} records were settled by earlier legs.`]),
    ...(checkpoint === null || checkpoint.finished ? [] : [`Not finished: --resume goes on from ${checkpoint.file}.`]),
  ];
}

function tiles(report: Report): string {
  const { rps, records, latencyMs, scheduleLagMs, throttled, bytes } = report;
  const share = rps.target === null ? '' : `of ${formatRate(rps.target)} (${formatPercent(rps.achieved / rps.target)})`;
  const hasSent = records.sent > 0;
  const all: readonly (readonly [name: string, value: string, note: string, isBad?: boolean])[] = [
    ['Records sent', shortCount(records.sent), formatBytes(bytes.sent)],
    ['Records a second', formatRate(rps.achieved), share],
    ['Latency p99', hasSent ? formatLatency(latencyMs.fromIntended.p99) : '–', 'from intended'],
    ['Schedule lag p99', hasSent ? formatLatency(scheduleLagMs.p99) : '–', ''],
    ['Throttled', shortCount(throttled.records), throttled.records === 1 ? 'time' : 'times'],
    ['Failed', shortCount(records.failed), 'records', records.failed > 0],
  ];
  const items = all.map(
    ([name, value, note, isBad = false]) =>
      `<div><dt>${name}</dt><dd${isBad ? ' class="bad"' : ''}>${escaped(value)}</dd><dd class="dim">${escaped(note)}</dd></div>`,
  );
  return `<dl class="tiles">${items.join('')}</dl>`;
}

/** The ledger has the exact numbers. */
function shortCount(count: number): string {
  return count < 1e7 ? formatCount(count) : formatShort(count);
}

function ledger({ records }: Report): string {
  const { read, sent, failed, rejected, unsent, maybeDuplicated, inDoubt } = records;
  const ends = Object.entries({ sent, failed, rejected, unsent }).map(([end, n]) => `${end} ${formatCount(n)}`);
  const doubts = [
    ...(maybeDuplicated > 0 ? [`Up to ${formatCount(maybeDuplicated)} of those sent may be there twice.`] : []),
    ...(inDoubt > 0 ? [`Up to ${formatCount(inDoubt)} of those failed or unsent may be there nevertheless.`] : []),
  ];
  return `<p>${[`Every record is accounted for: read ${formatCount(read)} = ${ends.join(' + ')}.`, ...doubts].join(' ')}</p>`;
}

function thresholds({ thresholds }: Report): string {
  if (thresholds.length === 0) return '';
  const rows = thresholds.map(
    ({ threshold, ok, got, shard, since }): Row => [
      ok ? '<span class="good">held</span>' : '<span class="bad">crossed</span>',
      `<code>${escaped(threshold)}</code>`,
      escaped(shard === null ? got : `${got} (${shard})`),
      since === null ? '' : formatCount(since),
    ],
  );
  return section(
    'Thresholds',
    table('What was asked, and found', ['', 'threshold', 'found', 'since second'], rows, 'words'),
  );
}
