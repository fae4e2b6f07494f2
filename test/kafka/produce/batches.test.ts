import fc from 'fast-check';
import Decoder from 'kafkajs/src/protocol/decoder.js';
import decodeBatch from 'kafkajs/src/protocol/recordBatch/v0/decoder.js';
import { beforeAll, describe, expect, test } from 'vitest';
import { crc32c } from '../../../src/bytes/crc32c.js';
import { BadHeadersError } from '../../../src/bytes/kafka-headers-text.js';
import { RequestBuffers } from '../../../src/bytes/request-buffers.js';
import { scratchOf } from '../../../src/bytes/scratch.js';
import { COMPRESSIONS, type Compression } from '../../../src/core/compression.js';
import { BatchEncoder } from '../../../src/kafka/produce/batch-encoder.js';
import { loadCodec } from '../../../src/kafka/wire/codecs.js';
import type { ProducerStamp } from '../../../src/kafka/wire/record-batch-writer.js';
import { outgoing, type PlainRecord } from './records.js';
import { registerCodecs } from './register-codecs.js';

const STAMP: ProducerStamp = { producerId: 1n << 40n, epoch: 3, sequence: 77 };

async function encode(records: readonly PlainRecord[], compression: Compression = 'none', recorded = true) {
  const codec = compression === 'none' ? undefined : await loadCodec(compression);
  const encoder = new BatchEncoder(recorded, codec, new RequestBuffers());
  const planned = encoder.plan(outgoing(records), STAMP);
  const compressed = await encoder.compressed(planned);
  if (compressed !== undefined) return compressed;
  const into = scratchOf(Buffer.alloc(planned.bytesMax + 3, 0xaa));
  return into.bytes.subarray(3, encoder.write(planned, into, 3));
}

async function decode(bytes: Buffer) {
  expect(bytes.readInt32BE(8)).toBe(bytes.length - 12);
  expect(bytes.readUInt32BE(17)).toBe(crc32c(bytes, 21, bytes.length));
  expect(bytes[16]).toBe(2);
  return decodeBatch(new Decoder(bytes));
}

const bytes = (max: number) => fc.uint8Array({ maxLength: max }).map((array) => Buffer.from(array));
const headerText = fc.oneof(fc.string({ unit: 'binary', maxLength: 20 }), fc.constant('x'.repeat(200)));
const headerValue = fc.oneof(
  headerText,
  fc.constant(null),
  fc.boolean(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const headers = fc.dictionary(
  // kafkajs's decoder would find a name like 'constructor' in its result object before it is set.
  headerText.filter((name) => !(name in {})),
  fc.oneof(headerValue, fc.array(headerValue, { maxLength: 3 })),
  { maxKeys: 4 },
);
const record = fc.record(
  {
    key: fc.oneof(bytes(40), bytes(400)),
    value: fc.oneof({ weight: 5, arbitrary: bytes(300) }, { weight: 1, arbitrary: bytes(9_000) }),
    headers: headers.map((object) => JSON.stringify(object)),
    recordedAtMs: fc.oneof(fc.double({ min: 0, max: 4e15, noNaN: true }), fc.constant(Number.NaN)),
  },
  { requiredKeys: ['value'] },
);
const records = fc.array(record, { minLength: 1, maxLength: 100 });

/** Headers as kafkajs decodes them: values of the same name become an array. */
function headersAsRead(json: string | undefined): Record<string, unknown> {
  const asRead = (value: unknown) => (value === null ? null : Buffer.from(String(value)));
  const entries = Object.entries(JSON.parse(json ?? '{}') as Record<string, unknown>).flatMap(([name, value]) => {
    if (!Array.isArray(value)) return [[Buffer.from(name).toString(), asRead(value)] as const];
    if (value.length === 0) return [];
    return [[Buffer.from(name).toString(), value.length === 1 ? asRead(value[0]) : value.map(asRead)] as const];
  });
  return Object.fromEntries(entries);
}

beforeAll(() => registerCodecs());

describe('a record batch', () => {
  test.each(COMPRESSIONS)('can be decoded by kafkajs (compression: %s)', async (compression) => {
    const property = fc.asyncProperty(records, async (batch) => {
      const before = Date.now();
      const decoded = await decode(await encode(batch, compression));
      expect(decoded).toMatchObject({ producerId: String(1n << 40n), producerEpoch: 3, firstSequence: 77 });
      expect(decoded.lastOffsetDelta).toBe(batch.length - 1);
      expect(decoded.records).toHaveLength(batch.length);
      const times = decoded.records.map(({ timestamp }) => Number(timestamp));
      expect(Number(decoded.firstTimestamp)).toBe(times[0]);
      expect(Number(decoded.maxTimestamp)).toBe(Math.max(...times));
      for (const [index, { key, value, headers, recordedAtMs = Number.NaN }] of batch.entries()) {
        const read = decoded.records[index]!;
        expect(read.offset).toBe(String(index));
        expect(read.key).toEqual(key === undefined || key.length === 0 ? null : key);
        expect(read.value).toEqual(value);
        expect(read.headers).toEqual(headersAsRead(headers));
        if (Number.isNaN(recordedAtMs)) expect(times[index]).toBeGreaterThanOrEqual(before);
        else expect(times[index]).toBe(Math.floor(recordedAtMs));
      }
    });
    await fc.assert(property, { numRuns: 30 });
  });

  test('has the time of sending as its timestamps without recorded times', async () => {
    const before = Date.now();
    const batch = [{ value: Buffer.from('a'), recordedAtMs: 5 }, { value: Buffer.from('b') }];
    const { firstTimestamp, records: read } = await decode(await encode(batch, 'none', false));
    expect(Number(firstTimestamp)).toBeGreaterThanOrEqual(before);
    expect(new Set(read.map(({ timestamp }) => timestamp))).toEqual(new Set([firstTimestamp]));
  });

  test('keeps numbers in headers as they are written, and names that occur twice', async () => {
    const json = ' { "n" : 12345678901234567890.50e+00, "a":[1.0 , null,"\\u00e9\\n"] , "n": true } ';
    const { records: read } = await decode(await encode([{ value: Buffer.from('v'), headers: json }]));
    expect(read[0]?.headers).toEqual({
      n: [Buffer.from('12345678901234567890.50e+00'), Buffer.from('true')],
      a: [Buffer.from('1.0'), null, Buffer.from('é\n')],
    });
  });

  test('has several headers of the same name if a pair contains a list', async () => {
    const json = '[["a","b"],["c",["d",null]],["e",[]]]';
    const { records: read } = await decode(await encode([{ value: Buffer.from('v'), headers: json }]));
    expect(read[0]?.headers).toEqual({ a: Buffer.from('b'), c: [Buffer.from('d'), null] });
  });

  test.each([
    'null',
    '[1]',
    '[["a"]]',
    '[["a",1],]',
    '"a"',
    '{"a":{}}',
    '{"a":[[1]]}',
    '{"a":1,}',
    '{"a" 1}',
    '{"a":"b}',
    '{"a":01}',
    '{"a":"\\x"}',
    '{"a":1} x',
    '{"a":"b\\',
    '{a:1}',
    '{"a":"\n"}',
  ])('refuses the headers %j', async (headers) => {
    await expect(encode([{ value: Buffer.from('v'), headers }])).rejects.toThrow(BadHeadersError);
  });
});
