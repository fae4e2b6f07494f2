import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OPERATIONS } from '../../src/emulator/actions/index.js';
import { scanPutRecords } from '../../src/emulator/actions/put-records-body.js';
import { SUBSCRIPTION_TIMES } from '../../src/emulator/fan-out/subscription-times.js';
import { Subscriptions } from '../../src/emulator/fan-out/subscriptions.js';
import { limitsOf } from '../../src/emulator/limits/limits.js';
import { readJson, writeJsonError } from '../../src/emulator/protocol/json.js';
import { BulkOutput } from '../../src/emulator/protocol/output.js';
import { ServiceError } from '../../src/emulator/protocol/service-error.js';
import type { Input, StructureShape } from '../../src/emulator/protocol/shape.js';
import { validate } from '../../src/emulator/protocol/validation.js';
import { type StreamReference, World } from '../../src/emulator/store/world.js';
import { TestClock } from './support.js';

const CALLER = { account: '000000000000', region: 'us-east-1' };
const NOW = new TestClock().ms;

function newWorld(limits: boolean): World {
  const delays = { createMs: 0, updateMs: 0, deleteMs: 0, consumerMs: 0 };
  const world = new World({
    limits: limitsOf(limits),
    delays,
    memoryMaxBytes: 64 * 1024 * 1024,
    onDemandScaling: false,
  });
  const stream = { name: 's', mode: 'PROVISIONED', shardCount: 3, maxRecordSizeInKiB: 1024, tags: {} } as const;
  world.createStream(CALLER, stream, NOW, NOW);
  return world;
}

/** The answer to a body, and whether it took the quick way. */
function answerOf(world: World, body: Buffer, isQuick: boolean): { answer: string; took: boolean } {
  let took = false;
  function read<S extends StructureShape, Quick extends StreamReference>(
    shape: S,
    quick?: (json: Buffer) => Quick | undefined,
  ) {
    const found = isQuick ? quick?.(body) : undefined;
    took = found !== undefined;
    if (found !== undefined) return found;
    const request = readJson(shape, body.toString());
    validate(shape, request);
    return request as Input<S>;
  }
  try {
    const subscriptions = new Subscriptions(() => NOW, SUBSCRIPTION_TIMES);
    const output = OPERATIONS.get('PutRecords')!(read, { world, subscriptions, caller: CALLER, now: NOW });
    if (!(output instanceof BulkOutput)) throw new Error('PutRecords answers in bulk');
    return { answer: isQuick ? output.toJsonBytes().toString() : JSON.stringify(output.toOutput()), took };
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    return { answer: writeJsonError(error), took };
  }
}

function stored(world: World): string[] {
  const { shards } = world.stream(CALLER, { StreamName: 's' }, NOW);
  return shards.flatMap((shard) =>
    Array.from(
      shard.read(0, 10_000, NOW)?.page ?? [],
      ({ sequenceNumber, key, data }) => `${sequenceNumber} ${key} ${data.toString('base64')}`,
    ),
  );
}

/** Both ways give the same answer, byte by byte, and leave the same records. Returns whether the quick one was taken. */
function expectSame(body: Buffer, limits = false): boolean {
  const [quick, plain] = [newWorld(limits), newWorld(limits)];
  const { answer, took } = answerOf(quick, body, true);
  expect(answer).toBe(answerOf(plain, body, false).answer);
  expect(stored(quick)).toEqual(stored(plain));
  return took;
}

const keys = fc.oneof(
  { weight: 4, arbitrary: fc.string({ minLength: 1, maxLength: 20, unit: fc.constantFrom(...'abcXYZ019-_/. ') }) },
  { weight: 2, arbitrary: fc.string({ minLength: 0, maxLength: 30, unit: 'grapheme' }) },
  fc.string({ maxLength: 30, unit: 'binary' }),
  fc.integer({ min: 250, max: 260 }).map((length) => 'é'.repeat(length)),
);
const data = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.integer({ min: 180, max: 1000 }).map((length) => Uint8Array.from({ length }, (_, i) => (i * 7919) >> 3)),
);
const hashKeyText = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 129n }).map(String),
  fc.constantFrom('0', '', '00', '007', '-1', '340282366920938463463374607431768211456', '9'.repeat(40)),
);
const record = fc.record(
  {
    PartitionKey: keys,
    Data: data.map((bytes) => Buffer.from(bytes).toString('base64')),
    ExplicitHashKey: hashKeyText,
  },
  { requiredKeys: ['PartitionKey', 'Data'] },
);
const plainRecord = fc.record({
  PartitionKey: fc.string({ minLength: 1, maxLength: 30, unit: fc.constantFrom(...'abcXYZ019-_/é😀') }),
  Data: data.map((bytes) => Buffer.from(bytes).toString('base64')),
});
const references = fc.constantFrom(
  { StreamName: 's' },
  { StreamName: 's', StreamARN: 'arn:aws:kinesis:us-east-1:000000000000:stream/s' },
  { StreamARN: 'arn:aws:kinesis:us-east-1:000000000000:stream/s' },
  { StreamARN: 'arn:aws:kinesis:us-east-1:000000000000:stream/t', StreamName: 's' },
  { StreamId: 'abcdefghij0123456789-abc' },
  { StreamName: 'no such' },
  { StreamName: 'other' },
  { StreamName: null },
  {},
);

