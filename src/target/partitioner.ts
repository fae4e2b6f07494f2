import type { OutgoingRecord } from './target.js';

/** Determines which shard, or partition, a record goes to. */
export interface Partitioner {
  /** The ids of all shards, or partitions, by index. Empty for a target without shards, where every index is 0. */
  readonly ids: readonly string[];
  /** The index of the record's shard; -1 if it may go to any shard. */
  indexOf(record: OutgoingRecord): number;
}
