import type { ShardRange } from '../core/shard.js';

/** The most points in one shard, and in all shards together. Each shard has at least one. */
const SHARD_POINTS_MAX = 64;
const POINTS_MAX = 4096;

/**
 * Hash keys that fill all shards evenly: they go to the shards in turn. Within each shard they go through evenly spaced
 * points, so that if the shard is split, both halves get the same load. The same shards always give the same hash keys.
 */
export class EvenSpread {
  /** The next hash key, in decimal digits. */
  digits: Buffer;
  /** One point of each shard, then the next point of each. */
  readonly points: readonly Buffer[];
  #turn = 0;

  /** @param shards the open shards of a stream: at least one */
  constructor(shards: readonly ShardRange[]) {
    const rounds = Math.max(1, Math.min(SHARD_POINTS_MAX, Math.floor(POINTS_MAX / shards.length)));
    this.points = Array.from({ length: rounds }, (_, round) =>
      shards.map((shard) => Buffer.from(String(pointOf(shard, round, rounds)))),
    ).flat();
    this.digits = this.points[0]!;
  }

  /** Moves on to the next hash key. */
  advance(): void {
    this.#turn = this.#turn + 1 === this.points.length ? 0 : this.#turn + 1;
    this.digits = this.points[this.#turn]!;
  }
}

/** The middle of the n-th of `rounds` equal parts of the shard's range. */
function pointOf({ startingHashKey, endingHashKey }: ShardRange, round: number, rounds: number): bigint {
  const width = endingHashKey - startingHashKey + 1n;
  return startingHashKey + (width * BigInt(2 * round + 1)) / BigInt(2 * rounds);
}
