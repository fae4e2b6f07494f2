import { EXIT_CODES } from '../core/errors.js';
import type { CheckpointReport, InputReport, OtlpReport, Percentiles, Report, ResumedReport } from '../core/report.js';
import { formatBytes, formatCount, formatLatency, formatPercent, formatRate, formatRecordRate } from '../core/units.js';
import { isOutOfFiles, MORE_FILES } from '../system/system-errors.js';
import { terminalText } from '../system/terminal-text.js';
import { targetKind } from '../target/kinds.js';
import { capacityLines } from './capacity.js';
import { readingLines } from './input-text.js';
import { LOAD_COLUMNS, loadCells } from './loads.js';
import { partsLines } from './parts-text.js';
import { warmUpText } from './warm-up.js';

const LABEL_WIDTH = 12;
const ERRORS_SHOWN = 5;
const LINE_WIDTH = 80;
const NAME_CHARS_MIN = 6;

/** The summary of a run for people: at most a screen, the most important first. */
export function summary(report: Report): string {
  return [
    ...headline(report),
    ...loadLines(report),
    ...thresholdLines(report),
    ...partLines(report),
    ...rate(report),
    ...latency(report),
    ...throttling(report),
    ...troubles(report),
    ...surroundings(report),
  ].join('\n');
}

function line(label: string, text: string): string {
  return terminalText(`  ${label.padEnd(LABEL_WIDTH)}${text}`);
}

function headline(report: Report): string[] {
  const { outcome, records, input, config, checkpoint, resumed, part } = report;
  const { read, sent, failed, rejected, unsent } = records;
  const ends = Object.entries({ sent, failed, rejected, unsent }).map(([end, n]) => `${end} ${formatCount(n)}`);
  const end = outcome.reason === null ? [] : [line('ended', outcome.reason.replace(/^a bug in kload: /, ''))];
  return [
    '',
    ...end,
    line('sent', `${formatCount(sent)} record${sent === 1 ? '' : 's'}${failuresText(report)}`),
    line('read', `${formatCount(read)} = ${ends.join(' + ')}`),
    ...(part === undefined ? [] : [line('part', `${part.number} of ${part.of}, by ${part.by}, run ${part.runId}`)]),
    ...readingLines(input, config.partitionKey !== null).map((text, at) => line(at === 0 ? 'input' : '', text)),
    ...(input.unwrapped ? [line('unwrapped', 'the data is recorded calls: kload sent the records inside them')] : []),
    ...(resumed === null ? [] : earlierLegs(resumed)),
    ...(checkpoint === null ? [] : [line('checkpoint', checkpointText(checkpoint))]),
    ...countLine('outside', input.outside, 'left out: outside --from and --to'),
    ...orderLines(input),
    ...countLine('late', input.late, 'out of order by more than --reorder-window'),
    ...countLine('no key', input.nullKeys, 'had a null key: each got a random one'),
    ...countLine('early', input.early, 'left the reorder window early: it was full'),
  ];
}

function countLine(label: string, count: number, text: string): string[] {
  return count > 0 ? [line(label, `${formatCount(count)} ${text}`)] : [];
}

/** A row for each of several loads. */
function loadLines({ loads = [] }: Report): string[] {
  if (loads.length === 0) return [];
  const columns = ['load', ...LOAD_COLUMNS];
  const figures = [LOAD_COLUMNS, ...loads.map(loadCells)];
  const figureWidths = LOAD_COLUMNS.map((_, i) => Math.max(...figures.map((cells) => cells[i]!.length)));
  const charsLeft = LINE_WIDTH - figureWidths.reduce((sum, width) => sum + width + 2, 2);
  const names = loads.map(({ name }) => shortened(terminalText(name), Math.max(charsLeft, NAME_CHARS_MIN)));
  const widths = [Math.max(...['load', ...names].map((name) => [...name].length)), ...figureWidths];
  const rows = loads.map((load, i) => [names[i]!, ...loadCells(load)]);
  return ['', ...[columns, ...rows].map((cells) => `  ${tableLine(cells, widths)}`), ''];
}

