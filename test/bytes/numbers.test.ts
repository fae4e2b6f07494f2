import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BYTES, CborItems, HEAD_BYTES_MAX, writeHead } from '../../src/bytes/cbor-items.js';
import { scratchOf } from '../../src/bytes/scratch.js';
import { lengthBytes, numberBytes, writeLength, writeNumber } from '../../src/bytes/varint.js';
import { bytesBelow, bytesEqual, firstMarked } from '../../src/bytes/words.js';

/** Reads a varint by its definition. */
function readVarint(bytes: Buffer): bigint {
  let zigzag = 0n;
  for (const [index, byte] of bytes.entries()) zigzag |= BigInt(byte & 0x7f) << BigInt(7 * index);
  return (zigzag & 1n) === 0n ? zigzag >> 1n : -((zigzag + 1n) >> 1n);
}

test('a varint has the size that was announced, and the value that was written', () => {
  const number = fc.maxSafeInteger().map((value) => Math.trunc(value / 2));
  fc.assert(
    fc.property(number, fc.nat(2 ** 30 - 1), (value, length) => {
      const { bytes, view } = scratchOf(Buffer.alloc(10));
      expect(writeNumber(value, view, 0)).toBe(numberBytes(value));
      expect(readVarint(bytes.subarray(0, numberBytes(value)))).toBe(BigInt(value));
      expect(writeLength(length, view, 0)).toBe(lengthBytes(length));
      expect(readVarint(bytes.subarray(0, lengthBytes(length)))).toBe(BigInt(length));
    }),
    { numRuns: 2000 },
  );
});

test.each([0, 23, 24, 255, 256, 65_535, 65_536])('the head of a CBOR string of %i bytes can be read', (length) => {
  const { bytes, view } = scratchOf(Buffer.alloc(HEAD_BYTES_MAX + length));
  const start = writeHead(BYTES << 5, length, view, 0);
  const items = new CborItems(bytes, 0, start + length);
  items.string(BYTES);
  expect([items.start, items.end, items.ended]).toEqual([start, start + length, true]);
});

test('the first matching byte of a word is marked', () => {
  const word = fc.uint8Array({ minLength: 4, maxLength: 4 });
  fc.assert(
    fc.property(word, fc.nat(0xff), fc.integer({ min: 1, max: 0x80 }), (bytes, wanted, limit) => {
      const value = Buffer.from(bytes).readInt32LE();
      const indexOf = (marks: number) => (marks === 0 ? -1 : firstMarked(marks));
      expect(indexOf(bytesEqual(value, wanted))).toBe(bytes.indexOf(wanted));
      expect(indexOf(bytesBelow(value, limit))).toBe(bytes.findIndex((byte) => byte < limit));
    }),
    { numRuns: 2000 },
  );
});
