import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nowMs } from '../../src/system/clock.js';
import { runs } from '../support/runs.js';
import { fileOf, open, read, recordsOf } from './support.js';

const START_S = 1_767_312_000;
const pacing = { speed: 1e6 };

function csvOf(times: readonly (number | string)[]): string {
  const rows = times.map((s, n) => `row ${n},key ${n % 7},${typeof s === 'number' ? START_S + s : s}`);
  return `d,k,ts\n${rows.join('\n')}\n`;
}

/** When each row is due by a schedule that follows the recording, in seconds since the first row. */
async function dueOf(files: readonly string[], reading = {}): Promise<number[]> {
  const source = await open(files, { timestampField: 'ts', needsTimestamp: true, pacing, ...reading });
  const due: number[] = [];
  for await (const block of source.blocks()) due.push(...block.pacedAtMs.subarray(0, block.count));
  return due.map((ms) => Math.round(ms - due[0]!) / 1000);
}

describe('a recording that is paced', () => {
  it('keeps all records, good and bad, in order, with any times and blocks', async () => {
    const time = fc.oneof(
      { weight: 9, arbitrary: fc.integer({ min: 0, max: 1e6 }) },
      { weight: 1, arbitrary: fc.constant('soon') },
    );
    const files = fc.array(fc.array(time, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(files, fc.integer({ min: 40, max: 2000 }), async (list, chunkBytes) => {
        const names = list.map((times, n) => fileOf(`paced-${n}.csv`, csvOf(times)));
        const reading = { timestampField: 'ts', partitionKeyField: 'k', needsTimestamp: true, chunkBytes };
        expect(await read(names, { ...reading, pacing })).toEqual(await read(names, reading));
      }),
      { numRuns: runs(50) },
    );
  });

  it('is not shifted by a wrong clock in the last row of a block or a file', async () => {
    // A block has two rows.
    const chunkBytes = 2 * 'row 0,key 0,1767312000\n'.length;
    for (const wrong of [86_400, -86_400, -START_S]) {
      const times = [0, 1, 2, wrong, 4, 5, 6, 7, 8];
      const due = [0, 1, 2, 2, 4, 5, 6, 7, 8];
      expect(await dueOf([fileOf('wrong.csv', csvOf(times))], { chunkBytes })).toEqual(due);
      const files = [fileOf('wrong-a.csv', csvOf(times.slice(0, 4))), fileOf('wrong-b.csv', csvOf(times.slice(4)))];
      expect(await dueOf(files)).toEqual(due);
    }
  });

  it('continues from file to file, and a loop repeats it at its own length', async () => {
    const files = [0, 1, 2].map((n) => fileOf(`small-${n}.csv`, csvOf([0, 1, 2])));
    expect(await dueOf(files)).toEqual([0, 1, 2, 2, 3, 4, 4, 5, 6]);
    const twice = files.slice(0, 1);
    expect(await dueOf([...twice, ...twice])).toEqual([0, 1, 2, 2, 3, 4]);
    const source = await open([fileOf('loop.csv', csvOf([0, 1, 86_400, 2, 3]))], {
      ...{ timestampField: 'ts', needsTimestamp: true, pacing, loop: true },
    });
    const due: number[] = [];
    for await (const block of source.blocks()) {
      due.push(...block.pacedAtMs.subarray(0, block.count));
      if (due.length >= 10) break;
    }
    expect(due.map((ms) => (ms - due[0]!) / 1000)).toEqual([0, 1, 1, 2, 3, 3.75, 4.75, 4.75, 5.75, 6.75]);
    expect(source.found).toMatchObject({ outOfOrder: 1, outOfOrderMaxMs: 86_399_000, clockJumps: 0 });
  });

  it('is reordered even around a wrong clock', async () => {
    const times = [0, 2, 1, 86_400, 4, 3, 6, 5, -86_400, 8, 7];
    const due = [0, 1, 2, 2, 3, 4, 4, 5, 6, 7, 8];
    expect(await dueOf([fileOf('window.csv', csvOf(times))], { reorderWindowMs: 2_000 })).toEqual(due);
  });

  it('sends a row of a pipe when it is due, even if no row follows', async () => {
    const stdin = new PassThrough();
    const options = { timestampField: 'ts', needsTimestamp: true, stdin, pacing: { speed: 100 } };
    const source = await open(['-'], options);
    const blocks = source.blocks()[Symbol.asyncIterator]();
    const next = async () => {
      const { value } = await blocks.next();
      return value === undefined ? undefined : recordsOf(value).map(({ data }) => data);
    };
    const [head = '', first = '', second = ''] = csvOf([0, 30]).split('\n');
    stdin.write(`${head}\n${first}\n`);
    expect(await next()).toEqual(['row 0']);
    const sinceMs = nowMs();
    stdin.write(`${second}\n`);
    expect(await next()).toEqual(['row 1']);
    // 30 s of the recording, a hundred times faster.
    expect(nowMs() - sinceMs).toBeGreaterThan(290);
    stdin.end();
    expect(await next()).toBeUndefined();
  });
});
