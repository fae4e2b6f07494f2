import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readByParser, readJsonResults } from '../../../src/kinesis/put-records/json/results.js';
import { readQuickly } from '../../../src/kinesis/put-records/json/results-scan.js';
import { runs } from '../../support/runs.js';
import {
  CONTRADICTIONS,
  outcomeOf,
  REFUSED_OF_WHOLE,
  responses,
  shuffled,
  WHOLE_RESPONSE,
  withABitFlipped,
} from './responses.js';

const odd = shuffled({ ErrorCode: fc.constant(null), Other: fc.jsonValue() });

describe('a response to PutRecords in JSON', () => {
  it('is read as JSON.parse reads it', () => {
    fc.assert(
      fc.property(responses(odd), fc.constantFrom(undefined, 1), (object, indent) => {
        const body = Buffer.from(JSON.stringify(object, null, indent));
        expect(outcomeOf(() => readJsonResults(body))).toEqual(outcomeOf(() => readByParser(body)));
      }),
      { numRuns: runs(2000) },
    );
  });

  it('is read as JSON.parse reads it, or not at all, after damage', () => {
    const whole = Buffer.from(
      '{"FailedRecordCount":1,"Records":[{"SequenceNumber":"49","ShardId":"shardId-000000000003"},' +
        '{"ErrorCode":"E","ErrorMessage":"m"}]}',
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
        // JSON.parse accepts whatever the scan accepts, and reads the same.
        expect(quick).toEqual(readByParser(damaged));
      }),
      { numRuns: runs(5000) },
    );
  });

  it('with one bit flipped never confuses a refused record with a stored one', () => {
    let readable = 0;
    for (const flipped of withABitFlipped(Buffer.from(JSON.stringify(WHOLE_RESPONSE)))) {
      const results = outcomeOf(() => readJsonResults(flipped));
      if (results === 'malformed') continue;
      readable++;
      expect(results.refused.map(({ index }) => index)).toEqual(REFUSED_OF_WHOLE);
      expect(results.shardIds).toHaveLength(WHOLE_RESPONSE.Records.length);
    }
    // Flips within sequence numbers and messages contradict nothing.
    expect(readable).toBeGreaterThan(1_000);
  });

  it.each(CONTRADICTIONS)('with %s is malformed', (_, response) => {
    const body = Buffer.from(JSON.stringify(response));
    expect(readQuickly(body)).toBeUndefined();
    expect(() => readJsonResults(body)).toThrow(SyntaxError);
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
  ])('from %s is read without JSON.parse', (_, one) => {
    const failed = one.includes('ErrorCode') ? 2 : 0;
    const body = Buffer.from(`{"FailedRecordCount":${failed},"Records":[${one},${one}]}`);
    expect(readQuickly(body)).toEqual(readByParser(body));
    expect(readQuickly(body)?.shardIds).toHaveLength(2);
  });

  it('that is not JSON is an error', () => {
    for (const body of ['<html>', '', '5', 'null', '[]']) {
      expect(() => readJsonResults(Buffer.from(body))).toThrow(SyntaxError);
    }
  });
});
