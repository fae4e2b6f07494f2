import { type MadeRanges, type MadeRecords, RecordMaker } from '../../src/generate/record-maker.js';
import { columnsFor } from '../../src/generate/template/compile.js';

export interface Made {
  readonly data: string;
  readonly key: string;
  readonly hashKey: string;
}

const RANGES = { dataStart: 0, dataEnd: 0, keyStart: 0, keyEnd: 0, attributesStart: 0, attributesEnd: 0 };

export function madeRecords(given: Partial<MadeRecords>): MadeRecords {
  const size = given.template === undefined ? ({ kind: 'fixed', bytes: 100 } as const) : undefined;
  return {
    ...{
      keys: 10,
      keyDistribution: { kind: 'uniform' },
      seed: 1,
      size,
      template: undefined,
      recordBytesMax: 1_048_576,
    },
    ...given,
  };
}

/** Makes records one behind the other, as a worker does. Throws if one needs more bytes than was said. */
export function make(ordinals: readonly number[], given: Partial<MadeRecords> = {}, atMs = 0): Made[] {
  const maker = new RecordMaker(madeRecords(given));
  const bytes = Buffer.alloc(ordinals.reduce((sum, ordinal) => sum + maker.bytesMax(ordinal), 0));
  let at = 0;
  return ordinals.map((ordinal) => {
    const ranges: MadeRanges = { source: bytes, ...RANGES };
    const end = maker.make(ordinal, atMs, bytes, at, ranges);
    if (end - at > maker.bytesMax(ordinal)) throw new Error(`a record has ${end - at} bytes`);
    at = end;
    const text = (from: number, to: number) => ranges.source.toString('utf8', from, to);
    return {
      data: text(ranges.dataStart, ranges.dataEnd),
      key: text(ranges.keyStart, ranges.keyEnd),
      hashKey: text(ranges.attributesStart, ranges.attributesEnd),
    };
  });
}

/** The data of the first records of a template. */
export async function rendered(text: string, count = 1, given: Partial<MadeRecords> = {}, atMs = 0): Promise<string[]> {
  const template = { text, columns: await columnsFor(text) };
  return make(upTo(count), { ...given, template }, atMs).map(({ data }) => data);
}

export const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

/**
 * Pearson's statistic, less its mean, in standard deviations: counts of the expected distribution are rarely above 4.
 */
export function chiSquare(counts: readonly number[], expected: readonly number[]): number {
  const sum = counts.reduce((all, count, at) => all + (count - expected[at]!) ** 2 / expected[at]!, 0);
  const freedom = counts.length - 1;
  return (sum - freedom) / Math.sqrt(2 * freedom);
}
