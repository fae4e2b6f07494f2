import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RecordBlock } from '../../src/core/record.js';
import { generatedSizeMin, generatedSource } from '../../src/generate/generated-source.js';
import { type ReadRecord, recordsOf } from '../input/support.js';

async function take(
  count: number,
  options: { recordSize: number; keys: number; seed?: number },
): Promise<ReadRecord[]> {
  const records: ReadRecord[] = [];
  for await (const block of generatedSource(options).blocks() as AsyncIterable<RecordBlock>) {
    records.push(...recordsOf(block, count - records.length));
    if (records.length >= count) break;
  }
  return records;
}

describe('generated records', () => {
  it('are JSON of the requested size, with the key as partition key', async () => {
    const options = fc.record({ keys: fc.integer({ min: 1, max: 1e9 }), padding: fc.integer({ min: 0, max: 1000 }) });
    await fc.assert(
      fc.asyncProperty(options, async ({ keys, padding }) => {
        const recordSize = generatedSizeMin(keys) + padding;
        for (const [at, { data, key, line }] of (await take(10, { recordSize, keys })).entries()) {
          expect(data).toHaveLength(recordSize);
          expect(JSON.parse(data)).toEqual({ id: String(at).padStart(12, '0'), key, padding: 'x'.repeat(padding) });
          expect(key).toMatch(/^key-\d+$/);
          expect(Number(key?.slice(4))).toBeLessThan(keys);
          expect(line).toBe(at + 1);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('are the same for the same seed', async () => {
    const keys = async (seed: number) => (await take(100, { recordSize: 100, keys: 1000, seed })).map(({ key }) => key);
    expect(await keys(1)).toEqual(await keys(1));
    expect(await keys(1)).not.toEqual(await keys(2));
  });

  it('are spread evenly over the keys', async () => {
    const counts = new Map<string, number>();
    for (const { key } of await take(50_000, { recordSize: 60, keys: 10 }))
      counts.set(key!, (counts.get(key!) ?? 0) + 1);
    expect(counts.size).toBe(10);
    for (const count of counts.values()) expect(count / 5_000).toBeCloseTo(1, 0);
  });

  it('have ids that continue over blocks, and may be as large as a block', async () => {
    const records = await take(5, { recordSize: 600_000, keys: 3 });
    expect(records.map(({ data }) => data.length)).toEqual(Array(5).fill(600_000));
    expect(records.map(({ data }) => data.slice(7, 19))).toEqual(
      ['0', '1', '2', '3', '4'].map((id) => id.padStart(12, '0')),
    );
  });

  it('have a minimum size, and at least one key', () => {
    expect(generatedSizeMin(10)).toBe(48);
    expect(generatedSizeMin(11)).toBe(49);
    expect(() => generatedSource({ recordSize: 47, keys: 10 })).toThrow(
      'a generated record with 10 keys has at least 48 bytes, not 47',
    );
    expect(() => generatedSource({ recordSize: 100, keys: 0 })).toThrow(
      'generated records can have 1 to 1,000,000,000 keys, not 0',
    );
  });

  it('have a progress in records', async () => {
    const source = generatedSource({ recordSize: 100, keys: 1 });
    for await (const block of source.blocks()) {
      expect(source.progress(1)).toEqual({ done: block.count, total: undefined });
      break;
    }
  });
});
