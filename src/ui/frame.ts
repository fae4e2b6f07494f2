import type { LiveView } from '../core/live.js';
import { allocate } from './layout.js';
import { footerLine, keysLine, noticeLine } from './panels/footer.js';
import { helpPages } from './panels/help.js';
import { latencyItems, latencyPanel } from './panels/latency.js';
import { ledgerLines } from './panels/ledger.js';
import { progressLines } from './panels/progress.js';
import { rateItems, ratePanel } from './panels/rate.js';
import { shardRowsWanted, shardsPanel } from './panels/shards.js';
import { titleLine } from './panels/title.js';
import { troubleLines, troublePanel } from './panels/trouble.js';
import { workersPanel } from './panels/workers.js';
import { fitLine, flow, type Line, plain, type Size } from './text.js';

/** Below this the panels would hold less than their headings. */
const FULL_COLUMNS_MIN = 60;
const FULL_ROWS_MIN = 16;
const TWO_COLUMNS_MIN = 120;
const LEFT_COLUMNS_MIN = 70;
const GUTTER_COLUMNS = 2;
/** Its histogram tells something from there on. */
const LATENCY_ROWS_ON_THE_RIGHT = 14;

/**
 * The whole screen as lines, top to bottom.
 *
 * @param helpPage undefined: the run is shown
 */
export function composeFrame(view: LiveView, size: Size, helpPage: number | undefined): Line[] {
  if (helpPage !== undefined) {
    const pages = helpPages(size);
    // A larger terminal has fewer of them.
    return [titleLine(view, size.columns), ...(pages[Math.min(helpPage, pages.length - 1)] ?? [])];
  }
  if (size.columns < FULL_COLUMNS_MIN || size.rows < FULL_ROWS_MIN) return compact(view, size);

  const above = [titleLine(view, size.columns), ...progressLines(view, size.columns)];
  const below = [...ledgerLines(view, size.columns), footerLine(view, size.columns)];
  const body = { columns: size.columns, rows: size.rows - above.length - below.length };
  const middle = size.columns < TWO_COLUMNS_MIN ? oneColumn(view, body) : twoColumns(view, body);
  return [...above, ...middle, ...below];
}

function oneColumn(view: LiveView, { columns, rows }: Size): Line[] {
  const heights = allocate(rows, { rate: 2, latency: 3, shards: 2, workers: 2, trouble: 2 }, [
    ['rate', 3],
    ['trouble', Math.min(3, troubleLines(view, columns).length)],
    ['rate', 6],
    ['workers', Math.min(3, 1 + view.workers.length)],
    ['latency', 8],
    ['shards', Math.min(6, shardRowsWanted(view, columns))],
    ['workers', Math.min(5, 1 + view.workers.length)],
    ['rate', 8],
    ['latency', 11],
    ['shards', shardRowsWanted(view, columns)],
    ['workers', 1 + view.workers.length],
    ['latency', 20],
    ['rate', rows],
  ]);
  return [
    ...exactly(heights.rate, ratePanel(view, { columns, rows: heights.rate })),
    ...exactly(heights.latency, latencyPanel(view, { columns, rows: heights.latency })),
    ...exactly(heights.shards, shardsPanel(view, { columns, rows: heights.shards })),
    ...exactly(heights.workers, workersPanel(view, { columns, rows: heights.workers })),
    ...exactly(heights.trouble, troublePanel(view, { columns, rows: heights.trouble })),
  ];
}

/** The latency stands on the right where that is as wide and few shards leave it room, else on the left. */
function twoColumns(view: LiveView, { columns, rows }: Size): Line[] {
  const left = Math.max(LEFT_COLUMNS_MIN, Math.floor((columns - GUTTER_COLUMNS) / 2));
  const right = columns - GUTTER_COLUMNS - left;
  const workers = Math.min(1 + view.workers.length, Math.floor(rows / 3));
  const shards = shardRowsWanted(view, right);
  const latencyIsRight = right >= LEFT_COLUMNS_MIN && workers + shards + LATENCY_ROWS_ON_THE_RIGHT <= rows;
  const onLeft = (latencyRows: number) => (latencyIsRight ? 0 : latencyRows);
  const lefts = allocate(rows, { rate: 3, latency: onLeft(3), trouble: 2 }, [
    ['rate', 6],
    ['latency', onLeft(8)],
    ['rate', 10],
    ['latency', onLeft(14)],
    ['trouble', 4],
    ['rate', latencyIsRight ? rows : 18],
    ['latency', onLeft(rows)],
  ]);
  const rights = allocate(rows, { workers: 2, shards: 2, latency: 0 }, [
    ['workers', workers],
    ['shards', latencyIsRight ? shards : rows],
    ['latency', rows],
  ]);
  const leftLines = [
    ...exactly(lefts.rate, ratePanel(view, { columns: left, rows: lefts.rate })),
    ...exactly(lefts.latency, latencyPanel(view, { columns: left, rows: lefts.latency })),
    ...exactly(lefts.trouble, troublePanel(view, { columns: left, rows: lefts.trouble })),
  ];
  const rightLines = [
    ...exactly(rights.workers, workersPanel(view, { columns: right, rows: rights.workers })),
    ...exactly(rights.shards, shardsPanel(view, { columns: right, rows: rights.shards })),
    ...exactly(rights.latency, latencyPanel(view, { columns: right, rows: rights.latency })),
  ];
  const gutter = plain(' '.repeat(GUTTER_COLUMNS));
  return leftLines.map((line, row) => [...fitLine(line, left), gutter, ...(rightLines[row] ?? [])]);
}

/** What matters most first: the terminal cuts the rest. */
function compact(view: LiveView, { columns, rows }: Size): Line[] {
  const lines = [
    titleLine(view, columns),
    ...flow(rateItems(view), columns).slice(0, 2),
    ...ledgerLines(view, columns),
    ...flow(latencyItems(view), columns),
    ...troubleLines(view, columns),
  ];
  const { notice } = view;
  const below = [...(notice === undefined ? [] : [noticeLine(notice, columns)]), keysLine(view, columns)];
  return [...exactly(Math.max(1, rows - below.length), lines), ...below].slice(0, rows);
}

/** A section keeps its height whatever it has to say, so that those below it hold still. */
function exactly(rows: number, lines: readonly Line[]): Line[] {
  return Array.from({ length: rows }, (_, row) => lines[row] ?? []);
}
