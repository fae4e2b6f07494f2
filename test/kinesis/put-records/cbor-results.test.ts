import { cbor } from '@smithy/core/cbor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCbor } from '../../../src/emulator/protocol/cbor-reader.js';
import { writeCbor } from '../../../src/emulator/protocol/cbor-writer.js';
import type { Output } from '../../../src/emulator/protocol/output.js';
import { integer, list, string, structure } from '../../../src/emulator/protocol/shape.js';
import { readCborResults } from '../../../src/kinesis/put-records/cbor/results.js';
import { readByParser } from '../../../src/kinesis/put-records/json/results.js';
import { cborInSomeForm } from '../../support/cbor-forms.js';
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

const anything = fc.jsonValue({ maxDepth: 3 });
const odd = shuffled({ ErrorCode: fc.constant(null), ShardId: fc.constant('s'), Other: anything });
const draws = fc.infiniteStream(fc.nat(1_000_000));

const RESPONSE = structure({
  FailedRecordCount: integer({}),
  EncryptionType: string({}),
  Records: list(
    structure({ SequenceNumber: string({}), ShardId: string({}), ErrorCode: string({}), ErrorMessage: string({}) }),
    { min: 0, max: 500 },
  ),
});

/** The result of reading the same response in JSON. */
function asJson(response: unknown) {
  return outcomeOf(() => readByParser(Buffer.from(JSON.stringify(response))));
}

/** Reads a copy, because reading may move the chunks of strings. */
function read(body: Buffer) {
  return outcomeOf(() => readCborResults(Buffer.from(body)));
}

describe('a response to PutRecords in CBOR', () => {
  it('is read like the same response in JSON, in any form of CBOR', () => {
    fc.assert(
      fc.property(responses(odd), draws, (response, numbers) => {
        const body = cborInSomeForm(response, (n) => (numbers.next().value as number) % n);
        expect(read(body)).toEqual(asJson(response));
      }),
      { numRuns: runs(2000) },
    );
  });

  it('is read in the forms that the SDK and the emulator write', () => {
    fc.assert(
      fc.property(responses(odd), (response) => {
        expect(read(Buffer.from(cbor.serialize(response)))).toEqual(asJson(response));
      }),
      { numRuns: runs(500) },
    );
    const empty = shuffled({ ErrorMessage: fc.constant('') });
    fc.assert(
      fc.property(responses(empty), (response) => {
        // The emulator writes neither null nor fractions.
        fc.pre(!/:(null|0\.5)\b/.test(JSON.stringify(response)));
        expect(read(writeCbor(response as Output))).toEqual(asJson(response));
      }),
      { numRuns: runs(500) },
    );
  });

  it('is malformed, or read as the emulator reads it, after damage', () => {
    const stored = { SequenceNumber: '4'.repeat(56), ShardId: 'shardId-000000000003' };
    const Records = [stored, stored, { ErrorCode: 'E', ErrorMessage: 'm' }, stored];
    const whole = writeCbor({ FailedRecordCount: 1, Records });
    expect(read(whole)).toEqual(asJson({ Records }));
    for (let length = 1; length < whole.length; length++) {
      expect(read(whole.subarray(0, length))).toBe('malformed');
    }
    expect(read(Buffer.concat([whole, Buffer.of(0)]))).toBe('malformed');
    for (let at = 0; at < whole.length; at++) {
      for (const byte of [0x00, 0x41, 0x5f, 0x60, 0x61, 0x78, 0x7f, 0xa1, 0xbf, 0xc1, 0xf6, 0xff]) {
        const damaged = Buffer.from(whole);
        damaged[at] = byte;
        const ours = read(damaged);
        const theirs = attempt(() => readCbor(RESPONSE, damaged));
        // What both readers accept, they read alike. They share no code.
        if (ours !== 'malformed' && theirs !== undefined) expect(ours).toEqual(asJson(theirs));
      }
    }
  });

  it('with one bit flipped never confuses a refused record with a stored one', () => {
    let readable = 0;
    for (const flipped of withABitFlipped(writeCbor(WHOLE_RESPONSE))) {
      const results = read(flipped);
      // A longer length may swallow the next result, which makes the number of results wrong.
      if (results === 'malformed' || results.shardIds.length !== WHOLE_RESPONSE.Records.length) continue;
      readable++;
      expect(results.refused.map(({ index }) => index)).toEqual(REFUSED_OF_WHOLE);
    }
    // Flips within sequence numbers and messages contradict nothing.
    expect(readable).toBeGreaterThan(1_000);
  });

  it.each(CONTRADICTIONS)('with %s is malformed', (_, response) => {
    expect(read(Buffer.from(cbor.serialize(response)))).toBe('malformed');
  });

  it('that is not CBOR, or not for PutRecords, is malformed', () => {
    const bodies = ['', '<html>', '{"Records":[]}', '\x9f\xff', '\xbf\x67Records\x00\xff', '\xa1\x67Records\x81\x07'];
    for (const body of bodies) expect(read(Buffer.from(body, 'latin1'))).toBe('malformed');
  });
});

function attempt<T>(reading: () => T): T | undefined {
  try {
    return reading();
  } catch {
    return undefined;
  }
}
