import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readByParser, readResults } from '../../../src/kinesis/put-records/results.js';
import { readQuickly } from '../../../src/kinesis/put-records/results-scan.js';

const shardId = fc.oneof(
  fc.integer({ min: 0, max: 200_000 }).map((number) => `shardId-${String(number).padStart(12, '0')}`),
  fc.constantFrom('shardId-999999999999', 'shardId-00000000000', 'shardId-0000000000001', 'Shard-000000000001', ''),
);
const text = fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[ -~]*$/));
const sequenceNumber = fc.oneof(fc.stringMatching(/^\d{56}$/), text);
const encryption = fc.constantFrom('NONE', 'KMS');

/** Members in any order, some missing. */
function shuffled(members: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Record<string, unknown>> {
  return fc.tuple(fc.record(members, { requiredKeys: [] }), fc.infiniteStream(fc.nat())).map(([object, order]) =>
    Object.fromEntries(
      Object.entries(object)
        .map((entry) => ({ entry, at: order.next().value as number }))
        .sort((a, b) => a.at - b.at)
        .map(({ entry }) => entry),
    ),
  );
}

const taken = shuffled({ SequenceNumber: sequenceNumber, ShardId: shardId, EncryptionType: encryption });
const refused = shuffled({ ErrorCode: text, ErrorMessage: text });
const odd = shuffled({ ErrorCode: fc.constant(null), ShardId: fc.constant(7), Other: fc.jsonValue() });
const results = fc.array(fc.oneof({ weight: 9, arbitrary: taken }, { weight: 3, arbitrary: refused }, odd));
const answer = shuffled({ FailedRecordCount: fc.nat(500), Records: results, EncryptionType: encryption });

describe('an answer to PutRecords', () => {
  it('is read as JSON.parse reads it', () => {
    fc.assert(
      fc.property(answer, fc.constantFrom(undefined, 1), (object, indent) => {
        const body = Buffer.from(JSON.stringify(object, null, indent));
        expect(readResults(body)).toEqual(readByParser(body));
      }),
      { numRuns: 2000 },
    );
  });

  it('that was damaged is not taken for a whole one', () => {
    const whole = Buffer.from(
      '{"FailedRecordCount":1,"Records":[{"SequenceNumber":"49","ShardId":"shardId-000000000003"},{"ErrorCode":"E","ErrorMessage":"m"}]}',
    );
    expect(readQuickly(whole)).toEqual({
      shardIds: ['shardId-000000000003', undefined],
      refused: [{ index: 1, code: 'E', message: 'm' }],
    });
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), fc.boolean(), (at, byte, isCut) => {
        const damaged = Buffer.from(isCut ? whole.subarray(0, at) : whole);
        if (!isCut) damaged[at] = byte;
        const quick = readQuickly(damaged);
        if (quick === undefined) return;
        // JSON.parse takes what the scan took, and sees the same in it.
        expect(quick).toEqual(readByParser(damaged));
      }),
      { numRuns: 5000 },
    );
  });

  it.each([
    [
      'the service',
      '{"SequenceNumber":"49590338271490256608559692538361571095921575989136588898","ShardId":"shardId-000000000000"}',
    ],
    ['kinesalite', '{"ShardId":"shardId-000000000001","SequenceNumber":"49"}'],
    ['an encrypted stream', '{"SequenceNumber":"49","ShardId":"shardId-000000000001","EncryptionType":"KMS"}'],
    [
      'a throttled shard',
      '{"ErrorCode":"ProvisionedThroughputExceededException","ErrorMessage":"Rate exceeded for shard"}',
    ],
  ])('of %s needs no parser', (_, one) => {
    const body = Buffer.from(`{"FailedRecordCount":0,"Records":[${one},${one}]}`);
    expect(readQuickly(body)).toEqual(readByParser(body));
    expect(readQuickly(body)?.shardIds).toHaveLength(2);
  });

  it('that is no JSON is an error', () => {
    expect(() => readResults(Buffer.from('<html>'))).toThrow(SyntaxError);
    expect(readResults(Buffer.from(''))).toEqual({ shardIds: [], refused: [] });
  });
});