/** A text without its middle, since names of loads often differ at the end only. */
function shortened(text: string, charsMax: number): string {
  const chars = [...text];
  if (chars.length <= charsMax) return text;
  const end = Math.ceil((charsMax - 1) / 2);
  return [...chars.slice(0, charsMax - 1 - end), '…', ...chars.slice(-end)].join('');
}

/** The first cell on the left of its column, and the others on the right. */
function tableLine(cells: readonly string[], widths: readonly number[]): string {
  return cells
    .map((cell, i) => {
      const padding = ' '.repeat(widths[i]! - [...cell].length);
      return i === 0 ? cell + padding : padding + cell;
    })
    .join('  ');
}

/** The verdict on each threshold: what was wanted, and what was found. */
function thresholdLines({ thresholds }: Report): string[] {
  const width = Math.max(...thresholds.map(({ threshold }) => threshold.length));
  return thresholds.map(({ threshold, ok, got, shard, since }, i) => {
    const where = shard === null ? '' : ` (${shard})`;
    const when = since === null ? '' : ` from second ${formatCount(since)}`;
    const verdict = ok ? 'ok     ' : 'CROSSED';
    return line(i === 0 ? 'thresholds' : '', `${verdict}  ${threshold.padEnd(width)}  ${got}${where}${when}`);
  });
}

function partLines({ merged }: Report): string[] {
  return merged === undefined ? [] : partsLines(merged).map((text, at) => line(at === 0 ? 'parts' : '', text));
}

/** 'none failed' only for a run that went well. */
function failuresText({ outcome, records, resumed, config }: Report): string {
  const kept = config.deadLetter === null ? ': --dead-letter FILE would keep them' : `, kept in ${config.deadLetter}`;
  if (records.failed > 0) return `, ${formatCount(records.failed)} FAILED${kept}`;
  const before = resumed?.earlier.failed ?? 0;
  if (before > 0) return `, ${formatCount(before)} FAILED before`;
  return outcome.exitCode === EXIT_CODES.ok.code ? ', none failed' : '';
}

/** What was out of order in a recording. */
function orderLines({ outOfOrder, outOfOrderMaxMs, clockJumps, clockJumpMaxMs }: InputReport): string[] {
  const lines: string[] = [];
  if (outOfOrder > 0) {
    lines.push(line('order', `${formatCount(outOfOrder)} out of order by up to ${formatLatency(outOfOrderMaxMs)}`));
  }
  if (clockJumps > 0) {
    const times = clockJumps === 1 ? 'once by' : `${formatCount(clockJumps)} times by up to`;
    lines.push(line('clock', `jumped ${times} ${formatLatency(clockJumpMaxMs)}`));
  }
  return lines;
}

function earlierLegs({ skipped, maybeDuplicated, earlier }: ResumedReport): string[] {
  const { sent, failed, rejected } = earlier;
  const before = `sent ${formatCount(sent)} + failed ${formatCount(failed)} + rejected ${formatCount(rejected)}`;
  const lines = [line('resumed', `${formatCount(skipped)} skipped = ${before} before`)];
  if (maybeDuplicated > 0) {
    lines.push(line('', `at most ${formatCount(maybeDuplicated)} may be in the stream twice after the interruption`));
  }
  return lines;
}

function checkpointText({ file, finished }: CheckpointReport): string {
  return `${file}: ${finished ? 'finished, nothing is left' : 'not finished: --resume goes on from there'}`;
}

function rate({ rps, bytes, durationMs, pausedMs, records }: Report): string[] {
  if (records.sent === 0) return [];
  const share =
    rps.target === null ? '' : ` of ${formatRate(rps.target)} (${formatPercent(rps.achieved / rps.target)})`;
  const bytesPerSecond = formatBytes((bytes.sent / records.sent) * rps.achieved);
  const paused = pausedMs > 0 ? `, paused for ${formatLatency(pausedMs)}` : '';
  const duration = formatLatency(durationMs);
  return [line('achieved', `${formatRecordRate(rps.achieved)}${share}, ${bytesPerSecond}/s, in ${duration}${paused}`)];
}

