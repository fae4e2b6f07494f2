import { ServiceError } from '../protocol/service-error.js';
import { MERGE_SHARDS_INPUT } from '../protocol/shapes.js';
import { operation } from './operation.js';
import { requireOpen, requireProvisioned, shardToReshard } from './reshard-checks.js';

export const mergeShards = operation(MERGE_SHARDS_INPUT, (input, { accounts, caller, now }) => {
  const stream = accounts.stream(caller, input, now);
  const shard = shardToReshard(stream, input.ShardToMerge);
  const adjacent = shardToReshard(stream, input.AdjacentShardToMerge);
  requireProvisioned(stream);
  // The service takes the lower one first, and refuses the other order.
  if (shard.range.end + 1n !== adjacent.range.start) {
    throw new ServiceError(
      'InvalidArgumentException',
      `Shards ${shard.id} and ${adjacent.id} in ${stream.description} are not an adjacent pair of shards eligible for merging`,
    );
  }
  requireOpen(shard, stream);
  requireOpen(adjacent, stream);
  stream.requireActive();
  stream.beginUpdate({ reshard: [{ type: 'merge', shards: [shard.index, adjacent.index] }] }, now);
  return undefined;
});
