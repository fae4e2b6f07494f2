import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { scanJsonPutRecords } from '../../src/emulator/actions/put-records-json.js';
import { JSON_FORMAT } from '../../src/emulator/protocol/format.js';
import { runs } from '../support/runs.js';
import { data, expectSame, hashKeyText, keys, references } from './put-records-ways.js';

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
/** JSON with members in another order and with white space, as some writers make it. */
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
  test('gets the same response, and stores the same records, as when parsed', () => {
    fc.assert(
      fc.property(requests, fc.boolean(), (body, limits) => {
        expectSame(JSON_FORMAT, body, limits);
      }),
      { numRuns: runs(400) },
    );
  });

  test('may have members in any order and white space between them', () => {
    const plain = fc
      .tuple(fc.array(plainRecord, { minLength: 1, maxLength: 8 }), fc.nat({ max: 5 }), fc.nat({ max: 2 }))
      .map(([Records, seed, space]) => written({ StreamName: 's', Records }, seed, space));
    fc.assert(
      fc.property(plain, (body) => {
        expect(expectSame(JSON_FORMAT, body)).toBe(true);
      }),
      { numRuns: runs(200) },
    );
  });

  test('gets the same response when it is damaged at any point', () => {
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
        expectSame(JSON_FORMAT, damaged);
      }),
      { numRuns: runs(1500) },
    );
  });

  test('is held to the limits on records, their sizes and their total size', () => {
    const text = (length: number) => Buffer.alloc(length, 'xyz').toString('base64');
    const request = (count: number, length: number, PartitionKey = 'k') =>
      Buffer.from(
        JSON.stringify({
          StreamName: 's',
          Records: Array.from({ length: count }, () => ({ Data: text(length), PartitionKey })),
        }),
      );
    expect(expectSame(JSON_FORMAT, request(500, 10))).toBe(true);
    expect(expectSame(JSON_FORMAT, request(500, 10), true)).toBe(true);
    expect(expectSame(JSON_FORMAT, request(501, 10))).toBe(false);
    expect(expectSame(JSON_FORMAT, request(1, 1_048_575))).toBe(true);
    expect(expectSame(JSON_FORMAT, request(1, 1_048_576))).toBe(true);
    expect(expectSame(JSON_FORMAT, request(1, 1_048_577))).toBe(true);
    expect(expectSame(JSON_FORMAT, request(11, 1_000_000))).toBe(true);
    expect(expectSame(JSON_FORMAT, request(1, 10, 'é'.repeat(256)))).toBe(true);
    expect(expectSame(JSON_FORMAT, request(1, 10, 'é'.repeat(257)))).toBe(false);
  });

  test.each([
    ['an escape', '{"StreamName":"s","Records":[{"Data":"AA\\/=","PartitionKey":"k"}]}'],
    ['an unknown member', '{"StreamName":"s","Records":[{"Data":"AAA=","PartitionKey":"k","More":1}]}'],
    ['a null', '{"StreamName":"s","Records":[{"Data":"AAA=","PartitionKey":"k","ExplicitHashKey":null}]}'],
    ['a member twice', '{"StreamName":"s","Records":[{"Data":"AAA=","Data":"AAAA","PartitionKey":"k"}]}'],
    ['base64 of another alphabet', '{"StreamName":"s","Records":[{"Data":"AA-_","PartitionKey":"k"}]}'],
    ['something behind its end', '{"StreamName":"s","Records":[{"Data":"AAA=","PartitionKey":"k"}]} x'],
    ['no records', '{"StreamName":"s","Records":[]}'],
    ['a comma too many', '{"StreamName":"s","Records":[{"Data":"AAA=","PartitionKey":"k",}]}'],
  ])('with %s is read by the parser', (_, text) => {
    expect(scanJsonPutRecords(Buffer.from(text))).toBeUndefined();
    expectSame(JSON_FORMAT, Buffer.from(text));
  });
});
