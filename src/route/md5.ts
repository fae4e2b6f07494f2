const BLOCK_BYTES = 64;
const SINES = Int32Array.from({ length: 64 }, (_, i) => Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32));

/** The current block, as sixteen 32-bit words. */
const block = new Int32Array(BLOCK_BYTES / 4);
const state = new Int32Array(4);

/**
 * MD5 (RFC 1321) of a range of bytes: the service's hash of partition keys. A key of up to 55 bytes takes some 0.2 us.
 * With node:crypto it takes 1 us, to and from strings.
 *
 * @param start,end the range
 * @param into      gets the digest as four 32-bit words, most significant byte first
 */
export function md5(bytes: Uint8Array, start: number, end: number, into: Uint32Array): void {
  state[0] = 0x67452301;
  state[1] = 0xefcdab89;
  state[2] = 0x98badcfe;
  state[3] = 0x10325476;
  let from = start;
  for (; from + BLOCK_BYTES <= end; from += BLOCK_BYTES) {
    block.fill(0);
    load(bytes, from, from + BLOCK_BYTES);
    digestBlock();
  }
  block.fill(0);
  load(bytes, from, end);
  const left = end - from;
  block[left >> 2]! |= 0x80 << ((left & 3) * 8);
  // The last block ends with the length in bits. If there is no room for it, that needs another block.
  if (left > BLOCK_BYTES - 9) {
    digestBlock();
    block.fill(0);
  }
  block[14] = (end - start) * 8;
  block[15] = (end - start) / 2 ** 29;
  digestBlock();
  for (let i = 0; i < 4; i++) into[i] = swapped(state[i]!);
}

/** Loads bytes into an empty block, least significant byte first. */
function load(bytes: Uint8Array, from: number, to: number): void {
  for (let i = 0; from + i < to; i++) block[i >> 2]! |= bytes[from + i]! << ((i & 3) * 8);
}

/** Names and order as in the RFC. */
function digestBlock(): void {
  let a = state[0]!;
  let b = state[1]!;
  let c = state[2]!;
  let d = state[3]!;
  for (let i = 0; i < 16; i += 4) {
    a = step(a, b, (b & c) | (~b & d), block[i]!, SINES[i]!, 7);
    d = step(d, a, (a & b) | (~a & c), block[i + 1]!, SINES[i + 1]!, 12);
    c = step(c, d, (d & a) | (~d & b), block[i + 2]!, SINES[i + 2]!, 17);
    b = step(b, c, (c & d) | (~c & a), block[i + 3]!, SINES[i + 3]!, 22);
  }
  for (let i = 16; i < 32; i += 4) {
    a = step(a, b, (b & d) | (c & ~d), block[(5 * i + 1) & 15]!, SINES[i]!, 5);
    d = step(d, a, (a & c) | (b & ~c), block[(5 * i + 6) & 15]!, SINES[i + 1]!, 9);
    c = step(c, d, (d & b) | (a & ~b), block[(5 * i + 11) & 15]!, SINES[i + 2]!, 14);
    b = step(b, c, (c & a) | (d & ~a), block[(5 * i + 16) & 15]!, SINES[i + 3]!, 20);
  }
  for (let i = 32; i < 48; i += 4) {
    a = step(a, b, b ^ c ^ d, block[(3 * i + 5) & 15]!, SINES[i]!, 4);
    d = step(d, a, a ^ b ^ c, block[(3 * i + 8) & 15]!, SINES[i + 1]!, 11);
    c = step(c, d, d ^ a ^ b, block[(3 * i + 11) & 15]!, SINES[i + 2]!, 16);
    b = step(b, c, c ^ d ^ a, block[(3 * i + 14) & 15]!, SINES[i + 3]!, 23);
  }
  for (let i = 48; i < 64; i += 4) {
    a = step(a, b, c ^ (b | ~d), block[(7 * i) & 15]!, SINES[i]!, 6);
    d = step(d, a, b ^ (a | ~c), block[(7 * i + 7) & 15]!, SINES[i + 1]!, 10);
    c = step(c, d, a ^ (d | ~b), block[(7 * i + 14) & 15]!, SINES[i + 2]!, 15);
    b = step(b, c, d ^ (c | ~a), block[(7 * i + 21) & 15]!, SINES[i + 3]!, 21);
  }
  state[0]! += a;
  state[1]! += b;
  state[2]! += c;
  state[3]! += d;
}

function step(to: number, from: number, mixed: number, input: number, sine: number, shift: number): number {
  const sum = (to + mixed + input + sine) | 0;
  return (((sum << shift) | (sum >>> (32 - shift))) + from) | 0;
}

/** Reverses the four bytes of a word. */
function swapped(word: number): number {
  return ((word & 0xff) << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24);
}
