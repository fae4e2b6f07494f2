import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { areEnough, shiftBetween } from '../../src/compare/u-test.js';

/** All ways to choose which of the ranks belong to the base. */
function* choices(ranks: number[], n: number): Generator<number[]> {
  if (n === 0) yield [];
  else
    for (const [i, rank] of ranks.entries())
      for (const rest of choices(ranks.slice(i + 1), n - 1)) yield [rank, ...rest];
}

describe('the U test over runs', () => {
  it('needs four runs a side, or three and five', () => {
    const sizes = [
      [1, 1],
      [3, 3],
      [2, 7],
      [1, 30],
      [3, 4],
    ] as const;
    expect(sizes.map(([a, b]) => areEnough(a, b))).toEqual(sizes.map(() => false));
    expect(
      [
        [4, 4],
        [3, 5],
        [2, 8],
        [5, 3],
        [20, 20],
      ].map(([a, b]) => areEnough(a!, b!)),
    ).toEqual(Array(5).fill(true));
  });

  it('shows a difference in at most 5 % of all orders of equal runs, and in the most extreme ones', () => {
    for (const [a, b] of [
      [4, 4],
      [3, 5],
      [5, 5],
      [4, 7],
    ] as const) {
      const ranks = Array.from({ length: a + b }, (_, i) => i);
      const all = [...choices(ranks, a)];
      const shown = all.filter((base) => {
        const { interval } = shiftBetween(
          base,
          ranks.filter((rank) => !base.includes(rank)),
        );
        return interval!.low > 0 || interval!.high < 0;
      });
      expect(shown.length / all.length).toBeLessThanOrEqual(0.05);
      expect(shown.length).toBeGreaterThanOrEqual(2);
      // One more order on each side would be too many.
      const next = 2 + shown.length;
      if (a + b === 8 && a === 4) expect([shown.length, next / all.length > 0.05]).toEqual([2, true]);
    }
  });

  it('has an interval that moves with the runs and holds the median of all pairs', () => {
    const values = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 4, maxLength: 9 });
    fc.assert(
      fc.property(values, values, fc.integer({ min: -500, max: 500 }), (base, changed, shift) => {
        const found = shiftBetween(base, changed);
        const moved = shiftBetween(
          base,
          changed.map((value) => value + shift),
        );
        expect(moved).toEqual({
          middle: found.middle + shift,
          interval: { low: found.interval!.low + shift, high: found.interval!.high + shift },
        });
        expect(found.interval!.low).toBeLessThanOrEqual(found.middle);
        expect(found.interval!.high).toBeGreaterThanOrEqual(found.middle);
      }),
    );
  });
});
