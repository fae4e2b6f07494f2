import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OrderCheck } from '../../src/input/order/order-check.js';
import { PacedTimes } from '../../src/input/order/paced-times.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** 2026-01-02, 56 years after 1970. */
const START = 1_767_312_000_000;

/**
 * Paced times, since the first time in order. Rows come in blocks of `blockRows`; rows that wait come again in the
 * next.
 */
function paced(times: readonly number[], { speed = 1, blockRows = 4096, newFileAt = -1 } = {}) {
  const pacer = new PacedTimes(speed);
  const out: number[] = [];
  const result = new Float64Array(8192);
  let waiting: number[] = [];
  for (let from = 0; from < times.length; from += blockRows) {
    waiting.push(...times.slice(from, from + blockRows).map((ms) => START + ms));
    const isLast = from + blockRows >= times.length;
    const first = out.length;
    const fileAt = newFileAt < 0 ? [] : [newFileAt - first];
    const done = pacer.pace(Float64Array.from(waiting), waiting.length, fileAt, 0, isLast ? 'nothing' : 'rows', result);
    out.push(...result.subarray(0, done));
    waiting = waiting.slice(done);
  }
  expect(waiting).toEqual([]);
  const { outOfOrder, outOfOrderMaxMs, clockJumps, clockJumpMaxMs } = pacer;
  return { due: out.map((ms) => ms - START), found: { outOfOrder, outOfOrderMaxMs, clockJumps, clockJumpMaxMs } };
}

const IN_ORDER = { outOfOrder: 0, outOfOrderMaxMs: 0, clockJumps: 0, clockJumpMaxMs: 0 };
/** One row per second. */
const seconds = (count: number, from = 0) => Array.from({ length: count }, (_, n) => (from + n) * 1000);

describe('rows are due', () => {
  it.each<[string, number[], number[], object]>([
    ['as recorded when they are in order', [0, 100, 100, HOUR, DAY], [0, 100, 100, HOUR, DAY], IN_ORDER],
    [
      'with their neighbors when two of them are swapped',
      [0, 100, 50, 150],
      [0, 100, 100, 150],
      { ...IN_ORDER, outOfOrder: 1, outOfOrderMaxMs: 50 },
    ],
    [
      'as recorded around one that is a day ahead',
      [0, 1000, DAY, 2000, 3000],
      [0, 1000, 1000, 2000, 3000],
      { ...IN_ORDER, outOfOrder: 1, outOfOrderMaxMs: DAY - 1000 },
    ],
    [
      'on from a first one that is a day ahead',
      [DAY, 0, 1000, 2000],
      [DAY, DAY, DAY + 1000, DAY + 2000],
      { ...IN_ORDER, clockJumps: 1, clockJumpMaxMs: DAY },
    ],
    [
      'as recorded around several that are a day ahead',
      [0, DAY, DAY + 2000, DAY + 1000, 1000, 2000, 3000, 4000, 5000],
      [0, 0, 0, 0, 1000, 2000, 3000, 4000, 5000],
      { ...IN_ORDER, outOfOrder: 3, outOfOrderMaxMs: DAY + 2000 },
    ],
    [
      'as recorded around one of 1970',
      [0, 1000, -START, 2000, 3000],
      [0, 1000, 1000, 2000, 3000],
      { ...IN_ORDER, outOfOrder: 1, outOfOrderMaxMs: START + 1000 },
    ],
    [
      'at once after a first one of 1970',
      [-START, 1000, 2000],
      [-START, -START, -START + 1000],
      { ...IN_ORDER, clockJumps: 1, clockJumpMaxMs: START + 1000 },
    ],
    [
      'on from where the clock was set back by an hour',
      [...seconds(70), ...seconds(70, 71 - 3600)],
      [...seconds(70), 69_000, ...seconds(69, 70)],
      { ...IN_ORDER, clockJumps: 1, clockJumpMaxMs: HOUR - 2000 },
    ],
    [
      'on from where one of two that are one after the other ends',
      [...seconds(40), ...seconds(20)],
      [...seconds(40), 39_000, ...seconds(19, 40)],
      { ...IN_ORDER, clockJumps: 1, clockJumpMaxMs: 39_000 },
    ],
    [
      'late when chunks of several hosts were put together',
      [0, 1000, 2000, 3000, 500, 1500, 2500, 4000, 5000, 3500, 4500, 6000],
      [0, 1000, 2000, 3000, 3000, 3000, 3000, 4000, 5000, 5000, 5000, 6000],
      { ...IN_ORDER, outOfOrder: 5, outOfOrderMaxMs: 2500 },
    ],
  ])('%s', (_, times, due, found) => {
    expect(paced(times)).toEqual({ due, found });
    for (const blockRows of [1, 2, 3, 50]) {
      const inBlocks = paced(times, { blockRows });
      // Blocks make no difference, unless a row is ahead of the others by more than a second.
      if (times.every((ms) => ms % 1000 === 0)) expect(inBlocks).toEqual({ due, found });
    }
  });

  it('from the end of the previous file on, even if a file goes back only a little', () => {
    const times = [0, 1000, 2000, 1990, 2000, 3000];
    expect(paced([0, 1000, 2000, 500, 1000, 1500], { newFileAt: 3 })).toEqual({
      due: [0, 1000, 2000, 2000, 2500, 3000],
      found: { ...IN_ORDER, clockJumps: 1, clockJumpMaxMs: 1500 },
    });
    // These continue: the first of them is a row out of order.
    expect(paced(times, { newFileAt: 3 }).found).toMatchObject({ outOfOrder: 1, clockJumps: 0 });
  });

  it('after a silence as long as recorded, unless at this speed it is longer than anyone would wait', () => {
    const times = [0, 30 * DAY, 30 * DAY + 1000];
    expect(paced(times).due).toEqual([0, 0, 1000]);
    expect(paced(times, { speed: 10 }).due).toEqual(times);
  });

  it('by the clock of most hosts, if some have another one', () => {
    const share = fc.integer({ min: 3, max: 6 });
    fc.assert(
      fc.property(share, fc.constantFrom(-HOUR, HOUR), fc.integer({ min: 1, max: 20 }), (every, offMs, first) => {
        const times = seconds(600).map((ms, n) => (n > first && n % every === 1 ? ms + offMs : ms));
        const { due } = paced(times, { blockRows: 100 });
        // Within the seconds between two rows of a right clock, except for the last rows, which no row follows.
        for (const [n, ms] of due.entries()) if (n < 590) expect(Math.abs(ms - n * 1000)).toBeLessThanOrEqual(2000);
      }),
    );
  });

  it('never before the previous row, and rows in order keep their pace', () => {
    const time = fc.oneof(fc.integer({ min: 0, max: 600 }), fc.integer({ min: -1e6, max: 1e6 }));
    const rows = fc.array(time, { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 400 }), (list, blockRows) => {
        const times = list.map((s) => s * 1000);
        const { due } = paced(times, { blockRows });
        for (const [n, ms] of due.entries()) expect(ms).toBeGreaterThanOrEqual(due[n - 1] ?? ms);
        expect(due).toEqual(paced(times).due);
        const sorted = times.toSorted((a, b) => a - b);
        expect(paced(sorted, { blockRows, speed: 1e6 })).toEqual({ due: sorted, found: IN_ORDER });
      }),
    );
  });
});

