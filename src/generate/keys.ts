import { Random } from './random.js';

/** Separates the random numbers of keys from those of the records' fields. */
const PURPOSE = 1;

/** The partition keys of a run: `key-` and a number below their count, with leading zeros so that all are as long. */
export class Keys {
  readonly count: number;
  /** Digits of each key's number. */
  readonly digits: number;
  readonly #random: Random;

  constructor({ keys, seed }: { readonly keys: number; readonly seed: number }) {
    this.count = keys;
    this.digits = digitsOf(keys);
    this.#random = new Random(seed, PURPOSE);
  }

  /** The number of a record's key. */
  of(ordinal: number): number {
    this.#random.begin(ordinal);
    return this.#random.below(this.count);
  }
}

/** The length of each of `keys` keys. */
export function keyBytes(keys: number): number {
  return KEY_PREFIX.length + digitsOf(keys);
}

export const KEY_PREFIX = 'key-';

function digitsOf(keys: number): number {
  return String(keys - 1).length;
}
