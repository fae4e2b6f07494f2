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
import {
  answers,
  CONTRADICTIONS,
  outcomeOf,
  REFUSED_OF_WHOLE,
  shuffled,
  WHOLE_ANSWER,
  withABitFlipped,
} from './responses.js';

const anything = fc.jsonValue({ maxDepth: 3 });
const odd = shuffled({ ErrorCode: fc.constant(null), ShardId: fc.constant('s'), Other: anything });
const draws = fc.infiniteStream(fc.nat(1_000_000));

const ANSWER = structure({
  FailedRecordCount: integer({}),
  EncryptionType: string({}),
  Records: list(
    structure({ SequenceNumber: string({}), ShardId: string({}), ErrorCode: string({}), ErrorMessage: string({}) }),
    { min: 0, max: 500 },
  ),
});

/** What JSON of the same response is read as. */
function asJson(answer: unknown) {
  return outcomeOf(() => readByParser(Buffer.from(JSON.stringify(answer))));
}

/** Reading may move the pieces of strings. */
function read(body: Buffer) {
  return outcomeOf(() => readCborResults(Buffer.from(body)));
}

describe('an answer to PutRecords in CBOR', () => {
  it('is read, in whatever form it is written, as the same answer in JSON', () => {
    fc.assert(
      fc.property(answers(odd), draws, (answer, numbers) => {
        const body = cborInSomeForm(answer, (n) => (numbers.next().value as number) % n);
        expect(read(body)).toEqual(asJson(answer));
      }),
      { numRuns: 2000 },
    );
  });

  it('is read as the emulator and the SDK write it', () => {
    fc.assert(
      fc.property(answers(odd), (answer) => {
        expect(read(Buffer.from(cbor.serialize(answer)))).toEqual(asJson(answer));
      }),
      { numRuns: 500 },
    );
    const empty = shuffled({ ErrorMessage: fc.constant('') });
    fc.assert(
      fc.property(answers(empty), (answer) => {
        // The emulator writes neither null nor fractions.
        fc.pre(!/:(null|0\.5)\b/.test(JSON.stringify(answer)));
        expect(read(writeCbor(answer as Output))).toEqual(asJson(answer));
      }),
      { numRuns: 500 },
    );
  });

  it('that was damaged is not taken for a whole one', () => {
    const taken = { SequenceNumber: '4'.repeat(56), ShardId: 'shardId-000000000003' };
    const Records = [taken, taken, { ErrorCode: 'E', ErrorMessage: 'm' }, taken];
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
        const theirs = attempt(() => readCbor(ANSWER, damaged));
        // A reader that shares nothing with it sees the same in what both take.
        if (ours !== 'malformed' && theirs !== undefined) expect(ours).toEqual(asJson(theirs));
      }
    }
  });

  it('with one bit flipped never takes a refused record for a taken one, or a taken one for a refused one', () => {
    let taken = 0;
    for (const flipped of withABitFlipped(writeCbor(WHOLE_ANSWER))) {
      const results = read(flipped);
      // A length may take in the result behind it; then there are too few.
      if (results === 'malformed' || results.shardIds.length !== WHOLE_ANSWER.Records.length) continue;
      taken++;
      expect(results.refused.map(({ index }) => index)).toEqual(REFUSED_OF_WHOLE);
    }
    // Those within sequence numbers and messages, which contradict nothing.
    expect(taken).toBeGreaterThan(1_000);
  });

  it.each(CONTRADICTIONS)('with %s is malformed', (_, answer) => {
    expect(read(Buffer.from(cbor.serialize(answer)))).toBe('malformed');
  });

  it('that is no CBOR, or none of PutRecords, is an error', () => {
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
