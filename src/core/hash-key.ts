/** The largest hash key, 2^128 - 1. */
const LARGEST = Buffer.from('340282366920938463463374607431768211455');

/** The most decimal digits of a hash key. */
export const HASH_KEY_DIGITS_MAX = LARGEST.length;

const ZERO = 0x30;
const NINE = 0x39;

/**
 * The start of the hash key in `bytes[from, to)` without leading zeros, which the service does not accept; -1 if it is
 * not a decimal integer from 0 to 2^128 - 1.
 */
export function hashKeyDigits(bytes: Uint8Array, from: number, to: number): number {
  let start = from;
  while (start < to - 1 && bytes[start] === ZERO) start++;
  const digits = to - start;
  if (digits < 1 || digits > HASH_KEY_DIGITS_MAX) return -1;
  for (let at = start; at < to; at++) {
    if (bytes[at]! < ZERO || bytes[at]! > NINE) return -1;
  }
  return digits === HASH_KEY_DIGITS_MAX && LARGEST.compare(bytes, start, to) < 0 ? -1 : start;
}
