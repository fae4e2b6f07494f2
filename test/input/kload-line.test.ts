import { isUtf8 } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseKafkaHeaders } from '../../src/bytes/kafka-headers.js';
import { formatKloadRecord, type KloadRecord } from '../../src/core/kload-record.js';
import { HASH_KEY_RECORDS, type RecordTraits } from '../../src/core/record.js';
import { runs } from '../support/runs.js';
import { fileOf, KAFKA_RECORDS, open, readText } from './support.js';

const bytes: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ maxLength: 50 }),
  fc.string({ unit: 'grapheme' }).map((text) => new Uint8Array(Buffer.from(`\ufeff${text}"\n`))),
);

const record: fc.Arbitrary<KloadRecord> = fc.record({
  key: fc.oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }).filter((key) => [...key].length <= 256),
    fc.uint8Array({ maxLength: 30 }),
    fc.constant(null),
  ),
  explicitHashKey: fc.option(fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }).map(String), { nil: undefined }),
  data: fc.oneof(bytes, fc.constant(null)),
  headers: fc.array(
    fc.record({
      name: fc.oneof(fc.constantFrom('a', 'b', '1', '__proto__', ''), fc.string({ unit: 'grapheme' })),
      value: fc.oneof(bytes, fc.constant(null)),
    }),
    { maxLength: 6 },
  ),
  recordedAtMs: fc.oneof(
    fc.constant(Number.NaN),
    fc.integer({ min: 0, max: 4e15 }).map((micros) => micros / 1000),
  ),
  error: fc.option(fc.record({ code: fc.string(), message: fc.string() }), { nil: undefined }),
});

/** Writes records as lines, and reads them for a target with these traits. */
async function readBack(all: readonly KloadRecord[], chunkBytes: number, traits: RecordTraits) {
  const path = fileOf('dead-letters.ndjson', all.map(formatKloadRecord).join(''));
  const source = await open([path], { chunkBytes, traits });
  const records = [];
  for await (const block of source.blocks()) {
    expect(block.bad).toEqual([]);
    for (let at = 0; at < block.count; at++) {
      const range = (from: number, to: number) => new Uint8Array(block.bytes.subarray(from, to));
      const attributes =
        block.attributesBytes(at) === 0 ? '' : range(block.attributesStart[at]!, block.attributesEnd[at]!);
      records.push({
        key: block.keyStart[at]! < 0 ? null : range(block.keyStart[at]!, block.keyEnd[at]!),
        attributes: Buffer.from(attributes).toString(),
        data: range(block.dataStart[at]!, block.dataEnd[at]!),
        recordedAtMs: block.recordedAtMs[at]!,
      });
    }
  }
  return records;
}

const batches = fc.array(record, { minLength: 1, maxLength: 10 });
const chunks = fc.integer({ min: 1, max: 200 });

