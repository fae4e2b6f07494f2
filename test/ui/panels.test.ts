import { describe, expect, it } from 'vitest';
import { composeFrame } from '../../src/ui/frame.js';
import type { Panel } from '../../src/ui/layout.js';
import { PANELS } from '../../src/ui/panels/index.js';
import { plain } from '../../src/ui/text.js';
import { makeView } from './views.js';

/** A panel that wants seven rows and draws its size into each of its rows. */
const MINE: Panel = {
  floor: { columns: 20, rows: 2 },
  side: 'right',
  wants: () => [2, 5, 7],
  render: (_, { columns, rows }) => Array.from({ length: rows }, (_, row) => [plain(`mine ${row} ${columns}x${rows}`)]),
};

function screenOf(columns: number, rows: number, panel: Panel = MINE): string[] {
  const frame = composeFrame(makeView(), { columns, rows }, undefined, [...PANELS, panel]);
  expect(frame).toHaveLength(rows);
  return frame.map((line) => line.map(({ text }) => text).join(''));
}

describe('a panel added to the list', () => {
  it.each([
    [80, 24, 4, /^mine/],
    [80, 40, 7, /^mine/],
    [120, 40, 7, /^.{72}mine/],
    [200, 50, 7, /^.{101}mine/],
  ])('is drawn at %i columns and %i rows, %i rows high', (columns, rows, height, place) => {
    const screen = screenOf(columns, rows);
    const mine = screen.filter((row) => row.includes('mine'));
    const width = columns === 80 ? 80 : columns - /mine/.exec(mine[0] ?? '')!.index;
    expect(mine.map((row) => row.slice(row.indexOf('mine')))).toEqual(
      Array.from({ length: height }, (_, row) => `mine ${row} ${width}x${height}`),
    );
    for (const row of mine) expect(row).toMatch(place);
    for (const other of ['records/s', 'latency', '8 shards', 'workers', 'requests ok']) {
      expect(screen.join('\n')).toContain(other);
    }
  });

  it.each([
    [80, 24, { columns: 81, rows: 2 }],
    [80, 24, { columns: 20, rows: 12 }],
    [120, 24, { columns: 49, rows: 2 }],
  ])('is left out at %i columns and %i rows if its floor is %j', (columns, rows, floor) => {
    const without = composeFrame(makeView(), { columns, rows }, undefined);
    expect(composeFrame(makeView(), { columns, rows }, undefined, [...PANELS, { ...MINE, floor }])).toEqual(without);
  });

  it('moves to the left if the right has too little room for it', () => {
    const panel = (rows: number): Panel => ({ ...MINE, side: { rightFrom: { columns: 20, rows } } });
    expect(screenOf(200, 50, panel(7)).join('\n')).toMatch(/^.{101}mine 0/m);
    expect(screenOf(200, 50, panel(8)).join('\n')).toMatch(/^mine 0/m);
  });
});
