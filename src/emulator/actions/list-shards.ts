import { ServiceError } from '../protocol/service-error.js';
import type { Input } from '../protocol/shape.js';
import { LIST_SHARDS_INPUT } from '../protocol/shapes.js';
import type { Stream } from '../store/stream.js';
import { describeShard } from './descriptions.js';
import { type Call, operation } from './operation.js';
import { readPageToken, writePageToken } from './page-token.js';

type ListShardsInput = Input<typeof LIST_SHARDS_INPUT>;

/** Shards in one answer at most, whatever was asked for. */
const SHARDS_MAX = 1000;
const TOKEN = 'list-shards';

export const listShards = operation(LIST_SHARDS_INPUT, (input, call) => {
  const { stream, after } = startOf(input, call);
  const rest = stream.shards.filter(({ id }) => after === undefined || id > after);
  const page = rest.slice(0, Math.min(input.MaxResults ?? SHARDS_MAX, SHARDS_MAX));
  return {
    Shards: page.map(describeShard),
    NextToken:
      page.length < rest.length ? writePageToken(TOKEN, [stream.arn, stream.id, page.at(-1)!.id], call.now) : undefined,
  };
});

/** The stream, and the id of the shard after which the list begins. */
function startOf(input: ListShardsInput, { world, caller, now }: Call): { stream: Stream; after: string | undefined } {
  if (input.NextToken === undefined) {
    const stream = world.stream(caller, input, now);
    const afterId = input.ExclusiveStartShardId ?? filterStart(input.ShardFilter);
    return { stream, after: afterId === undefined ? undefined : stream.shard(afterId).id };
  }
  const alone = [input.StreamName, input.ExclusiveStartShardId, input.StreamCreationTimestamp, input.ShardFilter];
  if (alone.some((member) => member !== undefined)) {
    throw new ServiceError('InvalidArgumentException', 'NextToken and StreamName cannot be provided together.');
  }
  const [arn = '', id = '', after] = readPageToken(TOKEN, input.NextToken, now);
  return { stream: world.sameStream(arn, id, now), after };
}

/**
 * All shards of a stream that was never resharded are open, and have been since it was made: of the filters only
 * AFTER_SHARD_ID leaves some out.
 */
function filterStart(filter: ListShardsInput['ShardFilter']): string | undefined {
  if (filter === undefined) return undefined;
  const { Type: type, ShardId: shardId, Timestamp: timestamp } = filter;
  if (type === 'AFTER_SHARD_ID' && shardId === undefined) {
    throw new ServiceError('InvalidArgumentException', 'ShardId must be provided when the type is AFTER_SHARD_ID.');
  }
  if ((type === 'AT_TIMESTAMP' || type === 'FROM_TIMESTAMP') && timestamp === undefined) {
    throw new ServiceError('InvalidArgumentException', `Timestamp must be provided when the type is ${type}.`);
  }
  return type === 'AFTER_SHARD_ID' ? shardId : undefined;
}
