import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { md5 } from '../../src/route/md5.js';

function hexOf(bytes: Uint8Array, start: number, end: number): string {
  const words = new Uint32Array(4);
  md5(bytes, start, end, words);
  return Array.from(words, (word) => word.toString(16).padStart(8, '0')).join('');
}

function expectDigest(bytes: Uint8Array, start: number, end: number): void {
  const digest = createHash('md5').update(bytes.subarray(start, end)).digest('hex');
  expect(hexOf(bytes, start, end)).toBe(digest);
}

it('MD5 is the same as with node:crypto, for any range of any bytes', () => {
  const bytes = fc.uint8Array({ maxLength: 1200 });
  fc.assert(
    fc.property(bytes, fc.nat(), fc.nat(), (all, a, b) => {
      const ends = [a % (all.length + 1), b % (all.length + 1)].sort((one, other) => one - other);
      expectDigest(all, ends[0]!, ends[1]!);
    }),
    { numRuns: 500 },
  );
});

it('MD5 is right for each length around its blocks, and does not depend on earlier calls', () => {
  const bytes = Uint8Array.from({ length: 260 }, (_, i) => 255 - i);
  for (let length = 0; length <= 260; length++) expectDigest(bytes, 0, length);
  for (let length = 260; length >= 0; length--) expectDigest(bytes, 0, length);
});

it('MD5 is right for the examples of RFC 1321', () => {
  const of = (text: string) => hexOf(Buffer.from(text), 0, text.length);
  expect(of('')).toBe('d41d8cd98f00b204e9800998ecf8427e');
  expect(of('message digest')).toBe('f96b697d7cb7938d525a2f31aaf161d0');
});
