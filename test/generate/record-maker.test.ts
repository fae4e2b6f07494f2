import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { generatedSource } from '../../src/generate/generated-source.js';
import { generatedSizeMin, type MadeRanges, type MadeRecords, RecordMaker } from '../../src/generate/record-maker.js';

const RANGES = { dataStart: 0, dataEnd: 0, keyStart: 0, keyEnd: 0, attributesStart: 0, attributesEnd: 0 };

interface Made {
  readonly data: string;
  readonly key: string;
  readonly hashKey: string;
}

/** Makes records one behind the other, as a worker does. */
function make(ordinals: readonly number[], given: Partial<MadeRecords> = {}): Made[] {
  const maker = new RecordMaker({ recordSize: 100, keys: 10, seed: 1, ...given });
  const bytes = Buffer.alloc(ordinals.reduce((sum, ordinal) => sum + maker.bytesMax(ordinal), 0));
  let at = 0;
  return ordinals.map((ordinal) => {
    const ranges: MadeRanges = { source: bytes, ...RANGES };
    const end = maker.make(ordinal, bytes, at, ranges);
    expect(end - at).toBeLessThanOrEqual(maker.bytesMax(ordinal));
    at = end;
    const text = (from: number, to: number) => ranges.source.toString('utf8', from, to);
    return {
      data: text(ranges.dataStart, ranges.dataEnd),
      key: text(ranges.keyStart, ranges.keyEnd),
      hashKey: text(ranges.attributesStart, ranges.attributesEnd),
    };
  });
}

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

describe('a generated record', () => {
  it('is JSON of the requested size, with the key as partition key', () => {
    const options = fc.record({ keys: fc.integer({ min: 1, max: 1e9 }), padding: fc.integer({ min: 0, max: 1000 }) });
    const ordinals = fc.array(fc.integer({ min: 0, max: 1e12 - 1 }), { maxLength: 10 });
    fc.assert(
      fc.property(options, ordinals, ({ keys, padding }, numbers) => {
        const recordSize = generatedSizeMin(keys) + padding;
        for (const [at, { data, key }] of make(numbers, { recordSize, keys }).entries()) {
          expect(data).toHaveLength(recordSize);
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
    const ordinals = fc.array(fc.integer({ min: 0, max: 1e12 - 1 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(seed, ordinals, (seed, numbers) => {
        const together = make(numbers, { seed, keys: 1e9 });
        const alone = numbers.toReversed().map((ordinal) => make([ordinal], { seed, keys: 1e9 })[0]);
        expect(together).toEqual(alone.toReversed());
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

describe('the source of generated records', () => {
  it('refuses a record size that is too small', () => {
    expect(generatedSizeMin(10)).toBe(48);
    expect(generatedSizeMin(11)).toBe(49);
    expect(() => generatedSource({ recordSize: 47, keys: 10 })).toThrow(
      'a generated record with 10 keys has at least 48 bytes, not 47',
    );
  });

  it('has a progress in records', async () => {
    const source = generatedSource({ recordSize: 100, keys: 1 });
    for await (const block of source.blocks()) {
      expect(source.progress(1)).toEqual({ done: block.count, total: undefined });
      break;
    }
  });
});
