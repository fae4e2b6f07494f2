import { HASH_KEY_WORDS, isAbove, writeHashKey } from './hash-key.js';
import type { Shard } from './shard.js';

/** Which of a stream's open shards takes a record. Made anew when they change. */
export class ShardRoutes {
  readonly #shards: readonly Shard[];
  /** The end of each shard's range, in their order. */
  readonly #ends: Uint32Array;

  /** @param open shards by hash key, whose ranges together hold every one */
  constructor(open: readonly Shard[]) {
    this.#shards = open;
    this.#ends = new Uint32Array(HASH_KEY_WORDS * open.length);
    for (const [i, { range }] of open.entries()) writeHashKey(range.end, this.#ends, HASH_KEY_WORDS * i);
  }

  /** The shard that takes records with the hash key which is in `words` at `at`. */
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
