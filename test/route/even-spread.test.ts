import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ShardRange } from '../../src/core/shard.js';
import { EvenSpread } from '../../src/route/even-spread.js';
import { runs } from '../support/runs.js';

const LAST = 2n ** 128n - 1n;

function shardsFrom(starts: readonly bigint[]): ShardRange[] {
  const all = [...new Set([0n, ...starts])].sort((a, b) => (a < b ? -1 : 1));
  return all.map((startingHashKey, i) => ({
    id: `shard-${i}`,
    startingHashKey,
    endingHashKey: (all[i + 1] ?? LAST + 1n) - 1n,
  }));
}

function take(spread: EvenSpread, count: number): string[] {
  return Array.from({ length: count }, () => {
    const digits = spread.digits.toString();
    spread.advance();
    return digits;
  });
}

it('takes the shards in turn, of any width, and in the same way each time', () => {
  const starts = fc.array(fc.bigInt({ min: 1n, max: LAST }), { maxLength: 20 });
  fc.assert(
    fc.property(starts, fc.integer({ min: 1, max: 1500 }), (bounds, count) => {
      const shards = shardsFrom(bounds);
      const digits = take(new EvenSpread(shards), count);
      for (const [at, text] of digits.entries()) {
        const { startingHashKey, endingHashKey } = shards[at % shards.length]!;
        expect(text).toMatch(/^(0|[1-9]\d*)$/);
        expect(BigInt(text) >= startingHashKey && BigInt(text) <= endingHashKey).toBe(true);
      }
      expect(take(new EvenSpread(shards), count)).toEqual(digits);
    }),
    { numRuns: runs(50) },
  );
});

it('gives both halves of a shard the same load, so that a split divides it', () => {
  const digits = take(new EvenSpread(shardsFrom([])), 640);
  expect(digits.filter((text) => BigInt(text) < 2n ** 127n)).toHaveLength(320);
});

it('has a hash key for each of ten thousand shards, and for shards with a single hash key', () => {
  const many = shardsFrom(Array.from({ length: 9_999 }, (_, i) => BigInt(i + 1)));
  const digits = take(new EvenSpread(many), 10_000);
  expect(digits.slice(0, 9_999)).toEqual(Array.from({ length: 9_999 }, (_, i) => String(i)));
  expect(BigInt(digits.at(-1)!)).toBeGreaterThanOrEqual(9_999n);
});
