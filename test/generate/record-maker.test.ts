import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GeneratedSource } from '../../src/generate/generated-source.js';
import { generatedSizeMin } from '../../src/generate/record-maker.js';
import { make, upTo } from './made.js';

const ORDINAL = fc.integer({ min: 0, max: 1e12 - 1 });

describe('a record without a template', () => {
  it('is JSON of the requested size, with the key as partition key', () => {
    const options = fc.record({ keys: fc.integer({ min: 1, max: 1e9 }), padding: fc.integer({ min: 0, max: 1000 }) });
    fc.assert(
      fc.property(options, fc.array(ORDINAL, { maxLength: 10 }), ({ keys, padding }, numbers) => {
        const bytes = generatedSizeMin(keys) + padding;
        for (const [at, { data, key }] of make(numbers, { size: { kind: 'fixed', bytes }, keys }).entries()) {
          expect(data).toHaveLength(bytes);
          const id = String(numbers[at]).padStart(12, '0');
          expect(JSON.parse(data)).toEqual({ id, key, padding: 'x'.repeat(padding) });
          expect(key).toMatch(/^key-\d+$/);
          expect(Number(key.slice(4))).toBeLessThan(keys);
        }
      }),
    );
  });

  it('depends on the seed and its number, not on what was made before', () => {
    const seed = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
    fc.assert(
      fc.property(seed, fc.array(ORDINAL, { minLength: 1, maxLength: 20 }), (seed, numbers) => {
        const given = { seed, keys: 1e9, size: { kind: 'uniform', min: 100, max: 500 } } as const;
        const alone = numbers.toReversed().map((ordinal) => make([ordinal], given)[0]);
        expect(make(numbers, given)).toEqual(alone.toReversed());
      }),
    );
    expect(make(upTo(100))).not.toEqual(make(upTo(100), { seed: 2 }));
  });

  it('may have the same partition key as all others, and a hash key in turn', () => {
    const hashKeys = ['1', '22', '333'].map((digits) => Buffer.from(digits));
    const made = make(upTo(4), { partitionKey: 'schlüssel', hashKeys });
    expect(made.map(({ hashKey }) => hashKey)).toEqual(['1', '22', '333', '1']);
    expect(made.map(({ key }) => key)).toEqual(Array(4).fill('schlüssel'));
    expect(JSON.parse(made[1]!.data)).toMatchObject({ id: '000000000001', key: expect.stringMatching(/^key-\d$/) });
  });
});

describe('sizes', () => {
  const sizesOf = (size: Parameters<typeof make>[1]) => make(upTo(20_000), size).map(({ data }) => data.length);
  const quantile = (sizes: readonly number[], share: number) => sizes.toSorted((a, b) => a - b)[share * sizes.length]!;

  it('are uniform between two bounds, both included', () => {
    const sizes = sizesOf({ size: { kind: 'uniform', min: 100, max: 104 } });
    expect([...new Set(sizes)].sort()).toEqual([100, 101, 102, 103, 104]);
    expect(quantile(sizes, 0.5)).toBe(102);
  });

  it('are normal, or lognormal by two percentiles', () => {
    const normal = sizesOf({ size: { kind: 'normal', mean: 500, deviation: 100 } });
    expect(quantile(normal, 0.5)).toBeCloseTo(500, -1);
    expect(quantile(normal, 0.8413)).toBeCloseTo(600, -1);
    const lognormal = sizesOf({ size: { kind: 'lognormal', p50: 300, p99: 4000 } });
    expect(quantile(lognormal, 0.5) / 300).toBeCloseTo(1, 1);
    expect(lognormal.filter((bytes) => bytes <= 4000).length / 20_000).toBeCloseTo(0.99, 2);
  });

  it('are cut off at the least that a record can have, and at the most that the target takes', () => {
    const sizes = sizesOf({ size: { kind: 'normal', mean: 100, deviation: 100 }, recordBytesMax: 155 });
    expect(Math.min(...sizes)).toBe(generatedSizeMin(10));
    expect(Math.max(...sizes)).toBe(155 - 'key-1'.length);
  });
});

it('the source of generated records has a progress in records', async () => {
  const source = new GeneratedSource();
  for await (const block of source.blocks()) {
    expect(source.progress()).toEqual({ done: block.count, total: undefined });
    break;
  }
});
