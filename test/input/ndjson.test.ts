import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonPath } from '../../src/input/json/json-path.js';
import { JsonScalars } from '../../src/input/json/json-scalar.js';
import { unescapeJson } from '../../src/input/json/json-string.js';
import { END, JsonText, START } from '../../src/input/json/json-text.js';
import { runs } from '../support/runs.js';
import { SHORT_ESCAPES } from './json-arbitraries.js';
import { dataOf, fileOf, open, readText, textOf } from './support.js';

/** JSON text with all possible escapes and spaces. */
function escaped(value: unknown): string {
  if (typeof value === 'string') {
    return `"${[...value].map((char) => (char < ' ' || '"\\aé'.includes(char) || char.length > 1 ? hex(char) : char)).join('')}"`;
  }
  if (Array.isArray(value)) return `[ ${value.map(escaped).join(' , ')}\t]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).map(([name, member]) => `${escaped(name)} : ${escaped(member)}`);
    return `{\t${members.join(' ,\r')} }`;
  }
  return JSON.stringify(value);
}

function hex(char: string): string {
  return char
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}

const name = fc.constantFrom('a', 'b', '0', '1', 'a.b', '.ts', 'é"\\', '');
const value = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.string({ unit: 'grapheme' }),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => (Object.is(n, -0) ? 0 : n)),
    fc.integer(),
    fc.constantFrom(null, true, false, 1e100, 1e-7),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(name, tie('value'), { maxKeys: 5, noNullPrototype: true }),
  ),
})).value;
const line = fc.tuple(value, fc.boolean()).map(([json, plain]) => (plain ? JSON.stringify(json) : escaped(json)));

/** What a path finds, by the simplest code. */
function follow(json: unknown, segments: readonly string[], exact: string | undefined): unknown {
  const [first, ...rest] = segments;
  if (first === undefined) return json;
  if (Array.isArray(json))
    return /^\d+$/.test(first) && Number(first) < json.length
      ? follow(json[Number(first)], rest, undefined)
      : undefined;
  if (typeof json !== 'object' || json === null) return undefined;
  const members = new Map(Object.entries(json));
  for (const whole of [exact, segments.join('.')]) {
    if (whole !== undefined && members.has(whole)) return members.get(whole);
  }
  return members.has(first) ? follow(members.get(first), rest, undefined) : undefined;
}

/** The text of the value at the end of a path. */
function valueAt(text: string, written: string): string | undefined {
  const bytes = Buffer.from(text);
  const path = new JsonPath(written);
  const scalars = new JsonScalars();
  scalars.use(bytes);
  const json = new JsonText(path.depth, scalars);
  expect(json.scan(0, bytes.length)).toBe(true);
  const node = path.find(json);
  return node < 0 ? undefined : bytes.toString('utf8', json.nodes[node + START], json.nodes[node + END]);
}

describe('JSON paths', () => {
  it('find what is in the parsed value', () => {
    const path = fc.array(fc.constantFrom('a', 'b', '0', '1', 'ts', 'é"\\'), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(line, path, fc.boolean(), (text, segments, dot) => {
        const written = (dot ? '.' : '') + segments.join('.');
        const expected = follow(JSON.parse(text), segments, dot ? written : undefined);
        const value = valueAt(text, written);
        expect(value === undefined ? undefined : JSON.parse(value)).toEqual(expected);
      }),
      { numRuns: runs(3000) },
    );
  });

  it.each([
    ['{"a":1,"a":2}', 'a', '2'],
    ['{"a":{"b":1},"a":3}', 'a.b', undefined],
    ['{"a.b":1,"a":{"b":2}}', '.a.b', '1'],
    ['{"a":{"b.c":"x"}}', '.a.b.c', '"x"'],
    ['{".ts":1,"ts":2}', '.ts', '1'],
    ['{".ts":1,"ts":2}', 'ts', '2'],
    ['{"\\u0061":1e+5 }', 'a', '1e+5'],
    ['[ [1, 2 ] ,[3]]', '.1.0', '3'],
    ['[]', '0', undefined],
    ['{"a":[]}', '.a.0', undefined],
    ['[1]', 'a', undefined],
    ['"a"', 'a', undefined],
  ])('%s at %s is %s', (text, path, expected) => {
    expect(valueAt(text, path)).toBe(expected);
  });
});

/** The bytes of a text, with three bytes for half a surrogate pair. */
function bytesOf(text: string): Buffer {
  const half = (unit: number) => Buffer.from([0xe0 | (unit >> 12), 0x80 | ((unit >> 6) & 0x3f), 0x80 | (unit & 0x3f)]);
  const isHalf = (char: string) => /\p{Surrogate}/u.test(char);
  return Buffer.concat([...text].map((char) => (isHalf(char) ? half(char.charCodeAt(0)) : Buffer.from(char))));
}

describe('JSON strings', () => {
  it('keep halves of surrogate pairs distinct, and refuse them in keys', async () => {
    const line = (half: string) => `{"k":"${half}"}`;
    const read = (half: string, options: object) => readText('half.ndjson', line(half), options);
    const data = async (half: string) => (await open([fileOf('half.ndjson', line(half))], { dataField: 'k' })).blocks();
    const bytes: string[] = [];
    for (const half of ['\\ud800', '\\udbff', '\\udc00', '\\ud800\\ud800']) {
      for await (const block of await data(half)) {
        bytes.push(Buffer.from(block.bytes.subarray(block.dataStart[0], block.dataEnd[0])).toString('hex'));
      }
      expect((await read(half, { partitionKeyField: 'k' })).bad).toEqual([
        "half.ndjson:1: partition key at 'k' is not valid UTF-8",
      ]);
    }
    expect(bytes).toEqual(['eda080', 'edafbf', 'edb080', 'eda080eda080']);
    const record = '{"schema":"kload.record/1","partitionKey":"k","data":"\\ud800"}';
    expect((await readText('kload.ndjson', record)).bad).toEqual([
      'kload.ndjson:1: data holds half a surrogate pair, which has no bytes',
    ]);
  });

  it('are unescaped as JSON.parse unescapes them', () => {
    const part = fc.oneof(
      fc.constantFrom(...SHORT_ESCAPES, 'a', 'é', '😀', '\\u00e9', '\\u20AC', '\\ud83d\\ude00'),
      fc.constantFrom('\\ud83d', '\\ude00', '\\u0000'),
    );
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const bytes = Buffer.from(parts.join(''));
        const end = unescapeJson(bytes, 0, bytes.length);
        expect(bytes.subarray(0, end)).toEqual(bytesOf(String(JSON.parse(`"${parts.join('')}"`))));
      }),
      { numRuns: runs(2000) },
    );
  });
});

describe('NDJSON', () => {
  it('is read line by line, at any chunk size', { timeout: 30_000 }, async () => {
    const lines = fc.array(
      line.filter((text) => !text.startsWith('[')),
      { minLength: 1, maxLength: 8 },
    );
    await fc.assert(
      fc.asyncProperty(
        lines,
        fc.integer({ min: 1, max: 64 }),
        fc.constantFrom('\n', '\r\n', '\n\n', '\n \t\r\n'),
        async (all, chunkBytes, end) => {
          const result = await readText('random.ndjson', `\ufeff${all.join(end)}`, { chunkBytes });
          expect(result.bad).toEqual([]);
          expect(dataOf(result)).toEqual(all);
          const perLine = end.split('\n').length - 1;
          expect(result.records.map((record) => record.line)).toEqual(all.map((_, at) => 1 + at * perLine));
        },
      ),
      { numRuns: runs(200) },
    );
  });

  it('reads data, key and time from fields', async () => {
    const text = [
      '{"user":{"id":"u-1"},"at":"2026-01-02T03:04:05Z","body":"{\\"a\\":\\"\\u00e9\\"}"}',
      '{"user":{"id":7},"at":1767323046,"body":{ "a": 1.50 }}',
      '{"user":{"id":true},"at":"2026-01-02T03:04:07\\u002b00:00","body":null}',
      '{"user":{"id":"\\ud83d\\ude00\\n"},"at":"1767323048","body":[1,2]}',
    ].join('\n');
    const fields = { dataField: '.body', partitionKeyField: 'user.id', timestampField: '.at', needsTimestamp: true };
    const result = await readText('fields.ndjson', text, fields);
    expect(result.bad).toEqual([]);
    expect(result.records).toMatchObject([
      { data: '{"a":"é"}', key: 'u-1', recordedAtMs: 1767323045000 },
      { data: '{ "a": 1.50 }', key: '7', recordedAtMs: 1767323046000 },
      { data: 'null', key: 'true', recordedAtMs: 1767323047000 },
      { data: '[1,2]', key: '😀\n', recordedAtMs: 1767323048000 },
    ]);
  });

  it('does not change a line when it unescapes the key', async () => {
    const lines = Array.from({ length: 3000 }, (_, at) => JSON.stringify({ k: `${'"'.repeat(60)}${at}` }));
    const result = await readText('escaped-keys.ndjson', lines.join('\n'), { partitionKeyField: 'k' });
    expect(dataOf(result)).toEqual(lines);
    expect(result.records.map(({ key }) => key)).toEqual(lines.map((_, at) => `${'"'.repeat(60)}${at}`));
  });

  it('may use one field for data, key and time', async () => {
    const fields = { dataField: 'a', partitionKeyField: 'a', timestampField: 'a' };
    const result = await readText('one.ndjson', '{"a":"x\\ty"}\n{"a":"1767323045"}\n', fields);
    expect(result.records).toMatchObject([
      { data: 'x\ty', key: 'x\ty' },
      { data: '1767323045', key: '1767323045', recordedAtMs: 1767323045000 },
    ]);
  });

  it.each([
    ['{"a":1,b}', {}, `x.ndjson:2: invalid JSON: expected double-quoted property name at position 7`],
    ['hello', {}, `x.ndjson:2: invalid JSON: unexpected token 'h'`],
    ['{"a":', {}, 'x.ndjson:2: invalid JSON: unexpected end'],
    ['{} {}', {}, 'x.ndjson:2: invalid JSON: unexpected non-whitespace character after JSON at position 3'],
    ['{"a":"\t"}', {}, 'x.ndjson:2: invalid JSON: bad control character in string literal at position 6'],
    ['{}', { dataField: '.body' }, `x.ndjson:2: data at '.body' is missing`],
    ['{}', { partitionKeyField: '.id' }, `x.ndjson:2: partition key at '.id' is missing`],
    ['{"id":{}}', { partitionKeyField: '.id' }, `x.ndjson:2: partition key at '.id' is an object`],
    ['{"id":[]}', { partitionKeyField: '.id' }, `x.ndjson:2: partition key at '.id' is an array`],
    ['{"id":""}', { partitionKeyField: '.id' }, `x.ndjson:2: partition key at '.id' is empty`],
    [
      `{"id":"${'\\n'.repeat(257)}"}`,
      { partitionKeyField: '.id' },
      `x.ndjson:2: partition key at '.id' has 257 characters, the limit is 256`,
    ],
    ['{}', { timestampField: '.ts' }, `x.ndjson:2: timestamp at '.ts' is missing`],
    ['{"ts":""}', { timestampField: '.ts' }, `x.ndjson:2: timestamp at '.ts' is empty`],
    [
      '{"ts":"xyz"}',
      { timestampField: '.ts' },
      `x.ndjson:2: timestamp 'xyz' at '.ts' is not RFC 3339 or an epoch number`,
    ],
    [
      '{"ts":null}',
      { timestampField: '.ts' },
      `x.ndjson:2: timestamp 'null' at '.ts' is not RFC 3339 or an epoch number`,
    ],
  ])('%s is a bad record', async (bad, options, message) => {
    const good = '{"id":"k","ts":1,"body":2,"x":"\\ufeff"}';
    const needsTimestamp = 'timestampField' in options;
    const result = await readText('x.ndjson', `${good}\n${bad}\n${good}`, { ...options, needsTimestamp });
    expect(result.bad).toEqual([message]);
    expect(result.records).toHaveLength(2);
  });

  it('sends bytes that are not UTF-8 as they are, but refuses them in keys', async () => {
    const bytes = Buffer.concat([
      Buffer.from('{"d":"\\n'),
      Buffer.from([0xff, 0xfe]),
      Buffer.from('","k":"\\n'),
      Buffer.from([0xff]),
      Buffer.from('"}'),
    ]);
    expect(dataOf(await readText('bytes.ndjson', bytes, { dataField: 'd' }))).toEqual(['\n\ufffd\ufffd']);
    const keyed = await readText('bytes.ndjson', bytes, { partitionKeyField: 'k' });
    expect(keyed.bad).toEqual([`bytes.ndjson:1: partition key at 'k' is not valid UTF-8`]);
  });

  it('may have an array on each line', async () => {
    expect(dataOf(await readText('arrays', '[1,2]\n[3]\n'))).toEqual(['[1,2]', '[3]']);
  });

  it('needs --timestamp-field for its times', async () => {
    expect(textOf((await readText('t.ndjson', '{}', { needsTimestamp: true })).error)).toBe(
      "input: t.ndjson: JSON needs --timestamp-field for its records' times (for example --timestamp-field .ts)",
    );
  });
});
