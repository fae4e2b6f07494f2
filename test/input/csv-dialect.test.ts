import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../support/runs.js';
import { dataOf, fileOf, open, readText, textOf } from './support.js';

const NAMES = new Map([
  [',', 'comma'],
  [';', 'semicolon'],
  ['\t', 'tab'],
  ['|', 'pipe'],
]);

describe('a CSV with any delimiter and end of line', () => {
  it('is read as csv-parse reads it, at any chunk size', { timeout: 60_000 }, async () => {
    const cell = fc.oneof(
      fc.string({
        unit: fc.constantFrom('a', '7', ' ', ',', ';', '\t', '|', '"', '\n', '\r', '-', ':'),
        maxLength: 12,
      }),
      fc.constantFrom('', '2026-01-02T03:04:05.123Z', 'some longer text, with numbers 0123456789'),
    );
    const table = fc.integer({ min: 2, max: 4 }).chain((columns) =>
      fc.array(fc.array(fc.tuple(cell, fc.boolean()), { minLength: columns, maxLength: columns }), {
        minLength: 1,
        maxLength: 12,
      }),
    );
    const ends = fc.constantFrom('\n', '\r\n', '\r');
    await fc.assert(
      fc.asyncProperty(
        table,
        fc.constantFrom(...NAMES.keys()),
        ends,
        fc.integer({ min: 1, max: 64 }),
        async (...all) => {
          const [rows, delimiter, lineEnd, chunkBytes] = all;
          // One name for each column, none of which needs quotes.
          const header = rows[0]!.map((_, column) => `name ${column}`);
          const quoted = ([text, always]: readonly [string, boolean]) =>
            always || text === '' || /[",;|\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
          const lines = [header.join(delimiter), ...rows.map((row) => row.map(quoted).join(delimiter))];
          const csv = lines.join(lineEnd) + lineEnd;
          const expected = parse(csv, { delimiter, recordDelimiter: lineEnd, from: 2 }) as string[][];
          const result = await readText('random.csv', csv, { dataField: '2', chunkBytes });
          expect(result.bad).toEqual([]);
          expect(dataOf(result)).toEqual(expected.map((row) => row[1]));
        },
      ),
      { numRuns: runs(300) },
    );
  });

  it.each([
    ['a.csv', 'id;name, full;ts\n1;"x;y";5\n', {}, ';', '1'],
    ['a.csv', 'sep=;\r\nid;name\r\n1;2\r\n', {}, ';', '1'],
    ['a.csv', '"sep=|"\nid|name\n1,5|2\n', {}, '|', '1,5'],
    ['a.csv', 'sep=\t\nid,x\tname\n1\t2\n', {}, '\t', '1'],
    ['a.tsv', 'only\n1;2,3\n', {}, '\t', '1;2,3'],
    ['a.csv', '"a;b;c",d\n"1;2",3\n', {}, ',', '1;2'],
    ['a.csv', 'a|b|c,d\n', { header: false }, ',', 'a|b|c'],
    ['a.csv', 'a|b|c\n', { header: false }, '|', 'a'],
    ['a.csv', 'a;b,c\n1;2,3\n', { delimiter: ',' }, ',', '1;2'],
    ['plain', 'a;b\n1;2\n', {}, ';', '1'],
  ])('%s with %j and %j is read by %j', async (name, text, options, delimiter, data) => {
    const file = fileOf(name, text);
    const source = await open([file], options);
    for await (const block of source.blocks())
      expect(block.bytes.toString('utf8', block.dataStart[0], block.dataEnd[0])).toBe(data);
    expect(source.found.files).toMatchObject([{ format: 'csv', delimiter }]);
  });

  it('has errors that name the delimiter, and count lines by the ends of line of the file', async () => {
    for (const [delimiter, name] of NAMES) {
      const text = `sep=${delimiter}\ra${delimiter}b\r1${delimiter}2\r3${delimiter}4${delimiter}5\r`;
      expect((await readText('many.csv', text)).bad).toEqual([
        `many.csv:4: 3 columns, the header has 2: a field with a ${name} must be quoted`,
      ]);
    }
  });
});

describe('concatenated files', () => {
  it('may repeat the header, which is counted and not sent', async () => {
    const csv = 'a,b\n1,2\na,b\n3,4\n\ufeffa,b\r\n5,6\n"a","b"\na,c\n\ufeff"7",8\n';
    for (const chunkBytes of [1, 2, 3, 1024]) {
      const file = fileOf('repeated.csv', csv);
      const source = await open([file], { chunkBytes });
      const seen: [string, number][] = [];
      for await (const block of source.blocks()) {
        for (let at = 0; at < block.count; at++) {
          const bytes = Buffer.from(block.bytes.buffer, block.bytes.byteOffset, block.bytes.length);
          seen.push([bytes.toString('utf8', block.dataStart[at], block.dataEnd[at]), block.line[at]!]);
        }
        expect(block.bad).toEqual([]);
      }
      expect(seen).toEqual([
        ['1', 2],
        ['3', 4],
        ['5', 6],
        ['a', 8],
        ['7', 9],
      ]);
      expect(source.found.files).toMatchObject([{ header: true, repeatedHeaders: 3 }]);
    }
    // Without a header nothing is repeated, and a single column may have its own name as a value.
    expect(dataOf(await readText('none.csv', 'a,b\na,b\n', { header: false }))).toEqual(['a', 'a']);
    expect(dataOf(await readText('one.csv', 'a\n1\na\n'))).toEqual(['1', 'a']);
  });

  it('may have a byte order mark at the start of any line', async () => {
    const mark = '\ufeff';
    for (const chunkBytes of [1, 2, 3, 1024]) {
      const ndjson = await readText('marks.ndjson', `${mark}{"a":1}\n${mark}{"a":2}\n{"a":"${mark}"}\n`, {
        chunkBytes,
      });
      expect({ data: dataOf(ndjson), bad: ndjson.bad }).toEqual({
        data: ['{"a":1}', '{"a":2}', `{"a":"${mark}"}`],
        bad: [],
      });
      const lines = await readText('marks.txt', `${mark}a\n${mark}b\nc${mark}\n${mark}`, { chunkBytes });
      expect(dataOf(lines)).toEqual(['a', 'b', `c${mark}`]);
    }
  });
});

describe('lines of text', () => {
  it('end in LF, CR LF or CR, and may hold any other text', async () => {
    for (const lineEnd of ['\n', '\r\n', '\r']) {
      const text = ['one, two', '', '"', '\t{', '{"a"', 'last'].join(lineEnd);
      const { records, bad } = await readText('any.txt', text);
      expect(bad).toEqual([]);
      expect(records.map(({ data, line }) => [data, line])).toEqual([
        ['one, two', 1],
        ['"', 3],
        ['\t{', 4],
        ['{"a"', 5],
        ['last', 6],
      ]);
    }
    expect(dataOf(await readText('any.ndjson', '{"a":1}\r{"a":2}\r'))).toEqual(['{"a":1}', '{"a":2}']);
    expect(dataOf(await readText('any.ndjson', '{"a":1,\r"b":2}\r'))).toEqual(['{"a":1,\r"b":2}']);
    expect(dataOf(await readText('hex.log', '6869\n', { dataEncoding: 'hex' }))).toEqual(['hi']);
    expect(dataOf(await readText('any.csv', 'a,b\n1,2\n', { format: 'lines' }))).toEqual(['a,b', '1,2']);
  });

  it.each([
    [{ format: 'lines', dataField: 'a' }, /is read as lines of text: --data-field has no effect/],
    [{ format: 'lines', delimiter: ';' }, /a\.txt is not CSV: --delimiter has no effect .*or pass --format csv/],
    [{ needsTimestamp: true }, /a\.txt is read as lines of text, which have no times .*--rps; if .*--format csv/],
  ] as const)('with %j are refused', async (options, message) => {
    expect(textOf((await readText('a.txt', 'x\ny\n', options)).error)).toMatch(message);
  });

  it('are read as CSV if an option names a column', async () => {
    expect(dataOf(await readText('columns.txt', 'a;b\n1;2\n', { dataField: 'b' }))).toEqual(['2']);
    expect(dataOf(await readText('columns.txt', 'a;b\n1;2\n', { format: 'csv' }))).toEqual(['1']);
  });
});
