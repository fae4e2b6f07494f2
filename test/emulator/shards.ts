import {
  GetRecordsCommand,
  type GetRecordsCommandOutput,
  GetShardIteratorCommand,
  type KinesisClient,
  ListShardsCommand,
  MergeShardsCommand,
  PutRecordCommand,
  type Shard,
  type ShardIteratorType,
  SplitShardCommand,
  UpdateShardCountCommand,
} from '@aws-sdk/client-kinesis';
import type { EmulatorOptions } from '../../src/emulator/index.js';
import { clientOf, emulatorFor, TestClock } from './support.js';

/** Helpers for one stream whose shards are split, merged, counted and read. */

export const S = { StreamName: 's' } as const;
export const HALF = 2n ** 127n;
export const id = (index: number) => `shardId-${String(index).padStart(12, '0')}`;
export const isOpen = ({ SequenceNumberRange }: Shard) => SequenceNumberRange?.EndingSequenceNumber === undefined;

export async function start(shards: number, options: EmulatorOptions = {}) {
  const clock = new TestClock();
  const emulator = await emulatorFor({ now: clock.now, limits: false, streams: [{ name: 's', shards }], ...options });
  return { clock, client: clientOf(emulator) };
}

export async function shardsOf(client: KinesisClient): Promise<Shard[]> {
  return (await client.send(new ListShardsCommand(S))).Shards ?? [];
}

export const split = (client: KinesisClient, shard: number, at: bigint | string) =>
  client.send(new SplitShardCommand({ ...S, ShardToSplit: id(shard), NewStartingHashKey: String(at) }));

export const merge = (client: KinesisClient, shard: number, adjacent: number) =>
  client.send(new MergeShardsCommand({ ...S, ShardToMerge: id(shard), AdjacentShardToMerge: id(adjacent) }));

export const scale = (client: KinesisClient, TargetShardCount: number) =>
  client.send(new UpdateShardCountCommand({ ...S, TargetShardCount, ScalingType: 'UNIFORM_SCALING' }));

export const putAt = async (client: KinesisClient, hashKey: bigint, text: string) => {
  const record = { ...S, PartitionKey: 'k', ExplicitHashKey: String(hashKey), Data: Buffer.from(text) };
  return client.send(new PutRecordCommand(record));
};

export async function readFrom(
  client: KinesisClient,
  shard: number,
  ShardIteratorType: ShardIteratorType = 'TRIM_HORIZON',
) {
  const input = { ...S, ShardId: id(shard), ShardIteratorType };
  const { ShardIterator } = await client.send(new GetShardIteratorCommand(input));
  const response = await client.send(new GetRecordsCommand({ ShardIterator }));
  return { ...response, texts: (response.Records ?? []).map(({ Data }) => Buffer.from(Data!).toString()) };
}

/** Reads all pages of a closed shard, from its trim horizon unless `from` names another position. */
export async function readToEnd(client: KinesisClient, shard: number, from: object = {}, limit?: number) {
  const input = { ...S, ShardId: id(shard), ShardIteratorType: 'TRIM_HORIZON', ...from } as const;
  const { ShardIterator } = await client.send(new GetShardIteratorCommand(input));
  const pages: GetRecordsCommandOutput[] = [];
  for (let next = ShardIterator; next !== undefined; next = pages.at(-1)!.NextShardIterator) {
    pages.push(await client.send(new GetRecordsCommand({ ShardIterator: next, Limit: limit })));
  }
  const texts = pages.map(({ Records = [] }) => Records.map(({ Data }) => Buffer.from(Data!).toString()).join(''));
  return { pages, texts, end: pages.at(-1)! };
}