describe('kload records', () => {
  it('are read for Kafka as they were written', { timeout: 30_000 }, async () => {
    const property = fc.asyncProperty(batches, chunks, async (all, chunkBytes) => {
      const read = (await readBack(all, chunkBytes, KAFKA_RECORDS)).map(({ attributes, data, ...rest }) => {
        const [, mark, json] = /^(-?)(.*)$/s.exec(attributes)!;
        return { ...rest, headers: json === '' ? [] : parseKafkaHeaders(JSON.parse(json!)), data: mark ? null : data };
      });
      const expected = all.map(({ key, headers = [], data, recordedAtMs }) => ({
        key: key === null || key.length === 0 ? null : new Uint8Array(Buffer.from(key)),
        headers: headers.map(({ name, value }) => ({ name, value: value === null ? null : Buffer.from(value) })),
        data,
        recordedAtMs: expectedTime(recordedAtMs),
      }));
      expect(read).toEqual(expected);
    });
    await fc.assert(property, { numRuns: runs(200) });
  });

  it('are read for Kinesis with keys of text, and without headers', { timeout: 30_000 }, async () => {
    const property = fc.asyncProperty(batches, chunks, async (all, chunkBytes) => {
      const expected = all.map(({ key, explicitHashKey = '', data, recordedAtMs }) => ({
        key: key === null || key.length === 0 ? null : new Uint8Array(Buffer.from(keyText(key))),
        attributes: explicitHashKey,
        data: data ?? new Uint8Array(),
        recordedAtMs: expectedTime(recordedAtMs),
      }));
      expect(await readBack(all, chunkBytes, HASH_KEY_RECORDS)).toEqual(expected);
    });
    await fc.assert(property, { numRuns: runs(200) });
  });

  it('are plain lines of JSON', () => {
    const recordedAtMs = Date.parse('2026-01-02T03:04:05.123Z') + 0.456;
    expect(
      formatKloadRecord({ key: 'k', data: Buffer.from('a\n"é"'), recordedAtMs, error: { code: 'X', message: 'no' } }),
    ).toBe(
      '{"schema":"kload.record/1","partitionKey":"k","data":"a\\n\\"é\\"",' +
        '"timestamp":"2026-01-02T03:04:05.123456Z","error":{"code":"X","message":"no"}}\n',
    );
    expect(formatKloadRecord({ key: 'k', data: Uint8Array.of(255, 0), recordedAtMs: Number.NaN })).toBe(
      '{"schema":"kload.record/1","partitionKey":"k","dataBase64":"/wA="}\n',
    );
    expect(formatKloadRecord({ key: 'k', data: Uint8Array.of(), recordedAtMs: 1e15 })).not.toContain('timestamp');
  });

  it('are recognised by their content, with any name', async () => {
    const line = formatKloadRecord({ key: 'k', data: Buffer.from('d'), recordedAtMs: Number.NaN });
    for (const name of ['letters', 'letters.csv', 'letters.json']) {
      expect((await readText(name, line)).records).toMatchObject([{ data: 'd', key: 'k' }]);
    }
    expect((await readText('letters.ndjson', line, { format: 'ndjson' })).records).toMatchObject([
      { data: line.trim(), key: undefined },
    ]);
  });

  it.each([
    ['{"schema":"kload.record/2"}', 'schema is not kload.record/1'],
    ['{}', 'schema is not kload.record/1'],
    ['7', 'not a JSON object'],
    ['{"a', 'invalid JSON: unterminated string at position 3'],
    ['{"schema":"kload.record/1","data":""}', 'partitionKey is missing'],
    ['{"schema":"kload.record/1","partitionKeyBase64":"?","data":""}', 'partitionKeyBase64 is not base64'],
    [
      `{"schema":"kload.record/1","partitionKeyBase64":"${'/'.repeat(300)}","data":""}`,
      'partitionKey has 300 characters, the limit is 256',
    ],
    ['{"schema":"kload.record/1","partitionKey":"k","explicitHashKey":7,"data":""}', 'explicitHashKey is not a string'],
    [
      '{"schema":"kload.record/1","partitionKey":"k","explicitHashKey":"0x7","data":""}',
      "explicit hash key '0x7' of the record is not a whole number from 0 to 2^128 - 1, in decimal",
    ],
    [
      `{"schema":"kload.record/1","partitionKey":"${'x'.repeat(257)}","data":""}`,
      'partitionKey has 257 characters, the limit is 256',
    ],
    ['{"schema":"kload.record/1","partitionKey":"k"}', 'data is missing'],
    ['{"schema":"kload.record/1","partitionKey":"k","data":7}', 'data is not a string'],
    [
      '{"schema":"kload.record/1","partitionKey":"k","data":"","dataBase64":""}',
      'data and dataBase64 exclude each other',
    ],
    ['{"schema":"kload.record/1","partitionKey":"k","dataBase64":"a-b="}', 'dataBase64 is not base64'],
    ['{"schema":"kload.record/1","partitionKey":"k","data":""}', 'timestamp is missing'],
    [
      '{"schema":"kload.record/1","partitionKey":"k","data":"","timestamp":"soon"}',
      `timestamp 'soon' of the record is not RFC 3339 or an epoch number`,
    ],
  ])('%s is a bad record', async (line, reason) => {
    const good = formatKloadRecord({ key: 'k', data: Buffer.from('d'), recordedAtMs: 0 });
    const result = await readText('l.ndjson', `${good}${line}\n${good}`, { needsTimestamp: true });
    expect(result.bad).toEqual([`l.ndjson:2: ${reason}`]);
    expect(result.records).toHaveLength(2);
  });

  it.each([
    ['7', 'headers is not a JSON object of headers'],
    ['["a"]', 'headers is a list whose entries are not all [name, value]'],
    ['[[1,"a"]]', 'headers has a header whose name is not a string'],
    ['{"a":{"b":1}}', "headers has a header 'a' that is not a string, number, boolean or null"],
    ['{"a":{"base64":"?"}}', "headers has a header 'a' that is not a string, number, boolean or null"],
    [`[${'1e20,'.repeat(30)}1e20]`, 'headers is a list whose entries are not all [name, value]'],
    [
      '{"a":9007199254740993}',
      "headers has a header 'a' with a number beyond 2^53, which is not exact: make it a string",
    ],
    [`{"a":[${'1e15,'.repeat(30)}1e15]}`, 'headers hold a number with an exponent: make it a string'],
  ])('with the headers %s are bad records for Kafka; for Kinesis headers are ignored', async (headers, reason) => {
    const good = formatKloadRecord({ key: 'k', data: Buffer.from('d'), recordedAtMs: 0 });
    const line = `{"schema":"kload.record/1","partitionKey":"k","data":"e","headers":${headers}}\n`;
    const forKafka = await readText('h.ndjson', `${good}${line}${good}`, { traits: KAFKA_RECORDS });
    expect(forKafka.bad).toEqual([`h.ndjson:2: ${reason}`]);
    expect(forKafka.records).toMatchObject([{ data: 'd' }, { data: 'd' }]);
    expect((await readText('h.ndjson', `${good}${line}${good}`)).records).toMatchObject([{}, { data: 'e' }, {}]);
  });

  it('must be valid UTF-8', async () => {
    const good = formatKloadRecord({ key: 'k', data: Buffer.from('d'), recordedAtMs: 0 });
    const result = await readText('u.ndjson', Buffer.concat([Buffer.from(good), Buffer.from([0x22, 0xff, 0x22])]));
    expect(result.bad).toEqual(['u.ndjson:2: the line is not valid UTF-8']);
  });
});

function keyText(key: string | Uint8Array): string {
  if (typeof key === 'string') return key;
  return Buffer.from(key).toString(isUtf8(key) ? 'utf8' : 'base64');
}

/** To the microsecond. */
function expectedTime(ms: number): unknown {
  return Number.isNaN(ms) ? ms : expect.closeTo(ms, 2);
}
