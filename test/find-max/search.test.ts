import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bestOf, nextTrial, type Trial } from '../../src/find-max/search.js';

interface Simulated {
  readonly limit: number;
  /** What the target takes on top of its limit, in seconds of it. */
  readonly burstSeconds: number;
  readonly dwellSeconds: number;
  readonly confirmSeconds: number;
}

/** Whether a target holds a rate for a time: the excess must fit into its burst. */
function holds({ limit, burstSeconds }: Simulated, rps: number, seconds: number): boolean {
  return (rps - limit) * seconds <= limit * burstSeconds;
}

/** @param unlucky trials that break whatever their rate */
function search(target: Simulated, start: number, step: number, unlucky: readonly number[] = []) {
  const trials: Trial[] = [];
  for (;;) {
    const next = nextTrial(trials, { start, step });
    if (!('purpose' in next)) return { ...next, trials };
    const seconds = next.purpose === 'confirm' ? target.confirmSeconds : target.dwellSeconds;
    trials.push({ ...next, held: !unlucky.includes(trials.length) && holds(target, next.rps, seconds) });
  }
}

describe('the search for the highest rate', () => {
  it('climbs, narrows and confirms', () => {
    const steady = { limit: 4000, burstSeconds: 0, dwellSeconds: 30, confirmSeconds: 120 };
    const { trials, ...result } = search(steady, 1000, 2);
    expect(trials.map(({ rps, purpose, held }) => [purpose, rps, held])).toEqual([
      ['climb', 1000, true],
      ['climb', 2000, true],
      ['climb', 4000, true],
      ['climb', 8000, false],
      ['climb', 8000, false],
      ['narrow', 5657, false],
      ['narrow', 5657, false],
      ['narrow', 4757, false],
      ['narrow', 4757, false],
      ['narrow', 4362, false],
      ['narrow', 4362, false],
      ['narrow', 4177, false],
      ['narrow', 4177, false],
      ['narrow', 4088, false],
      ['narrow', 4088, false],
      ['confirm', 4000, true],
    ]);
    expect(result).toEqual({ rps: 4000, confirmed: true });
  });

  it('descends if the first rate breaks', () => {
    const slow = { limit: 90, burstSeconds: 0, dwellSeconds: 30, confirmSeconds: 120 };
    const { trials, rps, confirmed } = search(slow, 1000, 2);
    expect(trials.slice(0, 9).map(({ rps: tried }) => tried)).toEqual([1000, 1000, 500, 500, 250, 250, 125, 125, 62.5]);
    expect(confirmed).toBe(true);
    expect(rps! / 90).toBeGreaterThan(0.97);
  });

  it('is not misled by a rate that breaks once by chance', () => {
    const target = { limit: 4000, burstSeconds: 1, dwellSeconds: 30, confirmSeconds: 120 };
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(12), { maxLength: 6 }), (pauses) => {
        // No pause follows another: the trial after a pause shows what the rate is worth.
        const unlucky = pauses.filter((i) => !pauses.includes(i - 1));
        const { rps, confirmed } = search(target, 1000, 1.25, unlucky);
        expect(confirmed).toBe(true);
        expect(rps! / 4000).toBeGreaterThan(0.95);
        expect(rps! / 4000).toBeLessThan(1.01);
      }),
    );
  });

  it('knows the best so far: not a rate that broke when it was held for longer', () => {
    const trials: Trial[] = [
      { rps: 900, purpose: 'climb', held: true },
      { rps: 1000, purpose: 'narrow', held: true },
      { rps: 1000, purpose: 'confirm', held: false },
    ];
    expect(bestOf(trials)).toBe(1000);
    expect(bestOf([...trials, trials[2]!])).toBe(900);
  });

  it('ends where nothing holds, and where nothing breaks', () => {
    const times = { burstSeconds: 0, dwellSeconds: 30, confirmSeconds: 120 };
    expect(search({ ...times, limit: 0 }, 1000, 2)).toMatchObject({ rps: undefined, confirmed: false });
    const endless = search({ ...times, limit: Number.MAX_VALUE }, 1000, 1.25);
    expect(endless).toMatchObject({ confirmed: false });
    expect(endless.trials).toHaveLength(100);
  });

  it('finds any limit within 5 %, also that of a target that takes bursts', () => {
    const target = fc.record({
      limit: fc.integer({ min: 50, max: 1_000_000 }),
      burstSeconds: fc.double({ min: 0, max: 1, noNaN: true }),
      dwellSeconds: fc.integer({ min: 5, max: 60 }),
      confirmSeconds: fc.integer({ min: 60, max: 600 }),
    });
    const start = fc.integer({ min: 10, max: 100_000 });
    fc.assert(
      fc.property(target, start, fc.double({ min: 1.2, max: 4, noNaN: true }), (simulated, from, step) => {
        const { rps, confirmed, trials } = search(simulated, from, step);
        fc.pre(trials.length < 100);
        expect(confirmed).toBe(true);
        expect(rps! / simulated.limit).toBeGreaterThan(0.95);
        expect(rps! / simulated.limit).toBeLessThan(1 + simulated.burstSeconds / simulated.confirmSeconds + 1e-9);
      }),
    );
  });
});