function latency({ latencyMs, scheduleLagMs, records, config }: Report): string[] {
  if (records.sent === 0) return [];
  const warmUp = config.warmUpMs > 0 ? [line('warm-up', warmUpText(config.warmUpMs))] : [];
  if (latencyMs.fromIntended.count === 0) return ['', ...warmUp, line('latency', 'none: no record was sent after it')];
  const row = (label: string, p: Percentiles) =>
    line(label, [p.p50, p.p90, p.p99, p.p999, p.max].map((ms) => formatLatency(ms).padStart(10)).join(''));
  return [
    '',
    line('latency', ['p50', 'p90', 'p99', 'p99.9', 'max'].map((name) => name.padStart(10)).join('')),
    row('intended', latencyMs.fromIntended),
    row('service', latencyMs.service),
    row('lag', scheduleLagMs),
    ...warmUp,
  ];
}

function throttling({ throttled, requests, shards, capacity }: Report): string[] {
  const worst = shards.reduce((a, b) => (b.throttled > a.throttled ? b : a), { id: '', throttled: 0 });
  const where = worst.throttled > 0 ? `, worst ${worst.id} with ${formatCount(worst.throttled)}` : '';
  const total = requests.ok + requests.failed;
  const conclusion = capacity === null ? [] : capacityLines(capacity);
  return [
    '',
    line('throttled', `${formatCount(throttled.records)} times${where}`),
    ...conclusion.map((text, i) => line(i === 0 ? 'capacity' : '', text)),
    line(
      'requests',
      `${formatCount(total)}: ${formatCount(requests.failed)} failed, ${formatCount(requests.retried)} with retries`,
    ),
  ];
}

function troubles({ errors, rejectedFirst, records, outcome, target }: Report): string[] {
  const lines: string[] = [];
  const codes = Object.entries(errors).sort(([, a], [, b]) => b - a);
  for (const [i, [code, n]] of codes.slice(0, ERRORS_SHOWN).entries()) {
    lines.push(line(i === 0 ? 'errors' : '', `${code} ${formatCount(n)}`));
  }
  if (codes.some(([code]) => isOutOfFiles(code))) lines.push(line('', MORE_FILES));
  if (records.inDoubt > 0) {
    const count = `up to ${formatCount(records.inDoubt)} failed or unsent`;
    lines.push(
      line(
        'in doubt',
        `${count}: the response was lost or unclear, the ${targetKind(target.kind).words.target} may hold them`,
      ),
    );
  }
  if (records.maybeDuplicated > 0) {
    lines.push(
      line('duplicates', `up to ${formatCount(records.maybeDuplicated)}: sent again after a lost or unclear response`),
    );
  }
  // If this record ended the run, the reason already names it.
  if (outcome.reason !== null && rejectedFirst.length === 1) return lines;
  for (const [i, { at, reason }] of rejectedFirst.entries()) {
    lines.push(line(i === 0 ? 'rejected' : '', `${at}: ${reason}`));
  }
  const more = records.rejected - rejectedFirst.length;
  if (more > 0) lines.push(line('', `and ${formatCount(more)} more`));
  return lines;
}

function surroundings({ target, metrics }: Report): string[] {
  const lines = targetKind(target.kind).describe(target);
  const exports = metrics?.otlp ? [line('metrics', exportText(metrics.otlp))] : [];
  return [...lines.map((text, index) => line(index === 0 ? 'target' : '', text)), ...exports, ''];
}

/** How many exports a collector took, and what was wrong with the others. */
function exportText({ endpoint, taken, failed, firstError }: OtlpReport): string {
  const total = formatCount(taken + failed);
  if (firstError === null) return `exported to ${endpoint}, ${total} time${taken === 1 ? '' : 's'}`;
  return `${formatCount(failed)} of ${total} exports to ${endpoint} FAILED: ${firstError}`;
}
