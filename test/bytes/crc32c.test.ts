import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { crc32c } from '../../src/bytes/crc32c.js';

/** Computes the checksum bit by bit, as it is defined. */
function bitwise(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return ~crc >>> 0;
}

describe('crc32c', () => {
  test.each([
    ['nothing', Buffer.alloc(0), 0],
    ['123456789', Buffer.from('123456789'), 0xe3069283],
    // RFC 3720, B.4
    ['32 zeros', Buffer.alloc(32), 0x8a9136aa],
    ['32 ones', Buffer.alloc(32, 0xff), 0x62a8ab43],
    ['0 to 31', Buffer.from(Array.from({ length: 32 }, (_, i) => i)), 0x46dd794e],
    ['31 to 0', Buffer.from(Array.from({ length: 32 }, (_, i) => 31 - i)), 0x113fdb5c],
  ])('has its known value for %s', (_name, bytes, expected) => {
    expect(crc32c(bytes, 0, bytes.length)).toBe(expected);
  });

  test('equals the definition for any range at any offset', () => {
    const part = fc.tuple(fc.uint8Array({ maxLength: 200 }), fc.nat(20), fc.nat(20), fc.nat(8));
    fc.assert(
      fc.property(part, ([bytes, before, after, offset]) => {
        const buffer = Buffer.concat([Buffer.alloc(offset + before), bytes, Buffer.alloc(after)]).subarray(offset);
        expect(crc32c(buffer, before, before + bytes.length)).toBe(bitwise(bytes));
      }),
    );
  });
});
