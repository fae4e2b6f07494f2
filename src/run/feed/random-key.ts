/** The length of a random key in bytes. */
export const RANDOM_KEY_BYTES = 11;

const DIGITS = Buffer.from('0123456789abcdefghijklmnopqrstuv');

/** Writes a key of 52 random bits, as digits of 5 bits each. Such keys spread evenly over the shards. */
export function writeRandomKey(into: Uint8Array): void {
  // Two random numbers of 26 bits: the shifts below work on 32 bits at most.
  let bits = Math.floor(Math.random() * 2 ** 26);
  for (let at = 0; at < RANDOM_KEY_BYTES; at++) {
    if (at === 6) bits = Math.floor(Math.random() * 2 ** 26);
    into[at] = DIGITS[bits & 31]!;
    bits >>>= 5;
  }
}
