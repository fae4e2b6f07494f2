import type { LiveShard, LiveView } from '../../core/live.js';
import type { CapacityReport } from '../../core/report.js';
import { formatCount, formatRate, formatRecordRate, formatShort } from '../../core/units.js';
import { shardsText } from '../../target/kind.js';
import { targetKind } from '../../target/kinds.js';
import { level } from '../bars.js';
import { heading, noteColumns } from '../headings.js';
import type { Panel } from '../layout.js';
import { countWithin, wholePercent } from '../numbers.js';
import { bright, dim, type Line, plain, runs, type Size, type Span, type Style, span, truncate } from '../text.js';

const LABEL_COLUMNS = 5;
const ENTRY_COLUMNS = 33;
/** With a label of one character. */
const SHORT_ENTRY_COLUMNS = 10;
/** With fewer rows there is no list below the overview. */
const LIST_ROWS_MIN = 6;

/** shardId-000000000012 is shard 12. */
function labelOf(shard: LiveShard): string {
  return truncate(shard.id.replace(/^shardId-0*(?=\d)/, ''), LABEL_COLUMNS);
}

/** Throttling has its own character, so that it is visible without colour. */
function cellOf(shard: LiveShard): string {
  return shard.throttledPerSecond > 0 ? '!' : level(shard.load);
}

function styleOf(shard: LiveShard | undefined): Style {
  if (shard === undefined) return 'plain';
  if (shard.throttledPerSecond > 0) return 'throttle';
  return shard.load >= 0.8 ? 'bright' : 'bar';
}

function hottestFirst(shards: readonly LiveShard[]): LiveShard[] {
  return [...shards].sort((a, b) => b.throttledPerSecond - a.throttledPerSecond || b.load - a.load);
}

/** One character per shard, and the number of shards that do not fit. */
function cells(shards: readonly LiveShard[], { columns, rows }: Size): Line[] {
  const fits = shards.length <= columns * rows;
  const more = fits ? '' : ` +${formatCount(shards.length)} more`;
  const shown = fits ? shards : shards.slice(0, Math.max(0, columns * rows - more.length));
  const lines: Span[][] = [];
  for (let i = 0; i < shown.length; i += columns) {
    const row = shown.slice(i, i + columns);
    lines.push(runs(row.map(cellOf).join(''), (at) => styleOf(row[at])));
  }
  if (!fits) lines.at(-1)?.push(dim(` +${formatCount(shards.length - shown.length)} more`));
  return lines;
}

/** `  12 ▆   1,000/s   98 %  !1.2k` */
function entry(shard: LiveShard): Line {
  const style = styleOf(shard);
  const throttled = shard.throttledPerSecond > 0 ? `!${formatShort(shard.throttledPerSecond)}` : '';
  return [
    dim(labelOf(shard).padStart(LABEL_COLUMNS)),
    span(style, ` ${cellOf(shard)}`),
    bright(countWithin(shard.recordsPerSecond, 8).padStart(9)),
    dim('/s'),
    span(style, wholePercent(shard.load).padStart(7)),
    span('throttle', `  ${throttled}`.padEnd(ENTRY_COLUMNS - 25)),
  ];
}

/** `0 ▆  62%` */
function shortEntry(shard: LiveShard, labelColumns: number): Line {
  const style = styleOf(shard);
  return [
    dim(`${labelOf(shard).padStart(labelColumns)} `),
    span(style, cellOf(shard)),
    span(style === 'bar' ? 'plain' : style, wholePercent(shard.load).replace(' ', '').padStart(5)),
    plain('  '),
  ];
}

/** Entries in columns read downwards, in the order given. */
function table(entries: readonly Line[], across: number, rows: number): Line[] {
  const down = Math.min(rows, Math.ceil(entries.length / across));
  return Array.from({ length: down }, (_, row) =>
    Array.from({ length: across }, (_, column) => entries[column * down + row] ?? []).flat(),
  );
}

