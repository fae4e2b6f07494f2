import { ServiceError } from '../protocol/service-error.js';
import type { Input } from '../protocol/shape.js';
import { LIST_SHARDS_INPUT } from '../protocol/shapes.js';
import type { Stream } from '../store/stream.js';
import { describeShard } from './descriptions.js';
import { type Call, operation } from './operation.js';
import { readPageToken, writePageToken } from './page-token.js';
import { type ShardFilter, shardFilter, shardsOf } from './shard-filter.js';
import { shardIndex } from './shard-index.js';

type ListShardsInput = Input<typeof LIST_SHARDS_INPUT>;

/** Where a list begins, and what it leaves out. */
interface ListPlace {
  readonly stream: Stream;
  /** Index of the shard after which it begins. */
  readonly after: number;
  readonly filter: ShardFilter;
}

/** Shards in one answer at most, whatever was asked for. */
const SHARDS_MAX = 1000;
const TOKEN = 'list-shards';
const FILTER_TYPES = LIST_SHARDS_INPUT.members.ShardFilter.members.Type.values ?? [];
/** What a request that goes on with a token must not say again. */
const NOT_WITH_TOKEN = [
  'StreamName',
  'StreamARN',
  'StreamId',
  'ExclusiveStartShardId',
  'StreamCreationTimestamp',
  'ShardFilter',
] as const;

export const listShards = operation(LIST_SHARDS_INPUT, (input, call) => {
  const { stream, after, filter } = placeOf(input, call);
  const rest = shardsOf(stream, filter, call.now).filter(({ index }) => index > after);
  const page = rest.slice(0, Math.min(input.MaxResults ?? SHARDS_MAX, SHARDS_MAX));
  const fields = () => [stream.arn, stream.id, String(page.at(-1)!.index), filter.type, String(filter.atMs)];
  return {
    Shards: page.map(describeShard),
    NextToken: page.length < rest.length ? writePageToken(TOKEN, fields(), call.now) : undefined,
  };
});

function placeOf(input: ListShardsInput, call: Call): ListPlace {
  if (input.NextToken !== undefined) return placeOfToken(input, input.NextToken, call);
  const { accounts, caller, now } = call;
  const stream = accounts.stream(caller, input, now);
  const { ExclusiveStartShardId: start, StreamCreationTimestamp: created, ShardFilter: filter } = input;
  // Clients write times in whole seconds, or with their milliseconds.
  if (created !== undefined && wholeSeconds(created.getTime()) !== wholeSeconds(stream.state.createdAtMs)) {
    throw new ServiceError(
      'ResourceNotFoundException',
      `Stream ${stream.name} under account ${stream.account} not found.`,
    );
  }
  const starts = [start, filter?.Type === 'AFTER_SHARD_ID' ? filter.ShardId : undefined];
  const indexes = starts.filter((id) => id !== undefined).map((id) => shardIndex(stream, id));
  return { stream, after: Math.max(-1, ...indexes), filter: shardFilter(filter) };
}

function placeOfToken(input: ListShardsInput, token: string, { accounts, now }: Call): ListPlace {
  const alone = NOT_WITH_TOKEN.find((member) => input[member] !== undefined);
  if (alone !== undefined) {
    throw new ServiceError('InvalidArgumentException', `NextToken and ${alone} cannot be provided together.`);
  }
  const [arn = '', id = '', after, typeText, atMs] = readPageToken(TOKEN, token, now);
  const type = FILTER_TYPES.find((known) => known === typeText);
  if (type === undefined || !Number.isFinite(Number(after)) || !Number.isFinite(Number(atMs))) {
    throw new ServiceError('InvalidArgumentException', 'NextToken is invalid.');
  }
  return { stream: accounts.sameStream(arn, id, now), after: Number(after), filter: { type, atMs: Number(atMs) } };
}

function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1000);
}
