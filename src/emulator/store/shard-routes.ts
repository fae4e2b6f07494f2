import { HASH_KEY_WORDS, isAbove, writeHashKey } from './hash-key.js';
import type { Shard } from './shard.js';

/** Finds the open shard for a hash key. A stream makes a new one whenever its open shards change. */
export class ShardRoutes {
  readonly #shards: readonly Shard[];
  /** The last hash key of each shard's range, in the order of `#shards`. */
  readonly #ends: Uint32Array;

  /** @param open shards sorted by hash key, whose ranges cover all hash keys */
  constructor(open: readonly Shard[]) {
    this.#shards = open;
    this.#ends = new Uint32Array(HASH_KEY_WORDS * open.length);
    for (const [i, { range }] of open.entries()) writeHashKey(range.end, this.#ends, HASH_KEY_WORDS * i);
  }

  /** The shard for the hash key in `words` at index `at`. */
  shardFor(words: Uint32Array, at: number): Shard {
    let low = 0;
    let high = this.#shards.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isAbove(words, at, this.#ends, HASH_KEY_WORDS * middle)) low = middle + 1;
      else high = middle;
    }
    return this.#shards[low]!;
  }
}
