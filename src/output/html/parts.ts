import { EXIT_CODES } from '../../core/errors.js';
import type { MergedPart, Report } from '../../core/report.js';
import { formatCount, formatLatency, formatRate } from '../../core/units.js';
import { clockText, partsLines } from '../../report/parts-text.js';
import { escaped } from '../escaped.js';
import { folded, type Row, section, table } from './figure.js';

const COLUMNS = ['part', 'began after', 'sent', 'failed', 'unsent', 'records/s', 'of', 'latency p99', 'lag p99'];
const SHARDS_MAX = 500;

/** What each part did, for a report that was merged. */
export function partSection({ merged }: Report): string {
  if (merged === undefined) return '';
  const lead = partsLines(merged).map((text) => `<p>${escaped(text)}</p>`);
  return section(
    'Parts',
    ...lead,
    table('What each part did', [...COLUMNS, 'throttled', 'clock', 'exit code'], merged.parts.map(rowOf)),
    throttles(merged.parts),
  );
}

function rowOf(part: MergedPart): Row {
  const { number, beganMs, records, rps, latencyMs, scheduleLagMs, throttled, clock, outcome } = part;
  const isGood = outcome.exitCode === EXIT_CODES.ok.code;
  return [
    String(number),
    formatLatency(beganMs),
    formatCount(records.sent),
    formatCount(records.failed),
    formatCount(records.unsent),
    formatRate(rps.achieved),
    rps.target === null ? '–' : formatRate(rps.target),
    latencyMs.count === 0 ? '–' : formatLatency(latencyMs.p99),
    scheduleLagMs.count === 0 ? '–' : formatLatency(scheduleLagMs.p99),
    formatCount(throttled.records),
    clock === null ? '–' : escaped(clockText(clock)),
    isGood ? '0' : `<span class="bad">${outcome.exitCode}</span>`,
  ];
}

/** Which part saw which throttles on which shard, the most first. */
function throttles(parts: readonly MergedPart[]): string {
  const all = parts
    .flatMap(({ number, throttled }) => Object.entries(throttled.byShard).map(([id, count]) => ({ id, number, count })))
    .sort((a, b) => b.count - a.count);
  if (all.length === 0) return '';
  const rows = all
    .slice(0, SHARDS_MAX)
    .map(({ id, number, count }) => [escaped(id), String(number), formatCount(count)]);
  const rest = all.length - rows.length;
  const more = rest > 0 ? `<p class="dim">${formatCount(rest)} rows with fewer are left out.</p>` : '';
  return folded(
    'Throttles by shard and part',
    table('Who was throttled where', ['shard', 'part', 'times'], rows) + more,
  );
}
