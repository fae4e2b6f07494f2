import { DESCRIBE_STREAM_INPUT } from '../protocol/shapes.js';
import { describeShard, describeStreamSettings } from './descriptions.js';
import { operation } from './operation.js';
import { shardIndex } from './shard-index.js';

/** Shards in one answer at most, whatever was asked for. */
const SHARDS_MAX = 100;

export const describeStream = operation(DESCRIBE_STREAM_INPUT, (input, { accounts, caller, now }) => {
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
});
