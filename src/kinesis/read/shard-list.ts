import type { ListShardsCommandInput, ListShardsCommandOutput, Shard } from '@aws-sdk/client-kinesis';
import { KloadError } from '../../core/errors.js';
import type { ShardRange } from '../../core/shard.js';
import type { KinesisConnection } from '../client/client.js';
import { endpointCheck, endpointLabel } from '../errors/target-error.js';

/** The service's pages hold up to 1,000 shards each. The largest streams have about ten thousand. */
const PAGES_MAX = 1_000;
const HASH_KEYS_END = 2n ** 128n;

export type ListedByService = Shard & { readonly ShardId: string };

/**
 * Reads all pages of ListShards.
 *
 * @param list fetches one page
 * @throws KloadError if the pages never end or contain anything but shards, and whatever `list` throws
 */
export async function listAllShards(
  connection: KinesisConnection,
  filter: Pick<ListShardsCommandInput, 'ShardFilter'>,
  list: (input: ListShardsCommandInput) => Promise<ListShardsCommandOutput>,
): Promise<ListedByService[]> {
  const malformed = (what: string) => malformedError(what, connection);
  const listed: ListedByService[] = [];
  let input: ListShardsCommandInput = { ...connection.stream, ...filter };
  for (let pages = 1; pages <= PAGES_MAX; pages++) {
    const { Shards: shards, NextToken: token } = await list(input);
    if (!Array.isArray(shards ?? [])) throw malformed('sent a list of shards that is not a list');
    for (const shard of shards ?? []) {
      if (!isNamed(shard)) throw malformed('sent a list with a shard that has no id');
      listed.push(shard);
    }
    if (!token) return listed;
    if (token === input.NextToken) throw malformed('repeats its NextToken for ListShards: the list would never end');
    input = { NextToken: token };
  }
  throw malformed(`sent ${PAGES_MAX} pages of ListShards, with ${listed.length} shards, and the list did not end`);
}

function isNamed(shard: Shard | null): shard is ListedByService {
  return typeof shard === 'object' && shard !== null && typeof shard.ShardId === 'string' && shard.ShardId !== '';
}

/** Whether the shard still accepts records. */
export function isOpen({ SequenceNumberRange }: Shard): boolean {
  return !SequenceNumberRange?.EndingSequenceNumber;
}

/** @throws KloadError for a malformed hash key range */
export function rangeOf(shard: ListedByService, connection: KinesisConnection): ShardRange {
  const { StartingHashKey: start, EndingHashKey: end } = shard.HashKeyRange ?? {};
  const startingHashKey = hashKeyIn(start);
  const endingHashKey = hashKeyIn(end);
  if (startingHashKey === undefined || endingHashKey === undefined || startingHashKey > endingHashKey) {
    const range = `${JSON.stringify(start)} to ${JSON.stringify(end)}`;
    throw malformedError(`describes ${shard.ShardId} with a malformed hash key range, ${range}`, connection);
  }
  return { id: shard.ShardId, startingHashKey, endingHashKey };
}

/** An error for a response that no Kinesis endpoint would send. */
export function malformedError(what: string, connection: KinesisConnection): KloadError {
  const hint = `is it a Kinesis endpoint? ${endpointCheck(connection)}`;
  return new KloadError('target', `${endpointLabel(connection)} ${what}`, hint);
}

function hashKeyIn(text: unknown): bigint | undefined {
  if (typeof text !== 'string' || !/^\d{1,39}$/.test(text)) return undefined;
  const key = BigInt(text);
  return key < HASH_KEYS_END ? key : undefined;
}
