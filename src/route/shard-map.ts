import { hash } from 'node:crypto';
import type { ShardRange } from '../core/shard.js';

/**
 * Tells which open shard takes a partition key, as the service does: the MD5 of the key's UTF-8 bytes, as an unsigned
 * 128-bit integer, lies in the shard's range of hash keys.
 */
export class ShardMap {
  readonly shards: readonly ShardRange[];
  /** The first hash key of each shard, ascending, in 32 hexadecimal digits: as the digest comes, so that texts compare. */
  readonly #starts: readonly string[];

  constructor(shards: readonly ShardRange[]) {
    this.shards = [...shards].sort((a, b) => (a.startingHashKey < b.startingHashKey ? -1 : 1));
    this.#starts = this.shards.map(({ startingHashKey }) => startingHashKey.toString(16).padStart(32, '0'));
  }

  /** The index in `shards` of the shard that takes the key. */
  indexOf(partitionKey: string): number {
    if (this.shards.length <= 1) return 0;
    const digest = hash('md5', partitionKey, 'hex');
    let low = 0;
    let high = this.shards.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.#starts[middle]! > digest) high = middle - 1;
      else low = middle;
    }
    return low;
  }
}
