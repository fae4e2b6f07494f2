import { expect, it } from 'vitest';
import { HASH_KEY_RECORDS, RecordBlock, type Source } from '../../src/core/record.js';
import { NOTHING_FOUND } from '../../src/core/report.js';
import { decodeData } from '../../src/input/decode.js';
import { loop } from '../../src/input/loop.js';
import { reorder } from '../../src/input/order/reorder.js';
import { pickPart } from '../../src/input/part-of-recording.js';
import type { Transform } from '../../src/input/transform.js';
import { type ReadRecord, recordsOf } from './support.js';

const CURRENT = { index: 0, format: undefined, mayPause: false };

/** Records of two hexadecimal digits each, all in one block. */
function sourceOf(...records: readonly (readonly [data: string, recordedAtMs: number])[]): Source {
  return {
    async *blocks() {
      const block = new RecordBlock();
      block.reset('memory', Buffer.from(records.map(([data]) => data).join('')));
      for (const [at, [, ms]] of records.entries()) block.add(2 * at, 2 * at + 2, ms, at + 1);
      yield block;
    },
    progress: (blockShare) => ({ done: records.length * blockShare, total: records.length }),
    found: NOTHING_FOUND,
  };
}

async function take(source: Source, count: number): Promise<ReadRecord[]> {
  const records: ReadRecord[] = [];
  for await (const block of source.blocks()) {
    records.push(...recordsOf(block));
    if (records.length >= count) break;
  }
  return records.slice(0, count);
}

it('works over any source, one transform after another', async () => {
  const at = (ms: number) => ({ ms, sinceFirst: false });
  const transforms: Transform[] = [
    decodeData('hex', HASH_KEY_RECORDS),
    pickPart({ from: at(2), to: at(5) }),
    reorder(1000, CURRENT),
    loop,
  ];
  const memory = sourceOf(['61', 1], ['63', 4], ['62', 2], ['64', 5]);
  const source = transforms.reduce((inner, transform) => transform(inner), memory);
  expect((await take(source, 4)).map(({ data, recordedAtMs }) => [data, recordedAtMs])).toEqual([
    ['b', 2],
    ['c', 4],
    ['b', 6],
    ['c', 8],
  ]);
  expect(source.found).toEqual({ ...NOTHING_FOUND, outside: 2 });
  expect(source.progress(1).total).toBeUndefined();
});
