import { invalidArgument } from '../protocol/service-error.js';
import { type Input, structure } from '../protocol/shape.js';
import { NEXT_TOKEN, PAGE_LIMIT, SHARD_ID, STREAM_REFERENCE, TIMESTAMP } from '../protocol/shapes.js';
import type { Stream } from '../store/stream.js';
import { describeShard } from './descriptions.js';
import { requireCreatedAt, shardIndex } from './not-found.js';
import { type Call, operation } from './operation.js';
import { readPageToken, writePageToken } from './page-token.js';
import { SHARD_FILTER, type ShardFilter, shardFilter, shardsOf } from './shard-filter.js';

const INPUT = structure({
  ...STREAM_REFERENCE,
  NextToken: NEXT_TOKEN,
  ExclusiveStartShardId: SHARD_ID,
  MaxResults: PAGE_LIMIT,
  StreamCreationTimestamp: TIMESTAMP,
  ShardFilter: SHARD_FILTER,
});

type ListShardsInput = Input<typeof INPUT>;

/** The start of a list, and its filter. */
interface ListStart {
  readonly stream: Stream;
  /** The list begins after the shard with this index. */
  readonly after: number;
  readonly filter: ShardFilter;
}

/** Shards in one response, whatever the request's MaxResults. */
const SHARDS_MAX = 1000;
const TOKEN = 'list-shards';
const FILTER_TYPES = SHARD_FILTER.members.Type.values ?? [];
/** Members that a request with a NextToken must not have. */
const NOT_WITH_TOKEN = [
  'StreamName',
  'StreamARN',
  'StreamId',
  'ExclusiveStartShardId',
  'StreamCreationTimestamp',
  'ShardFilter',
] as const;

export const listShards = operation({
  input: INPUT,
  emulated: 'all filters; tokens expire after 5 min',
  run: (input, call) => {
    const { stream, after, filter } = startOf(input, call);
    const rest = shardsOf(stream, filter, call.now).filter(({ index }) => index > after);
    const page = rest.slice(0, Math.min(input.MaxResults ?? SHARDS_MAX, SHARDS_MAX));
    const fields = () => [stream.arn, stream.id, String(page.at(-1)!.index), filter.type, String(filter.atMs)];
    return {
      Shards: page.map(describeShard),
      NextToken: page.length < rest.length ? writePageToken(TOKEN, fields(), call.now) : undefined,
    };
  },
});

function startOf(input: ListShardsInput, call: Call): ListStart {
  if (input.NextToken !== undefined) return startOfToken(input, input.NextToken, call);
  const { accounts, caller, now } = call;
  const stream = accounts.stream(caller, input, now);
  const { ExclusiveStartShardId: start, StreamCreationTimestamp: created, ShardFilter: filter } = input;
  requireCreatedAt(stream, created);
  const starts = [start, filter?.Type === 'AFTER_SHARD_ID' ? filter.ShardId : undefined];
  const indexes = starts.filter((id) => id !== undefined).map((id) => shardIndex(stream, id));
  return { stream, after: Math.max(-1, ...indexes), filter: shardFilter(filter) };
}

function startOfToken(input: ListShardsInput, token: string, { accounts, now }: Call): ListStart {
  const alone = NOT_WITH_TOKEN.find((member) => input[member] !== undefined);
  if (alone !== undefined) {
    throw invalidArgument(`NextToken and ${alone} cannot be provided together.`);
  }
  const [arn = '', id = '', after, typeText, atMs] = readPageToken(TOKEN, token, now);
  const type = FILTER_TYPES.find((known) => known === typeText);
  if (type === undefined || !Number.isFinite(Number(after)) || !Number.isFinite(Number(atMs))) {
    throw invalidArgument('NextToken is invalid.');
  }
  return { stream: accounts.sameStream(arn, id, now), after: Number(after), filter: { type, atMs: Number(atMs) } };
}
