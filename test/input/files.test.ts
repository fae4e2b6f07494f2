import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { PassThrough, Readable } from 'node:stream';
import { gunzipSync, gzipSync, constants as zlib } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fileError } from '../../src/input/bytes/open-bytes.js';
import { runs } from '../support/runs.js';
import { dataOf, fileOf, open, pathOf, read, readText, recordsOf, textOf } from './support.js';

const CSV = 'a,b\n1,2\n3,4\n';

describe('files', () => {
  it('are read one after another, each in its own format', async () => {
    const files = [fileOf('1.csv', CSV), fileOf('2.jsonl', '{"x":1}'), fileOf('3.csv.gz', gzipSync('h\n5\n'))];
    const { records } = await read(files);
    expect(records.map(({ file, line, data }) => [file, line, data])).toEqual([
      ['1.csv', 2, '1'],
      ['1.csv', 3, '3'],
      ['2.jsonl', 1, '{"x":1}'],
      ['3.csv.gz', 2, '5'],
    ]);
  });

  it.each([
    ['plain.csv', '{x}\n7\n', ['7']],
    ['plain.JSON', '7\n', ['7']],
    ['plain', '7,x\n8,y\n', ['8']],
    ['plain', '7\n8\n', ['7', '8']],
    ['plain.txt', 'a, b\n\n  c\n', ['a, b', '  c']],
    ['app.log', '[2026-01-02 03:04:05] up, and running\n', ['[2026-01-02 03:04:05] up, and running']],
    ['app.log', '{"level":"info"}\n', ['{"level":"info"}']],
    ['plain.tsv', 'a,b\tc\n1,2\t3\n', ['1,2']],
    ['plain.TAB', 'a\n1,2\n', ['1,2']],
    ['plain', '"a"\n"1"\n', ['1']],
    ['plain', '\n  {"a":1}\n7\n', ['  {"a":1}', '7']],
    ['plain', '\ufeff{"a":1}\n', ['{"a":1}']],
  ])('such as %s have the format of their name, or of their text %j', async (name, text, data) => {
    expect(dataOf(await readText(name, text))).toEqual(data);
  });

  it('are read in the format that --format names', async () => {
    expect(dataOf(await readText('f.csv', '{"a":1}\n', { format: 'ndjson' }))).toEqual(['{"a":1}']);
    expect(dataOf(await readText('f.json', 'h\n1\n', { format: 'csv' }))).toEqual(['1']);
  });

  it('have a progress in bytes', async () => {
    const gzipped = gzipSync(CSV);
    const source = await open([fileOf('p.csv', CSV), fileOf('p.csv.gz', gzipped)], { chunkBytes: 8 });
    const total = CSV.length + gzipped.length;
    expect(source.progress(1)).toEqual({ done: 0, total });
    const seen: number[] = [];
    for await (const _ of source.blocks()) seen.push(source.progress(1).done);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen[0]).toBeLessThan(CSV.length + 1);
    expect(source.progress(1)).toEqual({ done: total, total });
  });

  it('that cannot be used are refused before the first record is read', async () => {
    const good = fileOf('good.csv', CSV);
    mkdirSync(pathOf('folder'), { recursive: true });
    const error = async (path: string, options = {}) => {
      const failed = await open([good, path], options).then(
        () => undefined,
        (reason) => reason,
      );
      return textOf(failed);
    };
    expect(await error(pathOf('none.csv'))).toBe('input: none.csv: no such file');
    expect(await error(pathOf('good.csv/x'))).toBe('input: good.csv/x: no such file');
    expect(await error(pathOf('folder'))).toBe('input: folder: is a directory (name the files in it)');
    expect(await error(fileOf('empty.csv', ''))).toBe('input: empty.csv is empty');
    expect(await error(fileOf('blank.ndjson', '\ufeff\n \r\n'))).toBe('input: blank.ndjson is empty');
    expect(await error(fileOf('empty.gz', gzipSync('')))).toBe('input: empty.gz is empty');
    expect(await error(fileOf('header.csv', 'a,b\r\n'))).toBe('input: header.csv has a header but no records');
    expect(await error(fileOf('header.csv', 'a,b'))).toBe('input: header.csv has a header but no records');
    expect(await error(fileOf('short.csv', 'x\n1\n'), { dataField: 'b' })).toMatch(/^input: short.csv: no column 'b'/);
    const utf16 = Buffer.from('\ufeffa,b\n1,2\n', 'utf16le');
    const hint = 'convert it with iconv -f UTF-16 -t UTF-8';
    expect(await error(fileOf('le.csv', utf16))).toBe(`input: le.csv is UTF-16, not UTF-8 (${hint})`);
    expect(await error(fileOf('be.csv', utf16.swap16()))).toBe(`input: be.csv is UTF-16, not UTF-8 (${hint})`);
  });

  it('that are not readable are refused', async () => {
    const denied = Object.assign(new Error('denied'), { code: 'EACCES' });
    expect(textOf(fileError('f.csv', denied))).toBe('input: f.csv: no permission to read it');
    expect(textOf(fileError('f.csv', Object.assign(new Error('io'), { code: 'EIO' })))).toBe(
      'input: f.csv: reading failed (EIO)',
    );
    if (process.getuid?.() === 0) return;
    const path = fileOf('secret.csv', CSV);
    chmodSync(path, 0);
    expect(textOf((await read([path])).error)).toBe('input: secret.csv: no permission to read it');
  });

  it('may be named pipes', async () => {
    const fifo = pathOf('fifo');
    execFileSync('mkfifo', [fifo]);
    const [result] = await Promise.all([read([fifo]), writeFile(fifo, CSV)]);
    expect(dataOf(result)).toEqual(['1', '3']);
    const looped = await read([fifo], { loop: true });
    expect(textOf(looped.error)).toBe('usage: fifo: a pipe can be read only once, so --loop needs a file');
  });
});

