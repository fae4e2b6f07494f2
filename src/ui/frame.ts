import type { LiveView } from '../core/live.js';
import { arrange, exactly, type Strip } from './layout.js';
import { helpPages } from './panels/help.js';
import { ABOVE, BELOW, COMPACT, COMPACT_BELOW, PANELS } from './panels/index.js';
import { titleLines } from './panels/title.js';
import type { Line, Size } from './text.js';

/** On a smaller screen the panels would have room for little more than their headings. */
const FULL_COLUMNS_MIN = 60;
const FULL_ROWS_MIN = 16;

/**
 * The whole screen as lines, top to bottom.
 *
 * @param helpPage the page of the help to show; undefined: the run is shown
 */
export function composeFrame(view: LiveView, size: Size, helpPage: number | undefined, panels = PANELS): Line[] {
  const { columns, rows } = size;
  const linesOf = (strips: readonly Strip[]) => strips.flatMap((strip) => strip(view, columns));
  if (helpPage !== undefined) {
    const pages = helpPages(size);
    // A terminal that grew may have fewer pages.
    return [...titleLines(view, columns), ...(pages[Math.min(helpPage, pages.length - 1)] ?? [])];
  }
  if (columns < FULL_COLUMNS_MIN || rows < FULL_ROWS_MIN) {
    const below = linesOf(COMPACT_BELOW);
    return [...exactly(Math.max(1, rows - below.length), linesOf(COMPACT)), ...below].slice(0, rows);
  }
  const above = linesOf(ABOVE);
  const below = linesOf(BELOW);
  return [...above, ...arrange(panels, view, { columns, rows: rows - above.length - below.length }), ...below];
}
