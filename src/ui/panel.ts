import type { ReactNode } from 'react';
import type { LiveView } from '../core/live.js';

/** Which part of the run the latencies are of: its last seconds, or all of it. */
export type LatencySpan = 'recent' | 'run';

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

export interface PanelProps extends Size {
  readonly view: LiveView;
  readonly span: LatencySpan;
}

/** Lines that are always shown. */
export interface Strip {
  readonly name: string;
  /** How many; 0: there is nothing to show. */
  rows(view: LiveView, columns: number): number;
  readonly Body: (props: PanelProps) => ReactNode;
}

/** A part of the dashboard that shares the screen with others. A line in `panels/index.ts` adds one. */
export interface Panel {
  readonly name: string;
  /** Its side of a screen with two columns: over time on the left, as it is now on the right. */
  readonly side: 'left' | 'right';
  /** How many rows it wants, round by round (see `share`). The first that is not 0 is its floor. */
  wants(view: LiveView, column: Size): readonly number[];
  readonly Body: (props: PanelProps) => ReactNode;
}

/**
 * Shares out the rows of a column. In each round, from top to bottom, every panel grows to the height that it wants in
 * this round, as far as there are rows; a panel that is not shown yet needs all of them.
 *
 * @returns the height of each panel; 0: it is not shown
 */
export function share(panels: readonly Panel[], view: LiveView, column: Size): number[] {
  let left = column.rows;
  const wants = panels.map((panel) => panel.wants(view, column));
  const heights = panels.map(() => 0);
  for (let round = 0; round < Math.max(0, ...wants.map(({ length }) => length)); round++) {
    for (const [i, height] of heights.entries()) {
      const more = Math.max(0, (wants[i]?.[round] ?? 0) - height);
      if (more > left && height === 0) continue;
      heights[i] = height + Math.min(left, more);
      left -= Math.min(left, more);
    }
  }
  return heights;
}
