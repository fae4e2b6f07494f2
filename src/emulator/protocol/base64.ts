import { QUOTE } from '../../bytes/ascii.js';
import type { Bytes } from './bytes.js';

const ALPHABET = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/');
const PAD = 0x3d;
const DIGITS_MAX = 0xfff;
const NO_DIGITS = 0xffff;

/** The twelve bits that two characters encode, by the characters as a 16-bit number, the first one in the high byte. */
const PAIRS = new Uint16Array(0x1_0000).fill(NO_DIGITS);
for (let bits = 0; bits < 64 * 64; bits++) PAIRS[(ALPHABET[bits >> 6]! << 8) | ALPHABET[bits & 63]!] = bits;

/** The most characters that the loop decodes. For the rest of a longer text node's own decoder is faster. */
const LOOP_CHARACTERS = 800;

/**
 * Decodes base64 from `at` to the next quote, and writes the bytes to `out` from `outAt`; `out` must have room for one
 * byte more. Returns the number of bytes; -1 if the text is not base64 in full groups of four, as the protocol
 * requires. Decodes and checks in one pass, with two table look-ups for each group: 100 bytes take 0.1 us, a quarter of
 * node's time.
 */
export function decodeQuotedBase64(text: Bytes, at: number, out: Bytes, outAt: number): number {
  // Reading a whole group here stays within the body: more than four bytes follow the text.
  const last = Math.min(at + LOOP_CHARACTERS, text.bytes.length) - 4;
  const source = text.view;
  const target = out.view;
  let from = at;
  let to = outAt;
  while (from <= last) {
    const group = source.getUint32(from);
    const high = PAIRS[group >>> 16]!;
    const low = PAIRS[group & 0xffff]!;
    if ((high | low) > DIGITS_MAX) break;
    target.setUint32(to, (high << 20) | (low << 8));
    from += 4;
    to += 3;
  }
  if (text.bytes[from] === QUOTE) return to - outAt;
  const decode = from > last ? decodeRest : decodePadded;
  const rest = decode(text.bytes, from, out.bytes, to);
  return rest < 0 ? -1 : to - outAt + rest;
}

/** Decodes a last group that ends with padding; -1 if it is not valid. */
function decodePadded(text: Buffer, from: number, out: Buffer, to: number): number {
  const high = PAIRS[(text[from]! << 8) | text[from + 1]!] ?? NO_DIGITS;
  if (high > DIGITS_MAX || text[from + 3] !== PAD || text[from + 4] !== QUOTE) return -1;
  out[to] = high >> 4;
  if (text[from + 2] === PAD) return 1;
  // The missing fourth character is replaced by an 'A', whose bits are zeros.
  const low = PAIRS[(text[from + 2]! << 8) | ALPHABET[0]!]!;
  if (low > DIGITS_MAX) return -1;
  out[to + 1] = (high << 4) | (low >> 8);
  return 2;
}

/** Decodes with node's decoder. It accepts nearly anything, so the result is encoded again and compared. */
function decodeRest(text: Buffer, from: number, out: Buffer, to: number): number {
  const end = text.indexOf(QUOTE, from);
  if (end < 0) return -1;
  const part = text.toString('latin1', from, end);
  const bytes = out.write(part, to, 'base64');
  return out.toString('base64', to, to + bytes) === part ? bytes : -1;
}

export function base64Length(bytes: number): number {
  return 4 * Math.ceil(bytes / 3);
}

/** Up to this length a loop is faster than node's encoder, which makes a string that has to be copied. */
const ENCODED_BY_LOOP_MAX = 192;

/** Writes `bytes` from `start` to `end` in base64 to `out` at `at`; returns the position after it. */
export function writeBase64(bytes: Buffer, start: number, end: number, out: Buffer, at: number): number {
  if (end - start > ENCODED_BY_LOOP_MAX) return at + out.write(bytes.toString('base64', start, end), at, 'latin1');
  let to = at;
  let from = start;
  for (; from + 2 < end; from += 3) {
    const group = (bytes[from]! << 16) | (bytes[from + 1]! << 8) | bytes[from + 2]!;
    out[to] = ALPHABET[group >> 18]!;
    out[to + 1] = ALPHABET[(group >> 12) & 63]!;
    out[to + 2] = ALPHABET[(group >> 6) & 63]!;
    out[to + 3] = ALPHABET[group & 63]!;
    to += 4;
  }
  return from === end ? to : writePadded(bytes, from, end, out, to);
}

/** Writes a last group of one or two bytes. */
function writePadded(bytes: Buffer, from: number, end: number, out: Buffer, to: number): number {
  const isTwo = end - from === 2;
  const group = (bytes[from]! << 16) | (isTwo ? bytes[from + 1]! << 8 : 0);
  out[to] = ALPHABET[group >> 18]!;
  out[to + 1] = ALPHABET[(group >> 12) & 63]!;
  out[to + 2] = isTwo ? ALPHABET[(group >> 6) & 63]! : PAD;
  out[to + 3] = PAD;
  return to + 4;
}

const VALID = /^[A-Za-z0-9+/]*={0,2}$/;

/** The service's message about a text that is not valid base64; undefined if it is valid. */
export function base64Fault(text: string): string | undefined {
  if (text.length % 4 !== 0) {
    return `Base64 encoded length is expected a multiple of 4 bytes but found: ${text.length}`;
  }
  if (VALID.test(text)) return hasStrayBits(text) ? 'Invalid last non-pad Base64 character dectected' : undefined;
  const wrong = /[^A-Za-z0-9+/=]/.exec(text)?.[0] ?? '=';
  return `Invalid Base64 character: '${wrong}'`;
}

/** True if the last character before the padding has bits set that belong to no byte. */
function hasStrayBits(text: string): boolean {
  if (!text.endsWith('=')) return false;
  const unused = text.endsWith('==') ? 0b1111 : 0b11;
  const last = text.charAt(text.length - (unused === 0b11 ? 2 : 3));
  return (ALPHABET.indexOf(last) & unused) !== 0;
}
