import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ShardRange } from '../../src/core/shard.js';
import { ShardMap } from '../../src/route/shard-map.js';

const LAST = 2n ** 128n - 1n;
const key = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 256 }),
  fc.constantFrom('a', 'ключ', '鍵', '🔑🔑', 'e\u0301', '\u0000', 'x'.repeat(256), '🔑'.repeat(256)),
);

function md5Of(partitionKey: string): bigint {
  return BigInt(`0x${createHash('md5').update(Buffer.from(partitionKey, 'utf8')).digest('hex')}`);
}

/** Shards that start at these hash keys and at 0, and together cover all hash keys. */
function shardsFrom(starts: readonly bigint[]): ShardRange[] {
  const all = [...new Set([0n, ...starts.filter((start) => start >= 0n && start <= LAST)])];
  all.sort((a, b) => (a < b ? -1 : 1));
  return all.map((startingHashKey, i) => ({
    id: `shardId-${String(i).padStart(12, '0')}`,
    startingHashKey,
    endingHashKey: (all[i + 1] ?? LAST + 1n) - 1n,
  }));
}

function ownerOf(shards: readonly ShardRange[], partitionKey: string): string {
  const hash = md5Of(partitionKey);
  return shards.find((shard) => shard.startingHashKey <= hash && hash <= shard.endingHashKey)!.id;
}

/** The key's bytes are in the middle of the buffer. */
function indexOf(map: ShardMap, partitionKey: string): number {
  const bytes = Buffer.from(`before${partitionKey}after`);
  return map.indexOf(bytes, 6, bytes.length - 5);
}

function found(shards: readonly ShardRange[], partitionKey: string): string {
  const map = new ShardMap(shards);
  return map.shards[indexOf(map, partitionKey)]!.id;
}

describe('the shard of a key', () => {
  it('is the one whose range contains the MD5 of the key, with any ranges', () => {
    const starts = fc.array(fc.bigInt({ min: 0n, max: LAST }), { maxLength: 40 });
    fc.assert(
      fc.property(starts, key, (bounds, partitionKey) => {
        const shards = shardsFrom(bounds);
        expect(found(shards, partitionKey)).toBe(ownerOf(shards, partitionKey));
      }),
      { numRuns: 1000 },
    );
  });

  it('is right at the edges: both ends belong to the range', () => {
    const around = fc.array(fc.tuple(key, fc.constantFrom(-1n, 0n, 1n)), { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(around, (edges) => {
        const shards = shardsFrom(edges.map(([partitionKey, by]) => md5Of(partitionKey) + by));
        for (const [partitionKey] of edges) expect(found(shards, partitionKey)).toBe(ownerOf(shards, partitionKey));
      }),
      { numRuns: 500 },
    );
  });

  it('is found among shards with a single hash key, and with hash keys that differ in only one word', () => {
    const hash = md5Of('orders');
    const bounds = [0n, 32n, 64n, 96n].flatMap((shift) => [hash ^ (1n << shift), hash ^ (1n << (shift + 31n))]);
    const shards = shardsFrom([hash, hash + 1n, 1n, LAST, ...bounds]);
    for (const partitionKey of ['orders', 'a', 'b', 'c', 'd']) {
      expect(found(shards, partitionKey)).toBe(ownerOf(shards, partitionKey));
    }
  });

  it('is that of the explicit hash key, if there is one', () => {
    const hashKeys = fc.array(fc.bigInt({ min: 0n, max: LAST }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(hashKeys, (keys) => {
        const shards = shardsFrom(keys.flatMap((hashKey) => [hashKey, hashKey + 1n]));
        const map = new ShardMap(shards);
        for (const hashKey of [...keys, 0n, LAST]) {
          const text = Buffer.from(`1${hashKey}1`);
          const owner = shards.findIndex(
            ({ startingHashKey: start, endingHashKey: end }) => start <= hashKey && hashKey <= end,
          );
          expect(map.indexOfHashKey(text, 1, text.length - 1)).toBe(owner);
        }
      }),
    );
  });

  it('does not depend on the order in which the shards are given', () => {
    const shards = shardsFrom([1n << 120n, 1n << 125n, 1n << 126n, 1n << 127n]);
    const shuffled = [3, 0, 4, 1, 2].map((i) => shards[i]!);
    for (let i = 0; i < 200; i++) expect(found(shuffled, `k${i}`)).toBe(ownerOf(shards, `k${i}`));
    expect(new ShardMap(shuffled).shards.map(({ id }) => id)).toEqual(shards.map(({ id }) => id));
  });

  it('is the only shard of a stream, and index 0 if there are none', () => {
    expect(indexOf(new ShardMap(shardsFrom([])), 'a')).toBe(0);
    expect(indexOf(new ShardMap([]), 'a')).toBe(0);
  });

  it('matches what AWS reports for a stream with two shards', () => {
    // MD5 of 'a' is 0x0cc1…, of 'b' 0x92eb…: one in each half.
    const map = new ShardMap(shardsFrom([2n ** 127n]));
    expect([indexOf(map, 'a'), indexOf(map, 'b')]).toEqual([0, 1]);
  });
});