describe('a recording is mostly out of order', () => {
  /** After how many rows disorder is found, for blocks of this many rows. */
  const lookedAt = (times: readonly number[], blockRows = 4096) => {
    const check = new OrderCheck();
    for (let from = 0; from < times.length; from += blockRows) {
      const block = Float64Array.from(times.slice(from, from + blockRows));
      const rows = check.look(block, block.length);
      if (rows !== undefined) return rows;
    }
    return undefined;
  };
  const random = (n: number) => {
    const mixed = Math.imul(n + 1, 0x9e3779b1);
    return (Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b) >>> 8) % 1009;
  };
  const rows = (count: number, at: (n: number) => number) => Array.from({ length: count }, (_, n) => at(n));

  it.each<[string, number[], number]>([
    ['newest first', rows(3000, (n) => -n * 200), 3000],
    ['newest first, of few rows', [4, 3, 2, 1], 4],
    ['newest first, many rows a second', rows(3000, (n) => -Math.floor(n / 50)), 3000],
    ['newest first, and slightly shuffled', rows(3000, (n) => -n * 10 + random(n)), 3000],
    ['newest first, with a wrong clock', rows(3000, (n) => (n === 17 ? DAY : -n)), 3000],
    ['sorted by something else', rows(1000, random), 1000],
  ])('%s', (_, times, after) => {
    expect(lookedAt(times)).toBe(after);
    // A pipe that delivers one row at a time needs more rows.
    if (times.length > 256) expect(lookedAt(times, 1)).toBe(256);
  });

  it.each<[string, number[]]>([
    ['in order', rows(3000, (n) => n)],
    ['of one time', rows(3000, () => 5)],
    ['slightly shuffled', rows(3000, (n) => n * 10 + random(n))],
    ['swapped in pairs', rows(12, (n) => n ^ 1)],
    ['two files one after the other', [...rows(1500, (n) => n), ...rows(1500, (n) => n)]],
    ['two files in the wrong order', [...rows(100, (n) => n), ...rows(100, (n) => n - 1000)]],
    ['two small files', [10, 11, 12, 0, 1, 2]],
    ['chunks of two hosts', rows(3000, (n) => Math.floor(n / 500) * 250 + (n % 500))],
    ['of hosts an hour apart', rows(3000, (n) => n + Number(random(n) < 300) * HOUR)],
    ['with a wrong clock', [3, 1_000_000, 4, 5, -1_000_000, 6]],
    ['too few to say', [2, 1]],
  ])('but not %s', (_, times) => {
    expect(lookedAt(times)).toBeUndefined();
    expect(lookedAt(times, 100)).toBeUndefined();
  });
});
