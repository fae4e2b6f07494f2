import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatSequenceNumber, parseSequenceNumber, ShardSequence } from '../../src/emulator/store/sequence-number.js';

const seconds = fc.integer({ min: 1_400_000_000, max: 4_000_000_000 });
const shardIndexes = fc.integer({ min: 0, max: 19_999 });

describe('sequence numbers', () => {
  test('have 56 digits and can be parsed back', () => {
    fc.assert(
      fc.property(seconds, shardIndexes, fc.maxSafeNat(), seconds, (shardCreatedSeconds, shardIndex, index, at) => {
        const number = { shardCreatedSeconds, shardIndex, index, seconds: at };
        const text = formatSequenceNumber(number);
        expect(text).toMatch(/^[1-9]\d{55}$/);
        expect(parseSequenceNumber(text)).toEqual(number);
      }),
    );
  });

  test('have the service’s form', () => {
    const text = new ShardSequence(0x5a0000000 / 16, 0x1a).at(7, 0x5a000123);
    expect(BigInt(text).toString(16)).toBe(
      ['2', '05a000000', 'a', '0000000000000007', '00', '05a000123', '0000001a', '2'].join(''),
    );
  });

  test('increase with every record, even if many arrive in the same second', () => {
    fc.assert(
      fc.property(
        seconds,
        shardIndexes,
        fc.array(fc.nat({ max: 2 }), { maxLength: 3000 }),
        (created, shard, pauses) => {
          const sequence = new ShardSequence(created, shard);
          let now = created;
          let before = sequence.at(0, now);
          for (const [i, pause] of pauses.entries()) {
            now += pause === 2 ? 1 : 0;
            const text = sequence.at(i + 1, now);
            expect(text > before).toBe(true);
            expect(text).toBe(
              formatSequenceNumber({ shardCreatedSeconds: created, shardIndex: shard, index: i + 1, seconds: now }),
            );
            before = text;
          }
        },
      ),
      { numRuns: 20 },
    );
  });

  test('are not confused with other numbers', () => {
    for (const text of ['0', '1', '49590338271490256608559692538361571095921575989136588898000', '9'.repeat(56)]) {
      expect(parseSequenceNumber(text)).toBeUndefined();
    }
  });
});
