import type { ShardRange } from '../../core/shard.js';
import { EvenSpread } from '../../route/even-spread.js';
import { PartitionMap } from '../../route/partition-map.js';
import { ShardMap } from '../../route/shard-map.js';
import type { OutgoingRecord } from '../../send/target.js';

/** By what a target places records: plain, so that it crosses to the workers. */
export type Placement =
  /** Kinesis: shards share the hash keys. Empty for a target that has none. */
  | { readonly kind: 'hash-ranges'; readonly shards: readonly ShardRange[] }
  /** Kafka: the key's hash modulo the number of partitions. */
  | { readonly kind: 'partitions'; readonly count: number };

/** Which shard, or partition, takes a record. */
export interface Places {
  /** In the order of `indexOf`. */
  readonly ids: readonly string[];
  /** -1: any may take it. */
  indexOf(record: OutgoingRecord): number;
}

export function placesOf(placement: Placement): Places {
  if (placement.kind === 'partitions') {
    const map = new PartitionMap(placement.count);
    const indexOf = ({ source, keyStart, keyEnd }: OutgoingRecord) => map.indexOf(source, keyStart, keyEnd);
    return { ids: placeIds(placement), indexOf };
  }
  const map = new ShardMap(placement.shards);
  return {
    ids: map.shards.map(({ id }) => id),
    indexOf: ({ source, keyStart, keyEnd, attributesStart, attributesEnd }) =>
      attributesEnd > 0
        ? map.indexOfHashKey(source, attributesStart, attributesEnd)
        : map.indexOf(source, keyStart, keyEnd),
  };
}

/** The ids of all shards, or partitions, in the target's order. */
export function placeIds(placement: Placement): string[] {
  if (placement.kind === 'hash-ranges') return placement.shards.map(({ id }) => id);
  return Array.from({ length: placement.count }, (_, partition) => String(partition));
}

/** Hash keys that let the shards take turns; undefined where hash keys say nothing. */
export function evenSpread(placement: Placement): EvenSpread | undefined {
  return placement.kind === 'hash-ranges' ? new EvenSpread(placement.shards) : undefined;
}
