import type { ShardRange } from '../core/shard.js';
import { md5 } from './md5.js';

/** 32-bit words of a hash key, which has 128 bits. */
const WORDS = 4;
const ZERO = 0x30;

/**
 * Finds the open shard of a record as the service does: the shard whose range contains the record's hash key. That is
 * its explicit hash key, or the MD5 of its partition key's UTF-8 bytes as an unsigned 128-bit integer.
 */
export class ShardMap {
  readonly shards: readonly ShardRange[];
  /** The first hash key of each shard, ascending; each as words, the most significant first. */
  readonly #starts: Uint32Array;
  readonly #hash = new Uint32Array(WORDS);

  constructor(shards: readonly ShardRange[]) {
    this.shards = [...shards].sort((a, b) => (a.startingHashKey < b.startingHashKey ? -1 : 1));
    this.#starts = Uint32Array.from(this.shards.flatMap(({ startingHashKey }) => wordsOf(startingHashKey)));
  }

  /**
   * The index in `shards` of a partition key's shard.
   *
   * @param start,end the key's range in `bytes`
   */
  indexOf(bytes: Uint8Array, start: number, end: number): number {
    if (this.shards.length <= 1) return 0;
    md5(bytes, start, end, this.#hash);
    return this.#indexOfHash();
  }

  /**
   * The index in `shards` of an explicit hash key's shard.
   *
   * @param start,end the range of its decimal digits in `bytes`
   */
  indexOfHashKey(bytes: Uint8Array, start: number, end: number): number {
    if (this.shards.length <= 1) return 0;
    readDecimal(bytes, start, end, this.#hash);
    return this.#indexOfHash();
  }

  #indexOfHash(): number {
    let low = 0;
    let high = this.shards.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.#beginsAfterHash(middle)) high = middle - 1;
      else low = middle;
    }
    return low;
  }

  #beginsAfterHash(shard: number): boolean {
    for (let word = 0; word < WORDS; word++) {
      const start = this.#starts[shard * WORDS + word]!;
      const hash = this.#hash[word]!;
      if (start !== hash) return start > hash;
    }
    return false;
  }
}

/** Parses a decimal number of at most 128 bits into words. */
function readDecimal(bytes: Uint8Array, start: number, end: number, into: Uint32Array): void {
  into.fill(0);
  for (let at = start; at < end; at++) {
    let carry = bytes[at]! - ZERO;
    for (let word = WORDS - 1; word >= 0; word--) {
      const sum = into[word]! * 10 + carry;
      into[word] = sum;
      carry = Math.floor(sum / 2 ** 32);
    }
  }
}

function wordsOf(hashKey: bigint): number[] {
  return [96n, 64n, 32n, 0n].map((shift) => Number((hashKey >> shift) & 0xffff_ffffn));
}
