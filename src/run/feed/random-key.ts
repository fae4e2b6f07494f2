/** Bytes of the key of a record that has none of its own. */
export const RANDOM_KEY_BYTES = 11;

const DIGITS = Buffer.from('0123456789abcdefghijklmnopqrstuv');

/** Writes a key of random digits, 52 bits in all: evenly spread over the hash keys, and so over the shards. */
export function writeRandomKey(into: Uint8Array): void {
  // Two draws of 26 bits: the shifts below take no more than 32.
  let bits = Math.floor(Math.random() * 2 ** 26);
  for (let at = 0; at < RANDOM_KEY_BYTES; at++) {
    if (at === 6) bits = Math.floor(Math.random() * 2 ** 26);
    into[at] = DIGITS[bits & 31]!;
    bits >>>= 5;
  }
}
