import { hash } from 'node:crypto';
import type { ShardRange } from '../core/shard.js';

/**
 * Tells which open shard takes a partition key, as the service does: the MD5 of the key's UTF-8 bytes, as an unsigned
 * 128-bit integer, lies in the shard's range of hash keys.
 */
export class ShardMap {
  readonly shards: readonly ShardRange[];
  /** The first hash key of each shard as four 32-bit words, ascending: compared without a BigInt per record. */
  readonly #starts: Uint32Array;

  constructor(shards: readonly ShardRange[]) {
    this.shards = [...shards].sort((a, b) => (a.startingHashKey < b.startingHashKey ? -1 : 1));
    this.#starts = new Uint32Array(this.shards.length * 4);
    for (const [i, shard] of this.shards.entries()) {
      for (let word = 0; word < 4; word++) {
        this.#starts[i * 4 + word] = Number((shard.startingHashKey >> BigInt(96 - 32 * word)) & 0xffffffffn);
      }
    }
  }

  /** The index in `shards` of the shard that takes the key. */
  indexOf(partitionKey: string): number {
    if (this.shards.length <= 1) return 0;
    const digest = hash('md5', partitionKey, 'buffer');
    let low = 0;
    let high = this.shards.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.#startsAfter(middle, digest)) high = middle - 1;
      else low = middle;
    }
    return low;
  }

  #startsAfter(shard: number, digest: Buffer): boolean {
    for (let word = 0; word < 4; word++) {
      const start = this.#starts[shard * 4 + word]!;
      const value = digest.readUInt32BE(word * 4);
      if (start !== value) return start > value;
    }
    return false;
  }
}
