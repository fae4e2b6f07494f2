import type { ShardRange } from '../core/shard.js';

/** Points of one shard, at most, and of all shards together, but for one each. */
const SHARD_POINTS_MAX = 64;
const POINTS_MAX = 4096;

/**
 * Hash keys that fill all shards evenly: each is for the next shard, round and round. Within a shard they go through
 * points that divide its range evenly, so that the halves of a shard that is split later get as much as each other. The
 * same shards give the same hash keys.
 */
export class EvenSpread {
  /** The next hash key, in decimal digits. */
  digits: Buffer;
  /** All there are, round by round, in the order of their turns. */
  readonly #points: readonly Buffer[];
  #turn = 0;

  /** @param shards the open shards of a stream: at least one */
  constructor(shards: readonly ShardRange[]) {
    const rounds = Math.max(1, Math.min(SHARD_POINTS_MAX, Math.floor(POINTS_MAX / shards.length)));
    this.#points = Array.from({ length: rounds }, (_, round) =>
      shards.map((shard) => Buffer.from(String(pointOf(shard, round, rounds)))),
    ).flat();
    this.digits = this.#points[0]!;
  }

  /** The hash key was given to a record. */
  advance(): void {
    this.#turn = this.#turn + 1 === this.#points.length ? 0 : this.#turn + 1;
    this.digits = this.#points[this.#turn]!;
  }
}

/** The middle of the n-th of `rounds` equal parts of the shard's range. */
function pointOf({ startingHashKey, endingHashKey }: ShardRange, round: number, rounds: number): bigint {
  const width = endingHashKey - startingHashKey + 1n;
  return startingHashKey + (width * BigInt(2 * round + 1)) / BigInt(2 * rounds);
}
