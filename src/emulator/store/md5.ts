import { hash } from 'node:crypto';
import { endianness } from 'node:os';

/** The longest input that is hashed here, bytes: what one block holds, where words lie in memory as MD5 reads them. */
const ONE_BLOCK_MAX = endianness() === 'LE' ? 55 : -1;

/** The constants of RFC 1321: what each of the 64 steps adds, by how many bits it rotates, which word it takes in. */
const ADDEND = Int32Array.from({ length: 64 }, (_, i) => Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32));
const ROTATIONS = [
  [7, 12, 17, 22],
  [5, 9, 14, 20],
  [4, 11, 16, 23],
  [6, 10, 15, 21],
];
const ROTATION = Uint8Array.from({ length: 64 }, (_, i) => ROTATIONS[i >> 4]![i & 3]!);
const WORD = Uint8Array.from({ length: 64 }, (_, i) => [i, 5 * i + 1, 3 * i + 5, 7 * i][i >> 4]! & 15);

const START_A = 0x67452301;
const START_B = 0xefcdab89;
const START_C = 0x98badcfe;
const START_D = 0x10325476;

const words = new Int32Array(16);
const block = new Uint8Array(words.buffer);

/**
 * Writes the MD5 of `bytes` from `start` to `end` as four big-endian words to `out`, beginning at `at`. Keys are short:
 * up to 55 bytes it is computed here, in a third of the time that the way into node:crypto and back takes.
 */
export function md5Words(bytes: Uint8Array, start: number, end: number, out: Uint32Array, at: number): void {
  if (end - start > ONE_BLOCK_MAX) {
    const digest = hash('md5', bytes.subarray(start, end), 'buffer');
    for (let i = 0; i < 4; i++) out[at + i] = digest.readUInt32BE(4 * i);
    return;
  }
  const length = end - start;
  for (let i = 0; i < length; i++) block[i] = bytes[start + i]!;
  block[length] = 0x80;
  block.fill(0, length + 1);
  words[14] = length << 3;
  compress(out, at);
}

/** One block from the start values on: what `words` hold. */
function compress(out: Uint32Array, at: number): void {
  let a = START_A;
  let b = START_B | 0;
  let c = START_C | 0;
  let d = START_D;
  for (let i = 0; i < 64; i++) {
    let mixed: number;
    if (i < 16) mixed = (b & c) | (~b & d);
    else if (i < 32) mixed = (d & b) | (~d & c);
    else if (i < 48) mixed = b ^ c ^ d;
    else mixed = c ^ (b | ~d);
    const sum = (a + mixed + ADDEND[i]! + words[WORD[i]!]!) | 0;
    const bits = ROTATION[i]!;
    a = d;
    d = c;
    c = b;
    b = (b + ((sum << bits) | (sum >>> (32 - bits)))) | 0;
  }
  out[at] = bigEndian(a + START_A);
  out[at + 1] = bigEndian(b + START_B);
  out[at + 2] = bigEndian(c + START_C);
  out[at + 3] = bigEndian(d + START_D);
}

function bigEndian(word: number): number {
  return ((word & 0xff) << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | ((word >>> 24) & 0xff);
}