/** The members in any order, with any space, as some JSON writers do. */
function written(request: object, seed: number, space: number): Buffer {
  const shuffled = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(shuffled);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).map(([name, member]) => [name, shuffled(member)] as const);
    const from = entries.length === 0 ? 0 : seed % entries.length;
    return Object.fromEntries([...entries.slice(from), ...entries.slice(0, from)]);
  };
  return Buffer.from(JSON.stringify(shuffled(request), undefined, space === 0 ? undefined : '\t '.slice(0, space)));
}

const requests = fc
  .tuple(references, fc.array(record, { maxLength: 8 }), fc.nat({ max: 5 }), fc.nat({ max: 2 }))
  .map(([reference, Records, seed, space]) => written({ ...reference, Records }, seed, space));

describe('a PutRecords body that is read without JSON.parse', () => {
  test('is answered, and stored, as if it had been parsed', () => {
    fc.assert(
      fc.property(requests, fc.boolean(), (body, limits) => {
        expectSame(body, limits);
      }),
      { numRuns: 400 },
    );
  });

  test('may hold members in any order and space between them', () => {
    const plain = fc
      .tuple(fc.array(plainRecord, { minLength: 1, maxLength: 8 }), fc.nat({ max: 5 }), fc.nat({ max: 2 }))
      .map(([Records, seed, space]) => written({ StreamName: 's', Records }, seed, space));
    fc.assert(
      fc.property(plain, (body) => {
        expect(expectSame(body)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  test('is answered the same also when it was damaged anywhere', () => {
    const damage = fc.array(
      fc.record({
        at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        remove: fc.nat({ max: 4 }),
        insert: fc.oneof(
          fc.constantFrom('"', '\\', ',', '{', '}', '[', ']', ':', '=', '-', '_', 'null', '\\u0041', ' ', '\0', '\n'),
          fc.constantFrom('"Data":"AAAA",', '"Records":[],', '"Other":1,', '"StreamName":"s",', '\ufeff', 'A'),
          fc.constant(''),
        ),
        byte: fc.option(fc.nat({ max: 255 })),
      }),
      { minLength: 1, maxLength: 3 },
    );
    fc.assert(
      fc.property(requests, damage, (body, changes) => {
        let damaged = body;
        for (const { at, remove, insert, byte } of changes) {
          const from = Math.floor(at * damaged.length);
          const inserted = byte === null ? Buffer.from(insert) : Buffer.of(byte);
          damaged = Buffer.concat([damaged.subarray(0, from), inserted, damaged.subarray(from + remove)]);
        }
        expectSame(damaged);
      }),
      { numRuns: 1500 },
    );
  });

  test('keeps to the limits of a request: records, sizes of one and of all', () => {
    const text = (length: number) => Buffer.alloc(length, 'xyz').toString('base64');
    const request = (count: number, length: number, PartitionKey = 'k') =>
      Buffer.from(
        JSON.stringify({
          StreamName: 's',
          Records: Array.from({ length: count }, () => ({ Data: text(length), PartitionKey })),
        }),
      );
    expect(expectSame(request(500, 10))).toBe(true);
    expect(expectSame(request(500, 10), true)).toBe(true);
    expect(expectSame(request(501, 10))).toBe(false);
    expect(expectSame(request(1, 1_048_575))).toBe(true);
    expect(expectSame(request(1, 1_048_576))).toBe(true);
    expect(expectSame(request(1, 1_048_577))).toBe(true);
    expect(expectSame(request(11, 1_000_000))).toBe(true);
    expect(expectSame(request(1, 10, 'é'.repeat(256)))).toBe(true);
    expect(expectSame(request(1, 10, 'é'.repeat(257)))).toBe(false);
  });

  test.each([
    ['an escape', '{"StreamName":"s","Records":[{"Data":"AA\\/=","PartitionKey":"k"}]}'],
    ['a member that is not known', '{"StreamName":"s","Records":[{"Data":"AAA=","PartitionKey":"k","More":1}]}'],
    ['a null', '{"StreamName":"s","Records":[{"Data":"AAA=","PartitionKey":"k","ExplicitHashKey":null}]}'],
    ['a member twice', '{"StreamName":"s","Records":[{"Data":"AAA=","Data":"AAAA","PartitionKey":"k"}]}'],
    ['base64 of another alphabet', '{"StreamName":"s","Records":[{"Data":"AA-_","PartitionKey":"k"}]}'],
    ['something behind its end', '{"StreamName":"s","Records":[{"Data":"AAA=","PartitionKey":"k"}]} x'],
    ['no records', '{"StreamName":"s","Records":[]}'],
    ['a comma too many', '{"StreamName":"s","Records":[{"Data":"AAA=","PartitionKey":"k",}]}'],
  ])('with %s is left to the parser', (_, text) => {
    expect(scanPutRecords(Buffer.from(text))).toBeUndefined();
    expectSame(Buffer.from(text));
  });
});
