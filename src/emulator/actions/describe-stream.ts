import { structure } from '../protocol/shape.js';
import { PAGE_LIMIT, SHARD_ID, STREAM_REFERENCE } from '../protocol/shapes.js';
import { describeShard, describeStreamSettings } from './descriptions.js';
import { shardIndex } from './not-found.js';
import { operation } from './operation.js';

/** Shards in one response, whatever the request's Limit. */
const SHARDS_MAX = 100;

export const describeStream = operation({
  input: structure({
    ...STREAM_REFERENCE,
    Limit: PAGE_LIMIT,
    ExclusiveStartShardId: SHARD_ID,
  }),
  emulated: 'complete, with pages of shards',
  run: (input, { accounts, caller, now }) => {
    const stream = accounts.stream(caller, input, now);
    const shards = stream.shards;
    const after = input.ExclusiveStartShardId;
    const from = after === undefined ? 0 : shards.filter(({ index }) => index <= shardIndex(stream, after)).length;
    const end = from + Math.min(input.Limit ?? SHARDS_MAX, SHARDS_MAX);
    return {
      StreamDescription: {
        ...describeStreamSettings(stream),
        Shards: shards.slice(from, end).map(describeShard),
        HasMoreShards: end < shards.length,
      },
    };
  },
});
