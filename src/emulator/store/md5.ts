import { endianness } from 'node:os';
import { copyBytes } from '../../bytes/copy.js';
import { type Bytes, bytesOf } from '../protocol/bytes.js';

/** The longest input that is hashed here, bytes: one block. None on big-endian machines, as MD5 is little-endian. */
const ONE_BLOCK_MAX = endianness() === 'LE' ? 55 : -1;
/** The word of the block that holds the input's length in bits, a 64-bit number. */
const LENGTH_WORD = 14;

/** The constant that each of the 64 steps adds (RFC 1321). */
const ADDEND = Int32Array.from({ length: 64 }, (_, i) => Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32));

const START_A = 0x67452301;
const START_B = 0xefcdab89 | 0;
const START_C = 0x98badcfe | 0;
const START_D = 0x10325476;

/** Loaded for the first long key, to keep the start fast. */
let crypto: typeof import('node:crypto') | undefined;

const words = new Int32Array(16);
const block = bytesOf(Buffer.from(words.buffer));

/**
 * Writes the MD5 of `source` from `start` to `end` as four big-endian words to `out` from index `at` on. Inputs of up
 * to 55 bytes, such as most keys, are hashed here: that takes a quarter of the time of a call into node:crypto.
 */
export function md5Words(source: Bytes, start: number, end: number, out: Uint32Array, at: number): void {
  const length = end - start;
  if (length > ONE_BLOCK_MAX) {
    crypto ??= process.getBuiltinModule('node:crypto');
    const digest = crypto.hash('md5', source.bytes.subarray(start, end), 'buffer');
    for (let i = 0; i < 4; i++) out[at + i] = digest.readUInt32BE(4 * i);
    return;
  }
  for (let i = length >> 2; i < LENGTH_WORD; i++) words[i] = 0;
  copyBytes(source, start, end, block, 0);
  block.bytes[length] = 0x80;
  words[LENGTH_WORD] = length << 3;
  compress(out, at);
}

/**
 * Hashes `words` as the first and only block. Each round has its own loop, unrolled to four steps so that rotations are
 * constants and no values move between variables: two thirds of the time of a single loop over all steps.
 */
function compress(out: Uint32Array, at: number): void {
  let a = START_A;
  let b = START_B;
  let c = START_C;
  let d = START_D;
  for (let i = 0; i < 16; i += 4) {
    a = (b + rotate((a + ((b & c) | (~b & d)) + ADDEND[i]! + words[i]!) | 0, 7)) | 0;
    d = (a + rotate((d + ((a & b) | (~a & c)) + ADDEND[i + 1]! + words[i + 1]!) | 0, 12)) | 0;
    c = (d + rotate((c + ((d & a) | (~d & b)) + ADDEND[i + 2]! + words[i + 2]!) | 0, 17)) | 0;
    b = (c + rotate((b + ((c & d) | (~c & a)) + ADDEND[i + 3]! + words[i + 3]!) | 0, 22)) | 0;
  }
  for (let i = 16; i < 32; i += 4) {
    const word = 5 * i + 1;
    a = (b + rotate((a + ((d & b) | (~d & c)) + ADDEND[i]! + words[word & 15]!) | 0, 5)) | 0;
    d = (a + rotate((d + ((c & a) | (~c & b)) + ADDEND[i + 1]! + words[(word + 5) & 15]!) | 0, 9)) | 0;
    c = (d + rotate((c + ((b & d) | (~b & a)) + ADDEND[i + 2]! + words[(word + 10) & 15]!) | 0, 14)) | 0;
    b = (c + rotate((b + ((a & c) | (~a & d)) + ADDEND[i + 3]! + words[(word + 15) & 15]!) | 0, 20)) | 0;
  }
  for (let i = 32; i < 48; i += 4) {
    const word = 3 * i + 5;
    a = (b + rotate((a + (b ^ c ^ d) + ADDEND[i]! + words[word & 15]!) | 0, 4)) | 0;
    d = (a + rotate((d + (a ^ b ^ c) + ADDEND[i + 1]! + words[(word + 3) & 15]!) | 0, 11)) | 0;
    c = (d + rotate((c + (d ^ a ^ b) + ADDEND[i + 2]! + words[(word + 6) & 15]!) | 0, 16)) | 0;
    b = (c + rotate((b + (c ^ d ^ a) + ADDEND[i + 3]! + words[(word + 9) & 15]!) | 0, 23)) | 0;
  }
  for (let i = 48; i < 64; i += 4) {
    const word = 7 * i;
    a = (b + rotate((a + (c ^ (b | ~d)) + ADDEND[i]! + words[word & 15]!) | 0, 6)) | 0;
    d = (a + rotate((d + (b ^ (a | ~c)) + ADDEND[i + 1]! + words[(word + 7) & 15]!) | 0, 10)) | 0;
    c = (d + rotate((c + (a ^ (d | ~b)) + ADDEND[i + 2]! + words[(word + 14) & 15]!) | 0, 15)) | 0;
    b = (c + rotate((b + (d ^ (c | ~a)) + ADDEND[i + 3]! + words[(word + 21) & 15]!) | 0, 21)) | 0;
  }
  out[at] = bigEndian(a + START_A);
  out[at + 1] = bigEndian(b + START_B);
  out[at + 2] = bigEndian(c + START_C);
  out[at + 3] = bigEndian(d + START_D);
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

function bigEndian(word: number): number {
  return ((word & 0xff) << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | ((word >>> 24) & 0xff);
}
