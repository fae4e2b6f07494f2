import type { RunPlan } from '../config/run-plan.js';
import type { ScenarioPlan } from '../config/scenario-plan.js';
import { EXIT_CODES } from '../core/errors.js';
import { formatKloadRecord } from '../core/kload-record.js';
import { formatCount } from '../core/units.js';
import { readingText } from '../report/input-text.js';
import { type DryRecord, type DryRun, dryRun } from '../run/dry-run.js';
import { ofLoad } from '../run/scenario/open-scenario.js';
import { printableData, printableKey, shortShardId } from '../tail/record-format.js';
import { shardsText } from '../target/kind.js';
import { targetKind } from '../target/kinds.js';
import { printLines } from './print.js';

const COLUMNS_DEFAULT = 80;
const CELL_CHARS_MAX = 40;

/**
 * Prints the first records of a run, and sends nothing: a table on a terminal, otherwise records that kload can read
 * again. Returns the exit code.
 */
export async function executeDryRun(plan: RunPlan, count: number): Promise<number> {
  const note = (text: string) => printLines(process.stderr, `kload: ${text}`);
  const kind = targetKind(plan.target.kind);
  const warning = kind.warning(plan.target);
  if (warning !== undefined) note(warning);
  const { isTTY } = process.stdout;
  const rows: DryRecord[] = [];
  const lines: string[] = [];
  const onRecord = (record: DryRecord) => {
    if (isTTY) rows.push(record);
    else lines.push(lineOf(record, plan));
  };
  let found: DryRun;
  try {
    found = await dryRun(plan, count, onRecord, note);
  } finally {
    // Also the records before one that ends the run.
    if (isTTY)
      printLines(process.stdout, ...tableOf(rows, kind.words.shard, process.stdout.columns || COLUMNS_DEFAULT));
    else await new Promise((resolve) => process.stdout.write(lines.join(''), resolve));
  }
  for (const reading of plan.quiet ? [] : found.files) {
    note(`reading ${reading.file}: ${readingText(reading, plan.partitionKey !== undefined)}`);
  }
  for (const { at, reason } of found.rejected) note(`rejected ${at}: ${reason}`);
  const records = `${formatCount(found.records)} record${found.records === 1 ? '' : 's'}`;
  const { shards } = found.target;
  if (!plan.quiet)
    note(
      `dry run: ${records}${shards === 0 ? '' : ` for ${shardsText(kind.words, shards)}`}, nothing was sent or written`,
    );
  return EXIT_CODES.ok.code;
}

/** The same for each load of a run: the table of each has a title. */
export async function executeDryRuns({ loads }: ScenarioPlan, count: number): Promise<number> {
  for (const { name, plan } of loads) {
    if (process.stdout.isTTY) printLines(process.stdout, `load '${name}'`);
    else if (!plan.quiet) printLines(process.stderr, `kload: load '${name}'`);
    try {
      await executeDryRun(plan, count);
    } catch (error) {
      throw ofLoad(error, name);
    }
  }
  return EXIT_CODES.ok.code;
}

function lineOf({ shardId, dueMs, ...record }: DryRecord, { target }: RunPlan): string {
  const isTopic = targetKind(target.kind).record.attributes === 'headers';
  const place = isTopic ? { partition: shardId === undefined ? undefined : Number(shardId) } : { shardId };
  return formatKloadRecord({
    ...record,
    ...place,
    dueMs: Number.isFinite(dueMs) ? Math.round(dueMs * 1000) / 1000 : null,
  });
}

/** Lines of columns. The last one, the data, fills the terminal. */
function tableOf(records: readonly DryRecord[], shard: string, width: number): string[] {
  const hasHashKeys = records.some(({ explicitHashKey }) => explicitHashKey !== undefined);
  const head = ['due', shard, 'bytes', 'key', ...(hasHashKeys ? ['hash key'] : []), 'data'];
  const body = records.map(({ dueMs, shardId, bytes, key, explicitHashKey, data }) => [
    Number.isFinite(dueMs) ? `+${(dueMs / 1000).toFixed(3)}s` : 'at once',
    shardId === undefined ? 'any' : shortShardId(shardId),
    formatCount(bytes),
    clipped(printableKey(key), CELL_CHARS_MAX),
    ...(hasHashKeys ? [explicitHashKey ?? ''] : []),
    data === null ? 'null' : printableData(data),
  ]);
  const table = [head, ...body];
  const widths = head.map((_, i) => Math.max(...table.map((row) => row[i]!.length)));
  return table.map((row) => {
    const cells = row.slice(0, -1).map((cell, i) => (i < 3 ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)));
    const start = `${cells.join('  ')}  `;
    return start + clipped(row.at(-1)!, Math.max(CELL_CHARS_MAX / 2, width - start.length));
  });
}

function clipped(text: string, chars: number): string {
  return text.length > chars ? `${text.slice(0, chars - 1)}…` : text;
}