/** Every shard in a few characters, in the stream's order; undefined if there are too few rows. */
function shortTable(shards: readonly LiveShard[], { columns, rows }: Size): Line[] | undefined {
  if (shards.length > rows * Math.floor(columns / SHORT_ENTRY_COLUMNS)) return undefined;
  const labelColumns = Math.max(...shards.map((shard) => labelOf(shard).length));
  const across = Math.floor(columns / (SHORT_ENTRY_COLUMNS - 1 + labelColumns));
  if (shards.length > rows * across) return undefined;
  return table(
    shards.map((shard) => shortEntry(shard, labelColumns)),
    across,
    rows,
  );
}

/** One cell per shard in the stream's order, or the hottest first if there are more shards than cells. */
function map(shards: readonly LiveShard[], size: Size): Line[] {
  return cells(shards.length <= size.columns * size.rows ? shards : hottestFirst(shards), size);
}

/** Each shard with its figures if all fit. Otherwise all in short, and below them the figures of the hottest. */
function body(shards: readonly LiveShard[], size: Size): Line[] {
  const { columns, rows } = size;
  const across = Math.max(1, Math.floor(columns / ENTRY_COLUMNS));
  if (shards.length <= across * rows) return table(shards.map(entry), across, rows);

  const overview = { columns, rows: rows < LIST_ROWS_MIN ? rows : Math.ceil(rows * 0.6) };
  const above = shortTable(shards, overview) ?? map(shards, overview);
  const listRows = rows - above.length - 1;
  if (listRows < 2) return above;
  const hottest = hottestFirst(shards).slice(0, across * listRows);
  return [...above, [dim('hottest')], ...table(hottest.map(entry), across, listRows)];
}

/** What to do about a shortage of shards, in the longest form that fits the heading. */
function shortageNote(capacity: CapacityReport, room: number): string {
  const { shards, shardsNeeded, shardsToSpare, recordsPerSecond, hotKey } = capacity;
  const needed = formatCount(shardsNeeded);
  const toSpare = formatCount(shardsToSpare);
  const load = hotKey === null ? '' : formatRate(hotKey.load);
  const oneShard = ['one shard gets nearly all records: spread the keys', 'one shard is full: spread the keys', ''];
  const forms =
    hotKey !== null && hotKey.load > 1
      ? [
          `one key needs ${load} shards: spread its records over more keys`,
          `one key needs ${load} shards: use more keys`,
          `one key needs ${load} shards`,
        ]
      : shardsNeeded <= shards
        ? oneShard
        : [
            `${formatRecordRate(recordsPerSecond)} need ${needed} shards (${toSpare} with 20 % to spare)`,
            `too few: ${needed} needed (${toSpare} with 20 % to spare)`,
            `too few: ${needed} needed`,
          ];
  return forms.find((form) => form.length <= room) ?? '';
}

function noteOf({ shards, target, capacity }: LiveView, room: number): string {
  if (!targetKind(target.kind).hasShardLimits) return '% of the busiest';
  if (capacity !== null && !capacity.enough) return shortageNote(capacity, room);
  let throttled = 0;
  let hottest = 0;
  for (const shard of shards) {
    if (shard.throttledPerSecond > 0) throttled++;
    hottest = Math.max(hottest, shard.load);
  }
  const facts = [`${formatCount(throttled)} throttled (!)`, `hottest ${wholePercent(hottest)}`];
  return (target.limits ? facts : [...facts, 'limits off']).join(', ');
}

function render(view: LiveView, { columns, rows }: Size): Line[] {
  const { shards } = view;
  const title = shardsText(targetKind(view.target.kind).words, shards.length);
  if (shards.length === 0) return [heading(title, '', columns), [dim('no shards to show')]];
  return [
    heading(title, noteOf(view, noteColumns(title, columns)), columns),
    ...body(shards, { columns, rows: rows - 1 }),
  ];
}

export const shardsPanel: Panel = {
  floor: { columns: 0, rows: 2 },
  side: 'right',
  wants({ shards }, { columns }) {
    const forAll = 1 + Math.max(1, Math.ceil(shards.length / Math.max(1, Math.floor(columns / ENTRY_COLUMNS))));
    return [0, 0, Math.min(6, forAll), forAll, 0, 0, Number.POSITIVE_INFINITY];
  },
  render,
};
