import type { Percentiles, Report } from '../core/report.js';
import { formatBytes, formatCount, formatLatency, formatPercent, formatRate } from '../core/units.js';
import { LOAD_COLUMNS, loadCells } from '../report/loads.js';
import { partsLines } from '../report/parts-text.js';
import { warmUpText } from '../report/warm-up.js';

const ERRORS_SHOWN = 5;

/** A summary for a pull request or `$GITHUB_STEP_SUMMARY`: the verdict first. */
export function renderMarkdown(report: Report): string {
  return [
    ...verdict(report),
    ...loadTable(report),
    ...thresholdTable(report),
    ...figures(report),
    ...latencyTable(report),
    ...errors(report),
    '',
  ]
    .join('\n')
    .replaceAll(/\n{3,}/g, '\n\n');
}

function verdict({ outcome, config, target, records }: Report): string[] {
  const isGood = outcome.exitCode === 0;
  const where = target.stream === null ? '' : ` to ${code(target.stream)}`;
  const reason = outcome.reason === null ? '' : `: ${text(outcome.reason)}`;
  const held = records.failed > 0 && outcome.reason === null ? `: ${formatCount(records.failed)} records failed` : '';
  const rate = rateText(config.schedule);
  return [
    `### ${isGood ? '✅ passed' : '❌ failed'}: kload run${where}${rate}`,
    '',
    ...(isGood ? [] : [`Exit code ${outcome.exitCode}${reason}${held}`, '']),
  ];
}

function rateText(schedule: Report['config']['schedule']): string {
  if (schedule.kind === 'constant-rate') return ` at ${formatRate(schedule.rps)} records/s`;
  if (schedule.kind === 'bytes-per-second') return ` at ${formatBytes(schedule.bytesPerSecond)}/s`;
  return 'peakRps' in schedule ? ` at up to ${formatRate(schedule.peakRps)} records/s` : '';
}

function loadTable({ loads = [] }: Report): string[] {
  if (loads.length === 0) return [];
  const rows = loads.map((load) => `| ${[code(load.name), ...loadCells(load)].join(' | ')} |`);
  return [`| ${['load', ...LOAD_COLUMNS].join(' | ')} |`, `|---|${'---:|'.repeat(LOAD_COLUMNS.length)}`, ...rows, ''];
}

function thresholdTable({ thresholds }: Report): string[] {
  if (thresholds.length === 0) return [];
  return [
    '| | threshold | got |',
    '|---|---|---|',
    ...thresholds.map(({ ok, threshold, got, shard, since }) => {
      const where = shard === null ? '' : ` (${text(shard)})`;
      return `| ${ok ? '✅' : '❌'} | ${code(threshold)} | ${got}${where}${since === null ? '' : ` from second ${since}`} |`;
    }),
    '',
  ];
}

function figures({ records, rps, bytes, durationMs, throttled, merged }: Report): string[] {
  const { read, sent, failed, rejected, unsent } = records;
  const share =
    rps.target === null ? '' : ` of ${formatRate(rps.target)} (${formatPercent(rps.achieved / rps.target)})`;
  const ends = Object.entries({ sent, failed, rejected, unsent }).map(([end, n]) => `${end} ${formatCount(n)}`);
  return [
    '| | |',
    '|---|---|',
    `| records | read ${formatCount(read)} = ${ends.join(' + ')} |`,
    `| achieved | ${formatRate(rps.achieved)} records/s${share}, ${formatBytes(bytes.sent)} in ${formatLatency(durationMs)} |`,
    `| throttled | ${formatCount(throttled.records)} times |`,
    ...(merged === undefined ? [] : [`| parts | ${text(partsLines(merged).join('; '))} |`]),
    '',
  ];
}

function latencyTable({ latencyMs, scheduleLagMs, config }: Report): string[] {
  if (latencyMs.fromIntended.count === 0) return [];
  const row = (label: string, p: Percentiles): string =>
    `| ${label} | ${[p.p50, p.p90, p.p99, p.p999, p.max].map(formatLatency).join(' | ')} |`;
  return [
    '| latency | p50 | p90 | p99 | p99.9 | max |',
    '|---|---:|---:|---:|---:|---:|',
    row('from intended', latencyMs.fromIntended),
    row('service', latencyMs.service),
    row('schedule lag', scheduleLagMs),
    '',
    ...(config.warmUpMs > 0 ? [`Warm-up: ${warmUpText(config.warmUpMs)}.`, ''] : []),
  ];
}

function errors({ errors }: Report): string[] {
  const codes = Object.entries(errors).sort(([, a], [, b]) => b - a);
  if (codes.length === 0) return [];
  const shown = codes.slice(0, ERRORS_SHOWN).map(([name, count]) => `| ${code(name)} | ${formatCount(count)} |`);
  return ['| error | attempts |', '|---|---:|', ...shown, ''];
}

/** As code: nothing in it is markup. A table's cell ends at a bar, even in code. */
export function code(value: string): string {
  return `<code>${text(value)}</code>`;
}

/** Text from outside, with nothing in it that Markdown or HTML would obey. */
export function text(value: string): string {
  return value
    .replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, ' ')
    .replaceAll(/[^\p{L}\p{N} .,:;/%()-]/gu, (char) => `&#${char.codePointAt(0)};`);
}
