import { Zstd } from '@hpcc-js/wasm-zstd';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../support/runs.js';
import { dataOf, fileOf, open, readText, textOf } from './support.js';

const rows = Array.from({ length: 8_000 }, (_, n) => `row ${n} ${Math.sin(n)}`);
const text = `h,x\n${rows.map((row) => `${row},\n`).join('')}`;
const zstd = await Zstd.load();
const frame = (of: string | Buffer) => Buffer.from(zstd.compress(Buffer.from(of)));
/** The same without its size in the header, like a compressed stream. */
function streamed(of: string): Buffer {
  zstd.reset();
  const first = Buffer.from(zstd.compressChunk(Buffer.from(of)));
  return Buffer.concat([first, Buffer.from(zstd.compressEnd())]);
}
/** The length of the header of a frame with its size in it. */
function headBytes(of: Buffer): number {
  const isOnePiece = (of[4]! & 0x20) !== 0;
  return 5 + (isOnePiece ? 0 : 1) + ([1, 2, 4, 8][of[4]! >> 6] ?? 0);
}
const skippable = Buffer.concat([Buffer.from('5a2a4d1805000000', 'hex'), Buffer.from('hello')]);

describe('zstd', () => {
  it.each([
    ['a frame', frame(text)],
    ['a stream', streamed(text)],
    [
      'frames, one after the other',
      Buffer.concat([frame(text.slice(0, 50_000)), frame(''), frame(text.slice(50_000))]),
    ],
    ['frames to be skipped', Buffer.concat([skippable, frame(text), skippable])],
    ['one byte many times', frame(`h\n${'x'.repeat(500_000)}\n`)],
  ])('is recognised by its first bytes, with any name and chunk size: %s', { timeout: 60_000 }, async (_, bytes) => {
    const wanted = bytes.length < 1_000 ? ['x'.repeat(500_000)] : rows;
    for (const chunkBytes of [10_000, 1 << 20])
      expect(dataOf(await readText('rows.csv', bytes, { chunkBytes }))).toEqual(wanted);
  });

  it('has a progress in compressed bytes', async () => {
    const bytes = frame(text);
    const source = await open([fileOf('p.csv.zst', bytes)], { chunkBytes: 50_000 });
    const seen: number[] = [];
    for await (const _ of source.blocks()) seen.push(source.progress(1).done);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(seen[0]).toBeLessThan(bytes.length);
    expect(source.progress(1)).toEqual({ done: bytes.length, total: bytes.length });
  });

  it('that is cut off is read up to its end', { timeout: 120_000 }, async () => {
    const whole = frame(text);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 5, max: whole.length - 1 }), async (length) => {
        const result = await readText('cut.csv.zst', whole.subarray(0, length));
        const data = dataOf(result);
        expect(data).toEqual(rows.slice(0, data.length));
        expect(textOf(result.error)).toBe(
          'input: cut.csv.zst: the zstd data is cut off (unexpected end) ' +
            '(copy the file again, or check it with zstd -t)',
        );
      }),
      { numRuns: runs(10) },
    );
  });

  it('that is damaged, or followed by something else, is an error', async () => {
    const damaged = frame(text);
    // The header of the second block gets an invalid kind.
    const firstBytes = damaged.readUIntLE(headBytes(damaged), 3) >> 3;
    damaged[headBytes(damaged) + 3 + firstBytes] = 6;
    const messageOf = async (bytes: Buffer) => textOf((await readText('bad.csv.zst', bytes)).error);
    expect(await messageOf(damaged)).toMatch(
      /input: bad\.csv\.zst: the zstd data is damaged \(.*check it with zstd -t/,
    );
    expect(await messageOf(Buffer.concat([frame(text), Buffer.from('hello')]))).toMatch(
      /no frame begins where one should/,
    );
  });
});

describe('files that are not text', () => {
  it.each([
    ['425a683931', 'compressed with bzip2 (pipe it in: bzip2 -dc FILE | kload run -)'],
    ['fd377a585a0000', 'compressed with xz (pipe it in: xz -dc FILE | kload run -)'],
    ['504b0304aa', 'a zip archive (pipe in a file from it: unzip -p FILE NAME | kload run -)'],
    ['50415231aa', 'Parquet (convert it to CSV or NDJSON)'],
    ['fffe000061000000', 'UTF-32, not UTF-8 (convert it with iconv -f UTF-32 -t UTF-8)'],
    ['0000feff00000061', 'UTF-32, not UTF-8 (convert it with iconv -f UTF-32 -t UTF-8)'],
    ['fffe6100', 'UTF-16, not UTF-8 (convert it with iconv -f UTF-16 -t UTF-8)'],
  ])('%s is %s', async (hex, what) => {
    expect(textOf((await readText('what', Buffer.from(hex, 'hex'))).error)).toBe(`input: what is ${what}`);
  });
});
