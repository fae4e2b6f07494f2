import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NATIVE_FROM_BYTES as ENCODED_FROM, writeBase64 } from '../../src/bytes/base64.js';
import { NATIVE_FROM_BYTES as COPIED_FROM, copyAscii, copyBytes } from '../../src/bytes/copy.js';
import { type Scratch, scratchOf } from '../../src/bytes/scratch.js';

type Write = (source: Scratch, start: number, end: number, into: Scratch, at: number) => number;

const SIZES = [0, 8, 40, COPIED_FROM, ENCODED_FROM];
const near = (size: number) => fc.uint8Array({ minLength: Math.max(0, size - 8), maxLength: size + 8, size: 'max' });
const anyBytes = fc.oneof(...SIZES.map(near));
const ascii = anyBytes.map((bytes) => bytes.map((byte) => byte & 0x7f));

/** Writes a range from the middle of one buffer into the middle of another, and checks that nothing else changes. */
function expectWritten(bytes: Uint8Array, offset: number, write: Write, wanted: Buffer): void {
  const source = scratchOf(Buffer.concat([Buffer.alloc(offset), bytes, Buffer.alloc(8)]).subarray(offset & 3));
  const start = offset - (offset & 3);
  const into = scratchOf(Buffer.alloc(offset + wanted.length + 8, '#'));
  expect(write(source, start, start + bytes.length, into, offset)).toBe(offset + wanted.length);
  expect(into.bytes.toString('latin1')).toBe(`${'#'.repeat(offset)}${wanted.toString('latin1')}########`);
}

test.each<[string, Write, fc.Arbitrary<Uint8Array>, BufferEncoding]>([
  ['copyBytes copies', copyBytes, anyBytes, 'latin1'],
  ['copyAscii copies ASCII', copyAscii, ascii, 'latin1'],
  [
    'writeBase64 encodes',
    (source, start, end, into, at) => writeBase64(source.bytes, source.view, start, end, into.bytes, into.view, at),
    anyBytes,
    'base64',
  ],
])('%s a range of any size and offset, and writes nothing else', (_, write, bytes, encoding) => {
  fc.assert(
    fc.property(bytes, fc.nat(9), (range, offset) => {
      expectWritten(range, offset, write, Buffer.from(Buffer.from(range).toString(encoding), 'latin1'));
    }),
    { numRuns: 500 },
  );
});

test('copyAscii refuses a range with any other byte', () => {
  const range = fc.tuple(ascii, fc.integer({ min: 0x80, max: 0xff }), ascii);
  fc.assert(
    fc.property(range, ([before, byte, after]) => {
      const bytes = Buffer.concat([before, Buffer.of(byte), after]);
      expect(copyAscii(scratchOf(bytes), 0, bytes.length, scratchOf(Buffer.alloc(bytes.length)), 0)).toBe(-1);
    }),
  );
});
