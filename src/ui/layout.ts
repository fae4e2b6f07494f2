import type { LiveView } from '../core/live.js';
import { fitLine, type Line, plain, type Size } from './text.js';

/** A part of the dashboard that shares the screen with others. A line in `panels/index.ts` adds one. */
export interface Panel {
  /** The smallest size at which it is shown. */
  readonly floor: Size;
  /** Its side of a screen with two columns. `rightFrom`: right if it gets this size there, otherwise left. */
  readonly side: 'left' | 'right' | { readonly rightFrom: Size };
  /** How many rows it wants of its column, round by round (see `share`); 0 skips a round. */
  wants(view: LiveView, column: Size): readonly number[];
  render(view: LiveView, size: Size): readonly Line[];
}

/** Lines that are always shown, as many as they need. */
export type Strip = (view: LiveView, columns: number) => readonly Line[];

const TWO_COLUMNS_MIN = 120;
const LEFT_COLUMNS_MIN = 70;
const GUTTER_COLUMNS = 2;

/** Fills the area with the panels: in one column, in their order, or in two columns if the area is wide enough. */
export function arrange(panels: readonly Panel[], view: LiveView, area: Size): Line[] {
  const { columns, rows } = area;
  if (columns < TWO_COLUMNS_MIN) return stack(panels, view, area);
  const left = { columns: Math.max(LEFT_COLUMNS_MIN, Math.floor((columns - GUTTER_COLUMNS) / 2)), rows };
  const right = { columns: columns - GUTTER_COLUMNS - left.columns, rows };
  const onRight = rightPanels(panels, view, right);
  const onLeft = panels.filter((panel) => !onRight.includes(panel));
  const rightLines = stack(onRight, view, right);
  const gutter = plain(' '.repeat(GUTTER_COLUMNS));
  return stack(onLeft, view, left).map((line, row) => [
    ...fitLine(line, left.columns),
    gutter,
    ...(rightLines[row] ?? []),
  ]);
}

/** The right column runs from the end of the list, so that its last panel borders on the left column's. */
function rightPanels(panels: readonly Panel[], view: LiveView, column: Size): Panel[] {
  let chosen = panels.filter(({ side }) => side === 'right').reverse();
  for (const panel of panels) {
    if (typeof panel.side === 'string' || column.columns < panel.side.rightFrom.columns) continue;
    const tried = panels.filter((other) => other === panel || chosen.includes(other)).reverse();
    const rows = share(tried, view, column)[tried.indexOf(panel)] ?? 0;
    if (rows >= panel.side.rightFrom.rows) chosen = tried;
  }
  return chosen;
}

function stack(panels: readonly Panel[], view: LiveView, { columns, rows }: Size): Line[] {
  const heights = share(panels, view, { columns, rows });
  const lines = panels.flatMap((panel, i) => {
    const height = heights[i] ?? 0;
    return height === 0 ? [] : exactly(height, panel.render(view, { columns, rows: height }));
  });
  return exactly(rows, lines);
}

/**
 * Shares out the rows of a column. First each panel gets its floor. Then the panels grow in rounds: in each round, from
 * top to bottom, every panel grows to the height that it wants in this round, while rows are left.
 *
 * @returns the height of each panel; 0 if there is no room for its floor
 */
function share(panels: readonly Panel[], view: LiveView, column: Size): number[] {
  let left = column.rows;
  const heights = panels.map(({ floor }) => {
    if (column.columns < floor.columns || left < floor.rows) return 0;
    left -= floor.rows;
    return floor.rows;
  });
  const wants = panels.map((panel, i) => (heights[i] === 0 ? [] : panel.wants(view, column)));
  const rounds = Math.max(0, ...wants.map(({ length }) => length));
  for (let round = 0; round < rounds; round++) {
    for (const [i, height] of heights.entries()) {
      const more = Math.max(0, Math.min(left, (wants[i]?.[round] ?? 0) - height));
      heights[i] = height + more;
      left -= more;
    }
  }
  return heights;
}

/** Lines cut or padded to a height, so that a panel with little to say does not move those below it. */
export function exactly(rows: number, lines: readonly Line[]): Line[] {
  return Array.from({ length: rows }, (_, row) => lines[row] ?? []);
}
