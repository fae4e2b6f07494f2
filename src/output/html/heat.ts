import { escaped } from '../escaped.js';
import { LEFT, RIGHT, type Scale, WIDE } from './chart.js';

const PLOT_WIDTH = WIDE - LEFT - RIGHT;
const TOP = 5;
const BOTTOM = 26;
const ROW_HEIGHT_MAX = 22;
const ROW_HEIGHT_MIN = 9;
/** Rows share this height, unless they become too high or too low. */
const ROWS_HEIGHT = 320;
/** A label needs this much height. */
const LABEL_HEIGHT = 15;
/** How much of a cell's height shows its second value. */
const MARK_SHARE = 0.4;
/** Rows that are lower than this have no gap between them: it would be uneven. */
const GAP_FROM = 14;

/** A row of a heat map. Cells of the same level and mark that follow each other are drawn as one. */
export interface HeatRow {
  readonly label: string;
  /** The level of each cell: 0 is drawn as nothing. */
  readonly levels: readonly number[];
  /** The level of the mark at the foot of each cell: 0 is none. */
  readonly marks: readonly number[];
}

export interface HeatMap {
  /** Unique on the page. */
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly x: Scale;
  /** Where a column begins on the x axis is its index times this. */
  readonly columnWidth: number;
  readonly rows: readonly HeatRow[];
  /** The names of the levels from 1 on, whose colours are the classes heat1, heat2, … */
  readonly levels: readonly string[];
  /** The names of the marks from 1 on, whose colours are the classes mark1, mark2, … */
  readonly marks: readonly string[];
}

/** The heat map as SVG, with a legend. */
export function drawnHeat(map: HeatMap): string {
  const { id, title, description, x, columnWidth, rows, levels, marks } = map;
  const rowHeight = Math.min(ROW_HEIGHT_MAX, Math.max(ROW_HEIGHT_MIN, Math.floor(ROWS_HEIGHT / rows.length)));
  const height = rows.length * rowHeight;
  const labelEvery = Math.ceil(LABEL_HEIGHT / rowHeight);
  const labels = rows.map(({ label }, i) =>
    i % labelEvery === 0
      ? `<text class="tick end" x="${LEFT - 6}" y="${TOP + (i + 0.5) * rowHeight}" dy="4">${escaped(label)}</text>`
      : '',
  );
  const px = (value: number) => Math.round((LEFT + x.at(value) * PLOT_WIDTH) * 10) / 10;
  const ticks = x.ticks.map(
    (tick) => `<text class="tick middle" x="${px(tick)}" y="${TOP + height + 18}">${escaped(x.label(tick))}</text>`,
  );
  const key = (style: string) => (name: string, i: number) =>
    `<li><span class="key ${style}${i + 1}"></span>${escaped(name)}</li>`;
  const filled = rowHeight < GAP_FROM ? 1 : 0.94;
  // Inside, a unit is a column wide and a row high.
  const columns = 1 / x.at(columnWidth);
  return (
    `<div class="scroll" role="group" aria-label="${escaped(title)}" tabindex="0">` +
    `<svg viewBox="0 0 ${WIDE} ${TOP + height + BOTTOM}" role="img" aria-labelledby="${id}-t ${id}-d">` +
    `<title id="${id}-t">${escaped(title)}</title><desc id="${id}-d">${escaped(description)}</desc>` +
    `<rect class="ground" x="${LEFT}" y="${TOP}" width="${PLOT_WIDTH}" height="${height}"/>` +
    `<svg x="${LEFT}" y="${TOP}" width="${PLOT_WIDTH}" height="${height}" viewBox="0 0 ${columns} ${rows.length}" preserveAspectRatio="none">` +
    `${layer(rows, 'levels', levels.length, 'heat', 0, filled)}` +
    `${layer(rows, 'marks', marks.length, 'mark', 1 - MARK_SHARE, filled - (1 - MARK_SHARE))}</svg>` +
    `${labels.join('')}${ticks.join('')}</svg></div>` +
    `<ul class="legend">${levels.map(key('heat')).join('')}${marks.map(key('mark')).join('')}</ul>`
  );
}

/** A path for each level, in which each run of equal cells is a line. */
function layer(
  rows: readonly HeatRow[],
  values: 'levels' | 'marks',
  count: number,
  style: string,
  top: number,
  height: number,
): string {
  const paths = Array.from({ length: count + 1 }, (): string[] => []);
  for (const [row, { [values]: cells }] of rows.entries()) {
    const y = Math.round((row + top + height / 2) * 100) / 100;
    for (let from = 0, to = 0; from < cells.length; from = to) {
      while (to < cells.length && cells[to] === cells[from]) to++;
      paths[cells[from]!]!.push(`M${from} ${y}h${to - from}`);
    }
  }
  return paths
    .map((path, level) =>
      level === 0 || path.length === 0
        ? ''
        : `<path class="cell ${style}${level}" stroke-width="${Math.round(height * 100) / 100}" d="${path.join('')}"/>`,
    )
    .join('');
}