describe('gzip', () => {
  const rows = Array.from({ length: 2000 }, (_, at) => `row ${at} ${Math.sin(at)}`);
  const text = `h\n${rows.join('\n')}\n`;

  it('is recognised by its first bytes, with any name and chunk size', async () => {
    for (const chunkBytes of [1000, 1 << 20]) {
      expect(dataOf(await readText('rows.csv', gzipSync(text), { chunkBytes }))).toEqual(rows);
    }
  });

  it('may have several members', async () => {
    const half = text.length >> 1;
    const members = [gzipSync(text.slice(0, half)), gzipSync(''), gzipSync(text.slice(half)), Buffer.alloc(512)];
    expect(dataOf(await readText('members.csv.gz', Buffer.concat(members)))).toEqual(rows);
  });

  it('may be far larger than its compressed size', { timeout: 30_000 }, async () => {
    const csv = `h\n${`${'x'.repeat(999)}\n`.repeat(20_000)}`;
    expect((await readText('bomb.csv.gz', gzipSync(csv, { level: 9 }))).records).toHaveLength(20_000);
  });

  it('can be closed at any point', async () => {
    const path = fileOf('left.csv.gz', gzipSync(text.repeat(20)));
    for (const blocks of [1, 2, 3]) {
      const source = await open([path], { chunkBytes: 4096 });
      let seen = 0;
      for await (const block of source.blocks()) {
        expect(recordsOf(block, 1)).toHaveLength(1);
        if (++seen === blocks) break;
      }
      expect(seen).toBe(blocks);
    }
  });

  it('that is cut off is read up to its end', { timeout: 30_000 }, async () => {
    const whole = gzipSync(text);
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 20, max: whole.length - 1 }),
        fc.constantFrom(777, 1 << 20),
        async (length, chunkBytes) => {
          const cut = whole.subarray(0, length);
          const expected = gunzipSync(cut, { finishFlush: zlib.Z_SYNC_FLUSH }).toString().split('\n').slice(1, -1);
          const result = await readText('cut.csv.gz', cut, { chunkBytes });
          expect(dataOf(result)).toEqual(expected);
          expect(textOf(result.error)).toBe(
            'input: cut.csv.gz: the gzip data is cut off (unexpected end) ' +
              '(copy the file again, or check it with gzip -t)',
          );
        },
      ),
      { numRuns: runs(60) },
    );
  });

  it('that is damaged is read nearly up to the damage', async () => {
    const whole = gzipSync(text.repeat(20));
    whole[whole.length - 5]! ^= 0xff;
    const result = await readText('damaged.csv.gz', whole);
    const data = dataOf(result);
    expect(data).toEqual(
      text
        .repeat(20)
        .split('\n')
        .slice(1, data.length + 1),
    );
    expect(data.join('\n').length).toBeGreaterThan(text.length * 20 - 2 * 128 * 1024);
    expect(textOf(result.error)).toBe(
      'input: damaged.csv.gz: the gzip data is damaged (incorrect data check) ' +
        '(copy the file again, or check it with gzip -t)',
    );
  });
});

describe('standard input', () => {
  it('is read as it arrives', async () => {
    const stdin = new PassThrough();
    const source = await open(['-'], { stdin });
    expect(source.progress(1)).toEqual({ done: 0, total: undefined });
    const blocks = source.blocks()[Symbol.asyncIterator]();
    for (const [chunk, expected] of [
      ['a,b\n1,2\n3', ['1']],
      [',4\n', ['3']],
      ['5,6\n7,8\n', ['5', '7']],
    ] as const) {
      stdin.write(chunk);
      const next = await blocks.next();
      expect(next.done === true ? [] : recordsOf(next.value).map(({ data }) => data)).toEqual(expected);
    }
    stdin.end('9,10');
    const last = await blocks.next();
    expect(last.done === true ? [] : recordsOf(last.value)).toMatchObject([
      { data: '9', line: 6, file: 'standard input' },
    ]);
    expect((await blocks.next()).done).toBe(true);
    expect(source.progress(1)).toEqual({ done: 24, total: undefined });
  });

  it('may be gzip, in chunks of any size', async () => {
    const stdin = Readable.from([...gzipSync(CSV)].map((byte) => Buffer.of(byte)));
    expect(dataOf(await read(['-'], { stdin }))).toEqual(['1', '3']);
  });

  it('may be one of several files', async () => {
    const stdin = Readable.from([Buffer.from(CSV)]);
    expect(dataOf(await read([fileOf('1.csv', CSV), '-'], { stdin }))).toEqual(['1', '3', '1', '3']);
  });

  it('is refused if it is empty, or if reading fails', async () => {
    expect(textOf((await read(['-'], { stdin: Readable.from([]) })).error)).toBe('input: standard input is empty');
    const broken = new Readable({ read: () => undefined });
    broken.push(CSV);
    const source = await open(['-'], { stdin: broken });
    const blocks = source.blocks()[Symbol.asyncIterator]();
    expect((await blocks.next()).done).toBe(false);
    broken.destroy(Object.assign(new Error('reset'), { code: 'ECONNRESET' }));
    await expect(blocks.next()).rejects.toThrow('standard input: reading failed (ECONNRESET)');
  });

  it('is refused with --loop, or if it is named twice', async () => {
    expect(textOf((await read(['-'], { loop: true })).error)).toBe(
      'usage: standard input can be read only once, so --loop needs a file',
    );
    expect(textOf((await read(['-', '-'])).error)).toBe(
      'usage: standard input (-) is named twice, and can be read only once',
    );
  });
});
