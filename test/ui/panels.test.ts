import { Text } from 'ink';
import { createElement } from 'react';
import { describe, expect, it } from 'vitest';
import { type Panel, share } from '../../src/ui/panel.js';
import { PANELS } from '../../src/ui/panels/index.js';
import { screenOf } from './rendered.js';
import { makeView } from './views.js';

/** A panel that wants seven rows and writes its size into each of its rows. */
const MINE: Panel = {
  name: 'mine',
  side: 'right',
  wants: () => [2, 5, 7],
  Body: ({ columns, rows }) =>
    Array.from({ length: rows }, (_, row) => createElement(Text, { key: row }, `mine ${row} ${columns}x${rows}`)),
};

function linesOf(columns: number, rows: number, panel: Panel): string[] {
  return screenOf(makeView(), columns, rows, { panels: [...PANELS, panel] }).split('\n');
}

describe('a panel added to the list', () => {
  it.each([
    [80, 24, 2, 0],
    [80, 50, 7, 0],
    [120, 40, 7, 61],
    [200, 50, 7, 101],
  ])('is drawn at %i columns and %i rows, %i rows high, from column %i on', (columns, rows, height, from) => {
    const lines = linesOf(columns, rows, MINE);
    const mine = lines.filter((line) => line.includes('mine')).map((line) => line.slice(from));
    expect(mine).toEqual(
      Array.from({ length: height }, (_, row) => expect.stringMatching(`^mine ${row} ${columns - from}x${height}$`)),
    );
    for (const other of ['offered', 'from intended', '8 shards', 'errors', 'read 240,345']) {
      expect(lines.join('\n')).toContain(other);
    }
  });

  it('is drawn on the left if that is its side', () => {
    expect(linesOf(200, 50, { ...MINE, side: 'left' })).toContainEqual(expect.stringMatching(/^mine 0 99x7 /));
  });

  it('is left out if there is no room for the least that it wants', () => {
    const huge: Panel = { ...MINE, wants: () => [100] };
    expect(linesOf(80, 24, huge)).toEqual(screenOf(makeView(), 80, 24).split('\n'));
  });
});

describe('the rows of a column', () => {
  const panel = (...wants: number[]): Panel => ({ ...MINE, wants: () => wants });
  const heights = (rows: number, ...panels: Panel[]) => share(panels, makeView(), { columns: 80, rows });

  it.each([
    [3, [3, 0]],
    [5, [3, 2]],
    [7, [5, 2]],
    [9, [5, 4]],
    [20, [16, 4]],
  ])('of %i are shared out as %j, in rounds', (rows, expected) => {
    expect(heights(rows, panel(3, 5, Number.POSITIVE_INFINITY), panel(2, 4, 4))).toEqual(expected);
  });

  it('go to a panel that is not shown yet only if they are enough', () => {
    expect(heights(6, panel(3), panel(0, 4), panel(0, 3))).toEqual([3, 0, 3]);
  });
});
