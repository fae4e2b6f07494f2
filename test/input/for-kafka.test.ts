import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type KafkaHeader, parseKafkaHeaders } from '../../src/bytes/kafka-headers.js';
import { runs } from '../support/runs.js';
import { json, number, string } from './json-arbitraries.js';
import { fileOf, KAFKA_RECORDS, open, type Reading, readText, textOf } from './support.js';

interface Item {
  readonly line: number;
  readonly bad: string | undefined;
  readonly data: string;
  readonly key: Buffer | null;
  readonly headers: readonly KafkaHeader[];
}

/** The records that a run to Kafka reads from a file, good and bad, in their order. */
async function readAll(name: string, content: string | Buffer, reading: Reading): Promise<Item[]> {
  const items: Item[] = [];
  const source = await open([fileOf(name, content)], { traits: KAFKA_RECORDS, ...reading });
  for await (const block of source.blocks()) {
    const bytes = (start: number, end: number) => Buffer.from(block.bytes.subarray(start, end));
    for (let at = 0; at <= block.count; at++) {
      for (const { line, reason } of block.bad.filter(({ index }) => index === at)) items.push(badItem(line, reason));
      if (at === block.count) break;
      const attributes =
        block.attributesBytes(at) === 0 ? '' : bytes(block.attributesStart[at]!, block.attributesEnd[at]!).toString();
      items.push({
        line: block.line[at]!,
        bad: undefined,
        data: bytes(block.dataStart[at]!, block.dataEnd[at]!).toString(),
        key: block.keyStart[at]! < 0 ? null : bytes(block.keyStart[at]!, block.keyEnd[at]!),
        headers: attributes === '' ? [] : (parseKafkaHeaders(JSON.parse(attributes)) as readonly KafkaHeader[]),
      });
      // Attributes without a header are left out.
      if (attributes !== '') expect(items.at(-1)!.headers).not.toEqual([]);
    }
  }
  return items;
}

function badItem(line: number, bad: string): Item {
  return { line, bad, data: '', key: null, headers: [] };
}

/** The headers that a text holds, or the reason why it is not valid, by the simplest code. */
function headersIn(text: string): readonly KafkaHeader[] | string {
  if (text === '') return [];
  try {
    return parseKafkaHeaders(JSON.parse(text));
  } catch {
    return 'is invalid JSON';
  }
}

/** JSON that mostly holds headers. */
const headersJson = fc.oneof(
  { weight: 1, arbitrary: json },
  {
    weight: 4,
    arbitrary: fc.letrec<{ text: string; value: string }>((tie) => ({
      value: fc.oneof(
        { weight: 8, arbitrary: string },
        { weight: 1, arbitrary: number },
        { weight: 1, arbitrary: fc.constantFrom('null', 'true', '{"base64":"/wA="}', '{"base64":"?"}', '[]', '{}') },
        { weight: 1, arbitrary: fc.array(string, { maxLength: 3 }).map((all) => `[${all.join(' , ')}]`) },
      ),
      text: fc.oneof(
        fc
          .array(fc.tuple(string, tie('value')), { maxLength: 4 })
          .map((all) => ` {${all.map(([name, value]) => `${name} :${value}`).join(',\t')}}`),
        fc
          .array(fc.tuple(string, tie('value')), { maxLength: 3 })
          .map((all) => `[${all.map(([name, value]) => `[${name}, ${value}]`).join(',')} ]`),
      ),
    })).text,
  },
  { weight: 1, arbitrary: fc.constantFrom('', '{', 'x', '{"a":"1"} x', '{"a":"\\x"}', '{"a":1,}', '\ufeff{}') },
);

const key = fc.oneof(fc.constant(''), fc.string({ unit: 'grapheme', maxLength: 30 }), fc.constant('k'.repeat(400)));
const chunkBytes = fc.integer({ min: 1, max: 300 });
const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;

/** A JSON string with more escapes than necessary. */
function escaped(text: string): string {
  return JSON.stringify(text).replaceAll('a', '\\u0061').replaceAll('/', '\\/');
}

function expectedItem(line: number, data: string, keyText: string | null, text: string, where: string): Item {
  const headers = headersIn(text);
  if (typeof headers === 'string') return badItem(line, expect.stringContaining(`${where} ${headers}`) as string);
  return { line, bad: undefined, data, key: keyText ? Buffer.from(keyText) : null, headers };
}

