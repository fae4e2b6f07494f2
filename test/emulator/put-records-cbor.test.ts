import { cbor } from '@smithy/core/cbor';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { scanCborPutRecords } from '../../src/emulator/actions/put-records-cbor.js';
import { CBOR_FORMAT } from '../../src/emulator/protocol/format.js';
import { cborInSomeForm, type Draw } from '../support/cbor-forms.js';
import { runs } from '../support/runs.js';
import { data, expectSame, hashKeyText, keys, references } from './put-records-ways.js';

const record = fc.record(
  { Data: data, PartitionKey: keys, ExplicitHashKey: hashKeyText },
  { requiredKeys: ['PartitionKey', 'Data'] },
);
const records = fc.array(record, { maxLength: 8 });
const draws = fc.infiniteStream(fc.nat(1_000_000));

/** The form of the AWS SDK for Java: maps and lists of indefinite length, everything else as short as possible. */
const inJava: Draw = (n) => (n === 2 ? 1 : n - 1);

/** The request with its members in another order. */
function reordered(request: Record<string, unknown>, by: number): Record<string, unknown> {
  const entries = Object.entries(request);
  return Object.fromEntries([...entries.slice(by % entries.length), ...entries.slice(0, by % entries.length)]);
}

const written = fc.tuple(references, records, fc.nat({ max: 5 }), draws).map(([reference, Records, seed, numbers]) => {
  const request = reordered({ ...reference, Records: Records.map((one) => reordered(one, seed)) }, seed);
  return cborInSomeForm(request, (n) => (numbers.next().value as number) % n);
});

describe('a PutRecords body in CBOR that is read without its shape', () => {
  test('gets the same response, and stores the same records, as when read by its shape', () => {
    fc.assert(
      fc.property(written, fc.boolean(), (body, limits) => {
        expectSame(CBOR_FORMAT, body, limits);
      }),
      { numRuns: runs(600) },
    );
  });

  test('may have the form of any SDK', () => {
    const plain = fc.array(
      fc.record({ Data: data, PartitionKey: fc.string({ minLength: 1, maxLength: 256, unit: 'binary' }) }),
      { minLength: 1, maxLength: 8 },
    );
    fc.assert(
      fc.property(plain, fc.nat({ max: 1 }), (Records, seed) => {
        const request = reordered({ StreamName: 's', Records: Records.map((one) => reordered(one, seed)) }, seed);
        expect(expectSame(CBOR_FORMAT, cborInSomeForm(request, inJava))).toBe(true);
        expect(expectSame(CBOR_FORMAT, Buffer.from(cbor.serialize(request)))).toBe(true);
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
          fc.constantFrom([0xff], [0xbf], [0x9f], [0xf6], [0xc1], [0x5f], [0x7f], [0x60], [0x40], [0x80], [0xa0]),
          fc.constantFrom(
            [0x78, 5],
            [0x59, 0, 9],
            [0x5a, 0, 0, 0, 1],
            [0x5b],
            [0x64, 0x44, 0x61, 0x74, 0x61, 0x41, 1],
            [],
          ),
          fc.nat({ max: 255 }).map((byte) => [byte]),
        ),
      }),
      { minLength: 1, maxLength: 3 },
    );
    fc.assert(
      fc.property(written, damage, (body, changes) => {
        let damaged = body;
        for (const { at, remove, insert } of changes) {
          const from = Math.floor(at * damaged.length);
          damaged = Buffer.concat([damaged.subarray(0, from), Buffer.from(insert), damaged.subarray(from + remove)]);
        }
        expectSame(CBOR_FORMAT, damaged);
      }),
      { numRuns: runs(2000) },
    );
  });

  test('gets the same response when it is cut off at any point', () => {
    const Records = [{ Data: Buffer.from('data'), PartitionKey: 'key', ExplicitHashKey: '7' }];
    const body = cborInSomeForm({ StreamName: 's', Records }, inJava);
    for (let length = 0; length < body.length; length++) {
      expect(expectSame(CBOR_FORMAT, body.subarray(0, length))).toBe(false);
    }
  });

  test('is held to the limits on records, their sizes and their total size', () => {
    const request = (count: number, length: number, PartitionKey = 'k') => {
      const Records = Array.from({ length: count }, () => ({ Data: Buffer.alloc(length, 'xyz'), PartitionKey }));
      return cborInSomeForm({ StreamName: 's', Records }, inJava);
    };
    const same = (body: Buffer, limits = false) => expectSame(CBOR_FORMAT, body, limits);
    expect(same(request(500, 10))).toBe(true);
    expect(same(request(500, 10), true)).toBe(true);
    expect(same(request(300, 10_000), true)).toBe(true);
    expect(same(request(501, 10))).toBe(false);
    expect(same(request(1, 1_048_575))).toBe(true);
    expect(same(request(1, 1_048_576))).toBe(true);
    expect(same(request(1, 1_048_577))).toBe(true);
    expect(same(request(11, 1_000_000))).toBe(true);
    expect(same(request(1, 10, 'é'.repeat(256)))).toBe(true);
    expect(same(request(1, 10, 'é'.repeat(257)))).toBe(false);
    expect(same(request(1, 10, 'e'.repeat(257)))).toBe(false);
  });

  test.each<[string, Record<string, unknown>]>([
    ['an unknown member', { Data: Buffer.from('d'), PartitionKey: 'k', More: 1 }],
    ['a null', { Data: Buffer.from('d'), PartitionKey: 'k', ExplicitHashKey: null }],
    ['data that is text', { Data: 'd', PartitionKey: 'k' }],
    ['an empty key', { Data: Buffer.from('d'), PartitionKey: '' }],
    ['an invalid hash key', { Data: Buffer.from('d'), PartitionKey: 'k', ExplicitHashKey: '007' }],
    ['no data', { PartitionKey: 'k' }],
  ])('with %s is read by its shape', (_, one) => {
    const body = cborInSomeForm({ StreamName: 's', Records: [one] }, inJava);
    expect(scanCborPutRecords(body)).toBeUndefined();
    expectSame(CBOR_FORMAT, body);
  });
});
