import { describe, expect, it } from 'vitest';
import type { Source } from '../../src/core/record.js';
import { fileOf, open, type ReadRecord, read, recordsOf, textOf } from './support.js';

async function take(source: Source, count: number): Promise<ReadRecord[]> {
  const records: ReadRecord[] = [];
  for await (const block of source.blocks()) {
    records.push(...recordsOf(block));
    if (records.length >= count) break;
  }
  return records.slice(0, count);
}

describe('a loop', () => {
  it('shifts the times of each pass by the span and a mean gap', async () => {
    const csv = 'd,ts\na,1000.0\nb,1001\nc,1004\nd,\n';
    for (const chunkBytes of [4, 1 << 20]) {
      const source = await open([fileOf('loop.csv', csv)], { loop: true, chunkBytes });
      expect(source.progress(1).total).toBeUndefined();
      const records = await take(source, 11);
      expect(records.map(({ data, recordedAtMs }) => [data, recordedAtMs / 1000])).toEqual([
        ['a', 1000],
        ['b', 1001],
        ['c', 1004],
        ['d', Number.NaN],
        ['a', 1006],
        ['b', 1007],
        ['c', 1010],
        ['d', Number.NaN],
        ['a', 1012],
        ['b', 1013],
        ['c', 1016],
      ]);
    }
  });

  it('repeats all files', async () => {
    const files = [fileOf('a.csv', 'd,ts\na,2000\n'), fileOf('b.csv', 'd,ts\nb,1000\n')];
    const records = await take(await open(files, { loop: true }), 5);
    expect(records.map(({ data, recordedAtMs }) => [data, recordedAtMs / 1000])).toEqual([
      ['a', 2000],
      ['b', 1000],
      ['a', 4000],
      ['b', 3000],
      ['a', 6000],
    ]);
  });

  it('reports bad records in each pass', async () => {
    const source = await open([fileOf('bad.csv', 'd\n1\n2,\n')], { loop: true });
    const seen: string[] = [];
    for await (const block of source.blocks()) {
      seen.push(...block.bad.map(({ line, reason }) => `${line}: ${reason}`));
      if (seen.length >= 3) break;
    }
    expect(new Set(seen)).toEqual(new Set(['3: 2 columns, the header has 1: a field with a comma must be quoted']));
  });

  it('ends if no record can be used', async () => {
    const result = await read([fileOf('all-bad.csv', 'd\n2,\n')], { loop: true });
    expect(result.bad).toHaveLength(1);
    expect(textOf(result.error)).toBe('input: the input holds no usable record, so --loop would never send one');
  });
});