describe('a CSV for Kafka', () => {
  it('may have any text or nothing as keys, and headers as JSON.parse reads them', { timeout: 30_000 }, async () => {
    const rows = fc.array(
      fc.record({ key: key.filter((text) => !text.includes('\0')), headers: headersJson, data: fc.string() }),
      { minLength: 1, maxLength: 8 },
    );
    await fc.assert(
      fc.asyncProperty(rows, chunkBytes, async (all, chunk) => {
        const clean = all.map(({ data, ...rest }) => ({ ...rest, data: data.replaceAll('\0', '') }));
        let line = 2;
        let csv = 'k,h,d\n';
        const expected = clean.map(({ key, headers, data }) => {
          const row = `${[key, headers, data].map(quoted).join(',')}\n`;
          const item = expectedItem(line, data, key, headers, `column 'h'`);
          line += row.split('\n').length - 1;
          csv += row;
          return item;
        });
        const reading = { dataField: 'd', partitionKeyField: 'k', headersField: 'h', chunkBytes: chunk };
        expect(await readAll('kafka.csv', csv, reading)).toEqual(expected);
      }),
      { numRuns: runs(300) },
    );
  });

  it('does not use the headers column for times, and may have keys that are not UTF-8', async () => {
    const csv = Buffer.concat([Buffer.from('d,h,k\nx,{},'), Buffer.from([0xff, 0xfe]), Buffer.from('\ny,,\n')]);
    const read = await readAll('bytes.csv', csv, { headersField: 'h', partitionKeyField: 'k' });
    expect(read.map((item) => item.key)).toEqual([Buffer.from([0xff, 0xfe]), null]);
    const { records } = await readText('time.csv', 'd,h\nx,\n', { traits: KAFKA_RECORDS, headersField: 'h' });
    expect(records).toMatchObject([{ recordedAtMs: Number.NaN }]);
  });

  it('has bad records for unusable headers, with the reason', async () => {
    const cells = ['7', '{"a":{"b":1}}', '{"a"', '["a"]', '{"id":12345678901234567890}'].map(quoted);
    const bytes = Buffer.concat([
      Buffer.from(`d,h\n${cells.map((cell) => `x,${cell}\n`).join('')}x,`),
      Buffer.from([0xff]),
      Buffer.from('\n'),
    ]);
    const { bad } = await readText('bad.csv', bytes, { traits: KAFKA_RECORDS, headersField: 'h' });
    expect(bad).toEqual([
      `bad.csv:2: column 'h' is not a JSON object of headers`,
      `bad.csv:3: column 'h' has a header 'a' that is not a string, number, boolean or null`,
      `bad.csv:4: column 'h' is invalid JSON: expected ':' after property name at position 4`,
      `bad.csv:5: column 'h' is a list whose entries are not all [name, value]`,
      `bad.csv:6: column 'h' has a header 'id' with a number beyond 2^53, which is not exact: make it a string`,
      `bad.csv:7: column 'h' is not valid UTF-8`,
    ]);
    const absent = await readText('none.csv', 'a,b\n1,2\n', { traits: KAFKA_RECORDS, headersField: 'h' });
    expect(textOf(absent.error)).toBe("input: none.csv: no column 'h' for --headers-field (the columns are 'a', 'b')");
  });
});

