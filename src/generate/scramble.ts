import { mixed } from '../bytes/mixed.js';

/** A permutation of the numbers below a count: neighbors end up far from each other. */
export class Scramble {
  readonly #count: number;
  /** The permutation is one of all numbers of this many bits; those of `count` and above are permuted again. */
  readonly #mask: number;
  readonly #shift: number;
  readonly #factor: number;
  readonly #offset: number;

  /** @param count 1 to 2^30 */
  constructor(count: number, seed: number) {
    const bits = Math.max(1, Math.ceil(Math.log2(count)));
    this.#count = count;
    this.#mask = 2 ** bits - 1;
    this.#shift = Math.ceil(bits / 2);
    this.#offset = mixed(seed);
    this.#factor = mixed(this.#offset) | 1;
  }

  of(number: number): number {
    let at = number;
    do {
      at = (Math.imul(at, 0x9e3779b1) + this.#offset) & this.#mask;
      at ^= at >>> this.#shift;
      at = Math.imul(at, this.#factor) & this.#mask;
      at ^= at >>> this.#shift;
    } while (at >= this.#count);
    return at;
  }
}
