import { describe, expect, it } from 'vitest';
import { Schedule } from '../../src/schedule/schedule.js';

const RECORDS = 20_000;

/** The gaps between records in the time that the rate takes for one record, on average. */
function gapsOf(seed: number): number[] {
  const arrival = { kind: 'poisson', seed } as const;
  const schedule = new Schedule({ kind: 'constant-rate', rps: 1000, arrival }, 0);
  let beforeMs = 0;
  return Array.from({ length: RECORDS }, (_, n) => {
    if (n === 0) schedule.advance(schedule.next(Number.NaN), Number.NaN, 100);
    const dueMs = schedule.next(Number.NaN);
    schedule.advance(dueMs, Number.NaN, 100);
    const gap = dueMs - beforeMs;
    beforeMs = dueMs;
    return gap;
  });
}

/** The largest distance between a sample's distribution and the one that its values should have. */
function kolmogorovSmirnov(sample: readonly number[], distribution: (value: number) => number): number {
  const sorted = [...sample].sort((a, b) => a - b);
  return Math.max(
    ...sorted.map((value, i) => {
      const share = distribution(value);
      return Math.max(share - i / sorted.length, (i + 1) / sorted.length - share);
    }),
  );
}

describe('Poisson arrivals', () => {
  // One in a thousand samples from the distribution itself is further away.
  const critical = 1.95 / Math.sqrt(RECORDS);

  it.each([0, 1, 2, 3, 42, 2 ** 31, 2 ** 32 - 1])('with seed %i have exponentially distributed gaps', (seed) => {
    const gaps = gapsOf(seed);
    expect(kolmogorovSmirnov(gaps, (gap) => 1 - Math.exp(-gap))).toBeLessThan(critical);
    // A gap says nothing about the next one: their products are those of independent values, with a mean of 1.
    const pairs = gaps.slice(1).map((gap, i) => (gap - 1) * (gaps[i]! - 1));
    const covariance = pairs.reduce((sum, product) => sum + product, 0) / pairs.length;
    expect(Math.abs(covariance)).toBeLessThan(3.3 / Math.sqrt(RECORDS));
  });

  it('are the same with the same seed, and others with another', () => {
    expect(gapsOf(7)).toEqual(gapsOf(7));
    expect(gapsOf(7).slice(0, 5)).not.toEqual(gapsOf(8).slice(0, 5));
  });
});