describe('NDJSON for Kafka', () => {
  it('may have any text or null as keys, and headers as JSON values or in strings', { timeout: 30_000 }, async () => {
    const record = fc.record({
      key: fc.oneof(
        key.map(escaped),
        key.map((text) => JSON.stringify(text)),
        fc.constantFrom('null', '17', 'true'),
      ),
      headers: headersJson.map((text) => text.replaceAll(/[\r\n]/g, ' ')),
      as: fc.constantFrom('value', 'string', 'null', 'absent'),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(record, { minLength: 1, maxLength: 8 }),
        fc.constantFrom('.d', '.k', undefined),
        chunkBytes,
        async (all, dataField, chunk) => {
          const lines: string[] = [];
          const expected = all.map(({ key, headers, as }, at) => {
            const isValue = as === 'value' && isJsonLine(headers);
            const text = as === 'null' || as === 'absent' ? '' : headers;
            const written = isValue ? text : as === 'null' ? 'null' : escaped(text);
            const member = as === 'absent' ? '' : `"h":${written},`;
            const line = `{${member}"k":${key},"d":"\\t${at}"}`;
            lines.push(line);
            const keyValue: unknown = JSON.parse(key);
            const keyText = keyValue === null ? null : String(keyValue);
            const data = dataField === '.d' ? `\t${at}` : dataField === '.k' ? (keyText ?? 'null') : line;
            const isNone = isValue && JSON.parse(text) === null;
            return expectedItem(at + 1, data, keyText, isNone ? '' : isTextOf(isValue, text), `the value at '.h'`);
          });
          const fields = { dataField, partitionKeyField: '.k', headersField: '.h', chunkBytes: chunk };
          expect(await readAll('kafka.ndjson', lines.join('\n'), { ...fields, format: 'ndjson' })).toEqual(expected);
        },
      ),
      { numRuns: runs(300) },
    );
  });

  it('unescapes long keys and headers without changing the line', async () => {
    const long = '"\n'.repeat(30_000);
    const headers = JSON.stringify({ a: long });
    const lines = Array.from({ length: 3 }, () => JSON.stringify({ k: long, h: headers }));
    const fields = { partitionKeyField: '.k', headersField: '.h' };
    for (const chunkBytes of [64 * 1024, 1024 * 1024]) {
      const read = await readAll('long.ndjson', lines.join('\n'), { ...fields, chunkBytes });
      expect(read.map(({ data }) => data)).toEqual(lines);
      for (const item of read) {
        expect(item.key?.equals(Buffer.from(long))).toBe(true);
        expect(item.headers.map(({ value }) => Buffer.from(value!).toString())).toEqual([long]);
      }
    }
    const same = await readAll('same.ndjson', lines.join('\n'), { partitionKeyField: '.h', headersField: '.h' });
    expect(same.map((item) => item.key?.toString())).toEqual([headers, headers, headers]);
  });

  it('may have keys that are not UTF-8, but refuses such headers, and missing keys', async () => {
    const bytes = Buffer.from(
      '{"k":"\\n\xff","h":{"a":"x"}}\n{"k":"k","h":{"a":"\xff"}}\n{"h":"{\\"a\\":\\"\xff\\"}"}\n',
      'latin1',
    );
    const reading = { partitionKeyField: '.k', headersField: '.h' };
    const read = await readAll('bytes.ndjson', bytes, reading);
    expect(read[0]).toMatchObject({
      key: Buffer.from([0x0a, 0xff]),
      headers: [{ name: 'a', value: Buffer.from('x') }],
    });
    expect(read.slice(1).map(({ bad }) => bad)).toEqual([
      `the value at '.h' is not valid UTF-8`,
      `partition key at '.k' is missing`,
    ]);
    const { bad } = await readText('object.ndjson', '{"k":{}}\n{"k":[1]}\n', { ...reading, traits: KAFKA_RECORDS });
    expect(bad).toEqual([
      `object.ndjson:1: partition key at '.k' is an object`,
      `object.ndjson:2: partition key at '.k' is an array`,
    ]);
  });
});

it('keeps headers with their records when data is decoded and records are reordered', async () => {
  const csv = 'd,t,h\n62,2,"{""n"":""b""}"\n61,1,\n63,3,"[[""n"",""c""]]"\n';
  const reading = { headersField: 'h', dataEncoding: 'hex', needsTimestamp: true, reorderWindowMs: 5000 } as const;
  const read = await readAll('order.csv', csv, reading);
  expect(read.map(({ data, headers }) => [data, headers.map(({ value }) => String(value))])).toEqual([
    ['a', []],
    ['b', ['b']],
    ['c', ['c']],
  ]);
  const same = await readText('same.csv', 'h\n{}\n"{""a"":""1""}"\n', {
    ...reading,
    traits: KAFKA_RECORDS,
    needsTimestamp: false,
    reorderWindowMs: undefined,
  });
  expect(textOf(same.error)).toMatch(
    /usage: same\.csv: the headers are part of the data, .*\(name another --headers-field/,
  );
});

it('refuses --headers-field for kload records, which have their own headers', async () => {
  const line = '{"schema":"kload.record/1","partitionKey":"k","data":"x","headers":{"a":"1"}}\n';
  const { error } = await readText('k.ndjson', line, { traits: KAFKA_RECORDS, headersField: 'h' });
  expect(textOf(error)).toMatch(/usage: .*bring their own fields: --headers-field has no effect/);
});

it('drops the hash keys of recorded calls, because Kafka has none', async () => {
  const call = { StreamName: 's', Records: [{ Data: 'aGk=', PartitionKey: 'k', ExplicitHashKey: '7' }] };
  const text = `${JSON.stringify(call)}\n`;
  const forKafka = await readText('call.ndjson', text, { unwrap: 'auto', traits: KAFKA_RECORDS });
  expect(forKafka.records).toEqual([{ data: 'hi', key: 'k', line: 1, file: 'call.ndjson', recordedAtMs: Number.NaN }]);
  expect((await readText('call.ndjson', text, { unwrap: 'auto' })).records).toMatchObject([{ hashKey: '7' }]);
});

function isJsonLine(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The text of the headers: a JSON string holds the JSON in turn. */
function isTextOf(isValue: boolean, text: string): string {
  const value: unknown = isValue ? JSON.parse(text) : undefined;
  return typeof value === 'string' ? value : text;
}
