import { mixed } from '../bytes/mixed.js';
import type { Part } from '../core/part.js';
import { keyHash } from './router.js';

/**
 * Makes the choice of the part independent of that of the worker, which uses the same hash of the key. The shard
 * depends on MD5. So a part has keys of all workers and all shards.
 */
const KEY_SALT = 0x2c1b3c6d;
const NUMBER_SALT = 0x297a2d39;

/** Deals out the records of a run to its parts: which of them are this part's own. */
export class Deal {
  readonly #index: number;
  readonly #of: number;

  constructor({ number, of }: Part) {
    this.#index = number - 1;
    this.#of = of;
  }

  /** Whether this part sends the records of a key. @param start,end the key's range in `bytes` */
  ownsKey(bytes: Uint8Array, start: number, end: number): boolean {
    return this.#owns(mixed(keyHash(bytes, start, end) ^ KEY_SALT));
  }

  /** The same for a key that has a number instead of bytes. */
  ownsKeyNumber(key: number): boolean {
    return this.#owns(mixed(key ^ NUMBER_SALT));
  }

  /**
   * Whether this part sends the record of that number, which shares no key with others. Each part gets one of `of`
   * records in a row, in an order that changes, so that a pattern in the input does not load one part more.
   */
  ownsNumber(ordinal: number): boolean {
    const round = Math.floor(ordinal / this.#of);
    const turn = (mixed(round ^ NUMBER_SALT) >>> 0) % this.#of;
    return (ordinal + turn) % this.#of === this.#index;
  }

  /** Takes the hash's upper bits: the worker is chosen by the lower ones. */
  #owns(hash: number): boolean {
    return Math.floor(((hash >>> 0) * this.#of) / 2 ** 32) === this.#index;
  }
}
