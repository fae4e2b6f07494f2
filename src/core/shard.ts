/** An open shard and the hash keys it takes: both ends inclusive, unsigned 128-bit. */
export interface ShardRange {
  readonly id: string;
  readonly startingHashKey: bigint;
  readonly endingHashKey: bigint;
}
