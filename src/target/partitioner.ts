import type { OutgoingRecord } from './target.js';

/** Says which shard, or partition, takes a record. */
export interface Partitioner {
  /** The ids of all shards, or partitions, by index. Empty for a target that has none: then every index is 0. */
  readonly ids: readonly string[];
  /** The index of the record's shard. -1: any shard may take it. */
  indexOf(record: OutgoingRecord): number;
}
