import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Router } from '../../src/route/router.js';

const encoder = new TextEncoder();
const workers = fc.integer({ min: 1, max: 64 });

function route(router: Router, key: string): number {
  const bytes = encoder.encode(key);
  return router.route(bytes, 0, bytes.length);
}

/** The largest deviation of a worker from its fair share. */
function worstSpread(keys: readonly string[], count: number): number {
  const router = new Router(count);
  const perWorker = new Array<number>(count).fill(0);
  for (const key of keys) perWorker[route(router, key)]!++;
  const share = keys.length / count;
  return Math.max(...perWorker.map((records) => Math.abs(records - share) / share));
}

describe('a key', () => {
  it('always goes to the same worker, wherever its bytes are in the buffer', () => {
    const key = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(key, fc.string(), fc.string(), workers, (text, before, after, count) => {
        const bytes = encoder.encode(before + text + after);
        const start = encoder.encode(before).length;
        const end = start + encoder.encode(text).length;
        const worker = new Router(count).route(bytes, start, end);
        expect(worker).toBe(route(new Router(count), text));
        expect(worker).toBeGreaterThanOrEqual(0);
        expect(worker).toBeLessThan(count);
        expect(Number.isInteger(worker)).toBe(true);
      }),
    );
  });
});

describe('the spread over the workers', () => {
  const few = fc.integer({ min: 2, max: 4 });

  it('is within 10 % for 10,000 random keys', () => {
    const seed = fc.integer({ min: 0, max: 2 ** 31 });
    fc.assert(
      fc.property(seed, few, (from, count) => {
        const random = xorshift(from + 1);
        const keys = Array.from({ length: 10_000 }, () => random().toString(36));
        expect(worstSpread(keys, count)).toBeLessThan(0.1);
      }),
      { numRuns: 30 },
    );
  });

  it('is within 10 % for 10,000 keys that only count up', () => {
    const prefix = fc.string({ unit: 'binary-ascii', maxLength: 12 });
    fc.assert(
      fc.property(prefix, few, fc.integer({ min: 0, max: 8 }), (name, count, width) => {
        const keys = Array.from({ length: 10_000 }, (_, i) => `${name}${String(i).padStart(width, '0')}`);
        expect(worstSpread(keys, count)).toBeLessThan(0.1);
      }),
      { numRuns: 30 },
    );
  });

  it.each([
    ['key-0001', (i: number) => `key-${String(i).padStart(4, '0')}`],
    ['user-1', (i: number) => `user-${i}`],
    ['1-device', (i: number) => `${i}-device`],
    ['10.0.0.1', (i: number) => `10.0.${i >> 8}.${i & 255}`],
    ['even numbers', (i: number) => `k${i * 2}`],
    ['a UUID that counts', (i: number) => `a0b1c2d3-0000-4000-8000-${i.toString(16).padStart(12, '0')}`],
  ])('is within 10 %% on up to 8 workers for keys such as %s', (_, keyOf) => {
    const keys = Array.from({ length: 10_000 }, (_, i) => keyOf(i));
    for (const count of [2, 3, 4, 5, 6, 7, 8]) expect(worstSpread(keys, count), `${count} workers`).toBeLessThan(0.1);
  });
});

/** Numbers below 2^32. */
function xorshift(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}
