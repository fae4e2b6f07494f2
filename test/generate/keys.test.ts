import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KeyDistribution } from '../../src/core/made-load.js';
import { Keys } from '../../src/generate/keys.js';
import { Random } from '../../src/generate/random.js';
import { Scramble } from '../../src/generate/scramble.js';
import { Zipf } from '../../src/generate/zipf.js';
import { runs } from '../support/runs.js';
import { chiSquare, upTo } from './made.js';

const DRAWS = 200_000;

/** How often each key is drawn. */
function countsOf(keys: number, keyDistribution: KeyDistribution, seed = 1): number[] {
  const drawn = new Keys({ keys, keyDistribution, seed });
  const counts: number[] = new Array(keys).fill(0);
  for (let ordinal = 0; ordinal < DRAWS; ordinal++) counts[drawn.of(ordinal)]!++;
  return counts;
}

const descending = (counts: readonly number[]) => counts.toSorted((a, b) => b - a);

describe('keys', () => {
  it.each([1, 2, 3])('are all equally likely: seed %d', (seed) => {
    expect(chiSquare(countsOf(1000, { kind: 'uniform' }, seed), Array(1000).fill(DRAWS / 1000))).toBeLessThan(4);
  });

  it('take turns', () => {
    const keys = new Keys({ keys: 3, keyDistribution: { kind: 'sequential' }, seed: 1 });
    expect(upTo(7).map((ordinal) => keys.of(ordinal))).toEqual([0, 1, 2, 0, 1, 2, 0]);
  });

  it.each([0.5, 0.99, 1, 1.5])('have the frequencies of Zipf, by rank: exponent %d', (exponent) => {
    const zipf = new Zipf(200, exponent);
    const random = new Random(7);
    const counts: number[] = new Array(200).fill(0);
    for (let ordinal = 0; ordinal < DRAWS; ordinal++) {
      random.begin(ordinal);
      counts[zipf.draw(random)]!++;
    }
    const weights = upTo(200).map((rank) => (rank + 1) ** -exponent);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const expected = weights.map((weight) => (weight * DRAWS) / total);
    expect(chiSquare(counts, expected)).toBeLessThan(4);
  });

  it('of which a fifth gets four fifths of the records', () => {
    const counts = descending(countsOf(100, { kind: 'hotspot', hot: 0.2, load: 0.8 }));
    const expected = upTo(100).map((rank) => DRAWS * (rank < 20 ? 0.8 / 20 : 0.2 / 80));
    expect(chiSquare(counts, expected)).toBeLessThan(4);
  });

  it('that are hot do not lie together', () => {
    const counts = countsOf(1000, { kind: 'zipf', exponent: 0.99 });
    const hottest = upTo(1000)
      .sort((a, b) => counts[b]! - counts[a]!)
      .slice(0, 10)
      .sort((a, b) => a - b);
    const gaps = hottest.slice(1).map((key, at) => key - hottest[at]!);
    expect(Math.max(...hottest) - Math.min(...hottest)).toBeGreaterThan(500);
    expect(gaps.filter((gap) => gap === 1).length).toBeLessThan(3);
  });

  it('of a hot shard get their share', () => {
    const hotShard = { share: 0.5, keys: Int32Array.of(3, 7), otherKeys: Int32Array.of(0, 1, 2, 4, 5, 6, 8, 9) };
    const keys = new Keys({ keys: 10, keyDistribution: { kind: 'uniform' }, seed: 1, hotShard });
    const counts: number[] = new Array(10).fill(0);
    for (let ordinal = 0; ordinal < DRAWS; ordinal++) counts[keys.of(ordinal)]!++;
    const expected = counts.map((_, key) => (key === 3 || key === 7 ? DRAWS / 4 : DRAWS / 16));
    expect(chiSquare(counts, expected)).toBeLessThan(4);
  });
});

it('a scramble is a permutation', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5000 }), fc.nat(), (count, seed) => {
      const scramble = new Scramble(count, seed);
      expect(new Set(upTo(count).map((number) => scramble.of(number))).size).toBe(count);
      for (const number of upTo(count)) expect(scramble.of(number)).toBeLessThan(count);
    }),
    { numRuns: runs(100) },
  );
});
