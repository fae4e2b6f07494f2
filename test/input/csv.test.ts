import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../support/runs.js';
import { dataOf, fileOf, open, readText, textOf } from './support.js';

const cell = fc.oneof(
  fc.string({
    unit: fc.constantFrom('a', 'é', '😀', ' ', ',', '"', '\n', '\r\n', '\r', '{', ':', '\ufeff'),
    maxLength: 12,
  }),
  fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => text.replaceAll('\0', '0')),
  fc.constantFrom('', '"', '""', '\n', 'x'.repeat(200)),
);

/** Rows of equal length. Each cell has its text, and whether it is quoted even if it need not be. */
const table = fc.integer({ min: 1, max: 5 }).chain((columns) =>
  fc.record({
    rows: fc.array(fc.array(fc.tuple(cell, fc.boolean()), { minLength: columns, maxLength: columns }), {
      minLength: 1,
      maxLength: 12,
    }),
    lineEnds: fc.array(fc.constantFrom('\n', '\r\n'), { minLength: 13, maxLength: 13 }),
    mark: fc.boolean(),
    lastLineEnd: fc.boolean(),
    data: fc.integer({ min: 1, max: columns }),
  }),
);

function quoted([text, always]: readonly [string, boolean]): string {
  return always || text === '' || /[",\n\r\ufeff]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

describe('CSV', () => {
  it('reads what csv-parse reads, at any chunk size', { timeout: 30_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(table, fc.integer({ min: 1, max: 64 }), async (input, chunkBytes) => {
        const lines = input.rows.map((row, at) => row.map(quoted).join(',') + input.lineEnds[at]);
        const text = (input.mark ? '\ufeff' : '') + lines.join('');
        const csv = input.lastLineEnd ? text : text.replace(/\r?\n$/, '');
        const expected = parse(csv, { bom: true, recordDelimiter: ['\r\n', '\n'] }) as string[][];
        const options = { header: false, dataField: String(input.data), chunkBytes };
        const result = await readText('random.csv', csv, options);
        expect(result.bad).toEqual([]);
        expect(dataOf(result)).toEqual(expected.map((row) => row[input.data - 1]));
        const line = (at: number) => lines.slice(0, at).join('').split('\n').length;
        expect(result.records.map((record) => record.line)).toEqual(lines.map((_, at) => line(at)));
      }),
      { numRuns: runs(300) },
    );
  });

  it('reads a typical recording: body, time and id', async () => {
    const csv = `.http.request.body,.ts,RRPair UUID
"{""id"":1,""text"":""a, b""}",2026-01-02T03:04:05.123456789Z,uuid-1|uuid-2
plain,2026-01-02T03:04:06Z,uuid-3
`;
    const result = await readText('recording.csv', csv, { partitionKeyField: 'RRPair UUID', needsTimestamp: true });
    expect(result.bad).toEqual([]);
    expect(result.records).toEqual([
      {
        data: '{"id":1,"text":"a, b"}',
        key: 'uuid-1|uuid-2',
        recordedAtMs: expect.closeTo(Date.parse('2026-01-02T03:04:05.123Z') + 0.456789, 3),
        line: 2,
        file: 'recording.csv',
      },
      {
        data: 'plain',
        key: 'uuid-3',
        recordedAtMs: Date.parse('2026-01-02T03:04:06Z'),
        line: 3,
        file: 'recording.csv',
      },
    ]);
  });

  it('reads data from the first column and times from the second, unless options name others', async () => {
    const csv = 'a,b,c\nx,1767323045,z\n';
    const times = async (options: object) => (await readText('default.csv', csv, options)).records[0];
    expect(await times({})).toMatchObject({ data: 'x', key: undefined, recordedAtMs: 1767323045000 });
    expect(await times({ partitionKeyField: 'b' })).toMatchObject({
      data: 'x',
      key: '1767323045',
      recordedAtMs: Number.NaN,
    });
    expect(await times({ dataField: '2' })).toMatchObject({ data: '1767323045', recordedAtMs: Number.NaN });
    expect(await times({ dataField: 'c', timestampField: 'b' })).toMatchObject({
      data: 'z',
      recordedAtMs: 1767323045000,
    });
  });

  it('finds a column by its name first, then by its number', async () => {
    const csv = '3,2,.ts\none,two,three\n';
    expect(dataOf(await readText('names.csv', csv, { dataField: '3' }))).toEqual(['one']);
    expect(dataOf(await readText('names.csv', csv, { dataField: '1' }))).toEqual(['one']);
    expect(dataOf(await readText('names.csv', csv, { dataField: '.ts' }))).toEqual(['three']);
  });

  it('unescapes a column only once, even if it is data, key and time', async () => {
    const csv = 'a,b\n"x""""y",1\n';
    const result = await readText('same.csv', csv, { dataField: 'a', partitionKeyField: 'a', timestampField: 'a' });
    expect(result.records).toMatchObject([{ data: 'x""y', key: 'x""y' }]);
  });

  it('sends bytes that are not UTF-8 as they are, but refuses them in keys', async () => {
    const csv = Buffer.concat([Buffer.from('a,b\n'), Buffer.from([0xff, 0x2c, 0xfe, 0x0a])]);
    expect((await readText('bytes.csv', csv)).records).toMatchObject([{ data: '\ufffd', line: 2 }]);
    const keyed = await readText('bytes.csv', csv, { partitionKeyField: 'b' });
    expect(keyed.bad).toEqual([`bytes.csv:2: partition key in column 'b' is not valid UTF-8`]);
  });

  it('skips blank lines, which count as lines', async () => {
    const result = await readText('blank.csv', '\n\r\na\n\n1\n\n\n""\r\n2');
    expect(result.records.map(({ line, data }) => [line, data])).toEqual([
      [5, '1'],
      [8, ''],
      [9, '2'],
    ]);
  });

  it('fills blocks to their bound, and reads more records than fit into one', async () => {
    const rows = Array.from({ length: 10_000 }, (_, at) => `row ${at}`);
    const result = await readText('many.csv', `h\n${rows.join('\n')}`);
    expect(dataOf(result)).toEqual(rows);
    const broken = await readText('many-bad.csv', `h\n${rows.map((row) => `${row},`).join('\n')}`);
    expect(broken.bad).toHaveLength(10_000);
  });
});

describe('malformed CSV', () => {
  const cases: [string, string, string[]][] = [
    [
      'a quote in an unquoted field',
      'x,5"y\n',
      [`broken.csv:3: quote inside the unquoted column 'id': quote the whole field and double the quotes in it`],
    ],
    [
      'text after a closing quote',
      '"{"a":1}",5\n',
      [`broken.csv:3: text after the closing quote of column 'body': a quote inside a field must be doubled`],
    ],
    ['too few columns', 'x\n', ['broken.csv:3: 1 column, the header has 2']],
    ['too many columns', 'x,y,z\n', ['broken.csv:3: 3 columns, the header has 2: a field with a comma must be quoted']],
    [
      'a NUL byte',
      'x\0,5\n',
      [`broken.csv:3: NUL byte in column 'body': the file is damaged, or UTF-16 and must be converted to UTF-8`],
    ],
    [
      'a NUL byte in quotes',
      'x,"5\0"\n',
      [`broken.csv:3: NUL byte in column 'id': the file is damaged, or UTF-16 and must be converted to UTF-8`],
    ],
    [
      'a fault in a column that should not be there',
      'x,y,z"\n',
      [`broken.csv:3: quote inside the unquoted column 3: quote the whole field and double the quotes in it`],
    ],
  ];

  it.each(cases)('%s makes one bad record', async (_, row, bad) => {
    for (const chunkBytes of [1, 7, 1024]) {
      const result = await readText('broken.csv', `body,id\ngood,1\n${row}next,2\n`, { chunkBytes });
      expect(result.bad).toEqual(bad);
      expect(dataOf(result)).toEqual(['good', 'next']);
    }
  });

  it('with a quote that is never closed ends in one bad record, on the line where it began', async () => {
    const result = await readText('open.csv', 'body,id\ngood,1\n"x\ny,2\nz,3\n', { chunkBytes: 5 });
    expect(result.bad).toEqual([`open.csv:3: the quote opened in column 'body' is never closed`]);
    expect(dataOf(result)).toEqual(['good']);
  });

  it('keeps bad records at their position in the block', async () => {
    const source = await open([fileOf('order.csv', 'a\n1\n2,\n3\n4,\n')]);
    for await (const block of source.blocks()) expect(block.bad.map(({ index }) => index)).toEqual([1, 2]);
  });

  it('has bad records where Kinesis would refuse the key', async () => {
    const csv = `d,k\n1,\n2,${'😀'.repeat(256)}\n3,${'😀'.repeat(257)}\n4,${'x'.repeat(300)}\n5,ok\n`;
    const result = await readText('keys.csv', csv, { partitionKeyField: 'k' });
    expect(dataOf(result)).toEqual(['2', '5']);
    expect(result.bad).toEqual([
      `keys.csv:2: partition key in column 'k' is empty`,
      `keys.csv:4: partition key in column 'k' has 257 characters, the limit is 256`,
      `keys.csv:5: partition key in column 'k' has 300 characters, the limit is 256`,
    ]);
  });

  it('has bad records for unreadable timestamps, if timestamps are needed', async () => {
    const csv = `d,.ts\n1,xyz\n2,\n3,2026-01-02T03:04:05Z\n4,${'y'.repeat(50)}\n`;
    const result = await readText('times.csv', csv, { needsTimestamp: true });
    expect(dataOf(result)).toEqual(['3']);
    expect(result.bad).toEqual([
      `times.csv:2: timestamp 'xyz' in column '.ts' is not RFC 3339 or an epoch number`,
      `times.csv:3: timestamp in column '.ts' is empty`,
      `times.csv:5: timestamp '${'y'.repeat(40)}…' in column '.ts' is not RFC 3339 or an epoch number`,
    ]);
    const relaxed = await readText('times.csv', csv);
    expect(relaxed.records.map(({ recordedAtMs }) => Number.isNaN(recordedAtMs))).toEqual([true, true, false, true]);
  });

  it('is refused if its header does not fit the options', async () => {
    const error = async (csv: string, options: object) => textOf((await readText('h.csv', csv, options)).error);
    expect(await error('a,b\n1,2\n', { dataField: 'x' })).toBe(
      `input: h.csv: no column 'x' for --data-field (the columns are 'a', 'b')`,
    );
    expect(await error('a,b\n1,2\n', { timestampField: '3' })).toBe(
      `input: h.csv: no column '3' for --timestamp-field (the columns are 'a', 'b')`,
    );
    expect(await error('a,b\n1,2\n', { partitionKeyField: 'a', header: false })).toBe(
      `input: h.csv: no column 'a' for --partition-key-field (without a header columns go by number: 1 to 2)`,
    );
    expect(await error('a\n1\n', { needsTimestamp: true })).toBe(
      `input: h.csv: no column for the records' times (name its column with --timestamp-field; the columns are 'a')`,
    );
    expect(await error('a,b"\n1,2\n', {})).toBe(
      'input: h.csv:1: quote inside the unquoted column 2: quote the whole field and double the quotes in it',
    );
    const wide = Array.from({ length: 30 }, (_, at) => `c${at}`).join(',');
    expect(await error(`${wide}\n${wide}\n`, { dataField: 'x' })).toMatch(/'c18', 'c19', …\)$/);
  });

  it('may have no header', async () => {
    const result = await readText('n.csv', 'x"\na,b\nc\n', { header: false });
    expect(dataOf(result)).toEqual(['a']);
    expect(result.bad).toEqual([
      'n.csv:1: quote inside the unquoted column 1: quote the whole field and double the quotes in it',
      'n.csv:3: 1 column, the first row has 2',
    ]);
  });

  it('has a bad record for one of more than 16 MiB, and continues after it', {
    tags: 'long',
    timeout: 60_000,
  }, async () => {
    const large = Buffer.alloc(18 * 1024 * 1024, `${'x'.repeat(97)}'y\n`);
    const lines = large.reduce((count, byte) => count + Number(byte === 0x0a), 0);
    const problem = (line: number, name: string) =>
      `${name}:${line}: a record of more than 16 MiB begins here: is there a quote that is never closed?`;
    const csv = Buffer.concat([Buffer.from('a\nfirst\n"'), large, Buffer.from('""\n"\nlast\n')]);
    const rows = await readText('huge.csv', csv);
    expect({ data: dataOf(rows), bad: rows.bad, error: rows.error }).toEqual({
      data: ['first', 'last'],
      bad: [problem(3, 'huge.csv')],
      error: undefined,
    });
    expect(rows.records.at(-1)?.line).toBe(3 + lines + 2);
    const open = await readText('open.csv', Buffer.concat([Buffer.from('a\nfirst\n"open\n'), large]));
    expect({ data: dataOf(open), bad: open.bad }).toEqual({ data: ['first'], bad: [problem(3, 'open.csv')] });

    const line = Buffer.alloc(40 * 1024 * 1024, 'x');
    const ndjson = await readText('huge.ndjson', Buffer.concat([Buffer.from('1\n"'), line, Buffer.from('"\n2\n')]));
    expect({ data: dataOf(ndjson), bad: ndjson.bad }).toEqual({ data: ['1', '2'], bad: [problem(2, 'huge.ndjson')] });
    const json = await readText(
      'huge.json',
      Buffer.concat([Buffer.from('[1,\n{"a":"\\"]'), line, Buffer.from('"},\n2]')]),
    );
    expect({ data: dataOf(json), bad: json.bad }).toEqual({ data: ['1', '2'], bad: [problem(2, 'huge.json')] });
  });

  it('may have a record of nearly 16 MiB', { tags: 'long', timeout: 60_000 }, async () => {
    const large = `${'x'.repeat(99)}\n`.repeat(165_000);
    const result = await readText('large.csv', `a\n"${large}"\nlast\n`);
    expect(result.records.map(({ data, line }) => [data.length, line])).toEqual([
      [large.length, 2],
      [4, 2 + 165_001],
    ]);
  });
});
