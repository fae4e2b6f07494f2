import { invalidArgument } from '../protocol/service-error.js';
import { structure } from '../protocol/shape.js';
import { SHARD_ID, STREAM_REFERENCE } from '../protocol/shapes.js';
import { operation } from './operation.js';
import { requireOpen, requireProvisioned, shardToReshard } from './reshard-checks.js';

export const mergeShards = operation({
  input: structure({ ...STREAM_REFERENCE, ShardToMerge: SHARD_ID, AdjacentShardToMerge: SHARD_ID }, [
    'ShardToMerge',
    'AdjacentShardToMerge',
  ]),
  emulated: 'adjacent ranges; parents close and stay readable; UPDATING for `--update-delay`',
  run: (input, { accounts, caller, now }) => {
    const stream = accounts.stream(caller, input, now);
    const shard = shardToReshard(stream, input.ShardToMerge);
    const adjacent = shardToReshard(stream, input.AdjacentShardToMerge);
    requireProvisioned(stream);
    // As in the service, ShardToMerge must be the lower of the two.
    if (shard.range.end + 1n !== adjacent.range.start) {
      throw invalidArgument(
        `Shards ${shard.id} and ${adjacent.id} in ${stream.description} are not an adjacent pair of ` +
          'shards eligible for merging',
      );
    }
    requireOpen(shard, stream);
    requireOpen(adjacent, stream);
    stream.requireActive();
    stream.beginUpdate({ reshard: [{ type: 'merge', shards: [shard.index, adjacent.index] }] }, now);
    return undefined;
  },
});
