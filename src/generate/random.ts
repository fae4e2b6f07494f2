import { mixed } from '../bytes/mixed.js';

/**
 * Pseudo-random numbers that depend on a seed and a record's number alone: each record begins a sequence of its own, so
 * it is the same whichever thread makes it, and whatever was made before. The generator is xoroshiro64** (D. Blackman,
 * S. Vigna). No two of the first 2^32 records of a seed begin with the same state.
 */
export class Random {
  readonly #low: number;
  readonly #high: number;
  // Signed 32-bit integers: V8 would allocate a number for each larger one.
  #a = 1;
  #b = 0;

  /** @param purpose makes sequences for different purposes independent of each other */
  constructor(seed: number, purpose = 0) {
    this.#low = mixed((seed | 0) ^ mixed(purpose));
    this.#high = mixed(this.#low ^ Math.floor(seed / 2 ** 32) ^ 0x5bd1e995);
  }

  /** Begins the sequence of a record. @param ordinal its number, from 0 */
  begin(ordinal: number): void {
    const a = mixed((ordinal | 0) + this.#low);
    const b = mixed(a + this.#high + (ordinal < 2 ** 32 ? 0 : Math.floor(ordinal / 2 ** 32)));
    this.#a = a;
    this.#b = (a | b) === 0 ? 1 : b;
  }

  /** 32 random bits, as a signed integer. */
  bits(): number {
    const a = this.#a;
    const b = this.#b ^ a;
    const product = Math.imul(a, 0x9e3779bb);
    this.#a = ((a << 26) | (a >>> 6)) ^ b ^ (b << 9);
    this.#b = (b << 13) | (b >>> 19);
    return Math.imul((product << 5) | (product >>> 27), 5);
  }

  /** A number from [0, 1), of 53 bits. */
  float(): number {
    const high = this.bits() >>> 5;
    return (high * 2 ** 26 + (this.bits() >>> 6)) / 2 ** 53;
  }

  /** A whole number from 0 to `n` - 1. @param n at most 2^53 */
  below(n: number): number {
    // The upper half of a product of 32-bit numbers is biased by at most n / 2^32.
    return n <= 65_536 ? Math.floor(((this.bits() >>> 0) * n) / 2 ** 32) : Math.floor(this.float() * n);
  }

  /** A number of the standard normal distribution (Box and Muller). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.float())) * Math.cos(2 * Math.PI * this.float());
  }
}
