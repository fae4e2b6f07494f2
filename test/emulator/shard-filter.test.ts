import {
  CreateStreamCommand,
  DeleteStreamCommand,
  DescribeStreamSummaryCommand,
  IncreaseStreamRetentionPeriodCommand,
  type KinesisClient,
  ListShardsCommand,
  type ListShardsCommandInput,
  MergeShardsCommand,
  SplitShardCommand,
} from '@aws-sdk/client-kinesis';
import { describe, expect, test } from 'vitest';
import { clientOf, emulatorFor, TestClock } from './support.js';

const S = { StreamName: 's' } as const;
const HOUR_MS = 3_600_000;
const id = (index: number) => `shardId-${String(index).padStart(12, '0')}`;

/** Splits shard 0 into 1 and 2 after one hour, and merges them into 3 after two. The third hour has begun. */
async function start() {
  const clock = new TestClock();
  const streams = [{ name: 's', shards: 1 }];
  const client = clientOf(await emulatorFor({ now: clock.now, limits: false, streams }));
  const startMs = clock.ms;
  clock.advance(HOUR_MS);
  const at = String(2n ** 127n);
  await client.send(new SplitShardCommand({ ...S, ShardToSplit: id(0), NewStartingHashKey: at }));
  clock.advance(HOUR_MS);
  await client.send(new MergeShardsCommand({ ...S, ShardToMerge: id(1), AdjacentShardToMerge: id(2) }));
  clock.advance(HOUR_MS);
  return { client, clock, startMs };
}

async function list(client: KinesisClient, input: Partial<ListShardsCommandInput>): Promise<number[]> {
  const { Shards = [] } = await client.send(new ListShardsCommand({ ...S, ...input }));
  return Shards.map(({ ShardId }) => Number(ShardId!.split('-')[1]));
}

describe('ListShards', () => {
  test('filters by when shards were open', async () => {
    const { client, startMs, clock } = await start();
    const filtered = (Type: 'AT_TIMESTAMP' | 'FROM_TIMESTAMP', ms: number) =>
      list(client, { ShardFilter: { Type, Timestamp: new Date(startMs + ms) } });
    expect(await list(client, {})).toEqual([0, 1, 2, 3]);
    expect(await list(client, { ShardFilter: { Type: 'FROM_TRIM_HORIZON' } })).toEqual([0, 1, 2, 3]);
    expect(await list(client, { ShardFilter: { Type: 'AT_TRIM_HORIZON' } })).toEqual([0]);
    expect(await list(client, { ShardFilter: { Type: 'AT_LATEST' } })).toEqual([3]);
    expect(await list(client, { ShardFilter: { Type: 'AFTER_SHARD_ID', ShardId: id(1) } })).toEqual([2, 3]);
    expect(await filtered('AT_TIMESTAMP', -HOUR_MS)).toEqual([0]);
    expect(await filtered('AT_TIMESTAMP', HOUR_MS - 1)).toEqual([0]);
    expect(await filtered('AT_TIMESTAMP', HOUR_MS)).toEqual([0, 1, 2]);
    expect(await filtered('AT_TIMESTAMP', HOUR_MS + 1)).toEqual([1, 2]);
    expect(await filtered('AT_TIMESTAMP', 3 * HOUR_MS)).toEqual([3]);
    expect(await filtered('FROM_TIMESTAMP', -HOUR_MS)).toEqual([0, 1, 2, 3]);
    expect(await filtered('FROM_TIMESTAMP', HOUR_MS + 1)).toEqual([1, 2, 3]);
    expect(await filtered('FROM_TIMESTAMP', 2 * HOUR_MS + 1)).toEqual([3]);

    // The first shard has left retention: the trim horizon is where its children start, even for earlier times.
    clock.advance(22 * HOUR_MS + 1);
    expect(await list(client, {})).toEqual([1, 2, 3]);
    expect(await list(client, { ShardFilter: { Type: 'AT_TRIM_HORIZON' } })).toEqual([1, 2]);
    expect(await filtered('AT_TIMESTAMP', 0)).toEqual([1, 2]);
    expect(await list(client, { ShardFilter: { Type: 'AFTER_SHARD_ID', ShardId: id(0) } })).toEqual([1, 2, 3]);
    clock.advance(HOUR_MS);
    expect(await list(client, { ShardFilter: { Type: 'AT_TRIM_HORIZON' } })).toEqual([3]);
  });

  test('lists closed shards until they leave retention', async () => {
    const { client, clock } = await start();
    await client.send(new IncreaseStreamRetentionPeriodCommand({ ...S, RetentionPeriodHours: 48 }));
    clock.advance(46 * HOUR_MS);
    expect(await list(client, {})).toEqual([0, 1, 2, 3]);
    clock.advance(1);
    expect(await list(client, {})).toEqual([1, 2, 3]);
  });

  test('keeps the filter from page to page', async () => {
    const { client } = await start();
    const ShardFilter = { Type: 'FROM_TRIM_HORIZON' } as const;
    const first = await client.send(new ListShardsCommand({ ...S, ShardFilter, MaxResults: 3 }));
    expect(first.Shards).toHaveLength(3);
    const second = await client.send(new ListShardsCommand({ NextToken: first.NextToken! }));
    expect(second.Shards?.map(({ ShardId }) => ShardId)).toEqual([id(3)]);
    expect(second.NextToken).toBeUndefined();
    const at = new Date(new TestClock().ms + HOUR_MS);
    const timed = { Type: 'AT_TIMESTAMP', Timestamp: at } as const;
    const one = await client.send(new ListShardsCommand({ ...S, ShardFilter: timed, MaxResults: 1 }));
    const rest = await client.send(new ListShardsCommand({ NextToken: one.NextToken! }));
    expect(rest.Shards?.map(({ ShardId }) => ShardId)).toEqual([id(1), id(2)]);
    for (const also of [{ ShardFilter }, { ExclusiveStartShardId: id(0) }, { StreamCreationTimestamp: at }, S]) {
      const input = { NextToken: first.NextToken!, ...also };
      await expect(client.send(new ListShardsCommand(input))).rejects.toMatchObject({
        name: 'InvalidArgumentException',
        message: `NextToken and ${Object.keys(also)[0]} cannot be provided together.`,
      });
    }
  });

  test('refuses incomplete filters and invalid names', async () => {
    const { client } = await start();
    const invalid = { name: 'InvalidArgumentException' };
    for (const Type of ['AFTER_SHARD_ID', 'AT_TIMESTAMP', 'FROM_TIMESTAMP'] as const) {
      await expect(list(client, { ShardFilter: { Type } })).rejects.toMatchObject(invalid);
    }
    await expect(list(client, { ExclusiveStartShardId: 'other' })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  test('distinguishes streams with the same name by their creation time', async () => {
    const { client, clock } = await start();
    const creation = async () =>
      (await client.send(new DescribeStreamSummaryCommand(S))).StreamDescriptionSummary!.StreamCreationTimestamp!;
    const StreamCreationTimestamp = await creation();
    expect(await list(client, { StreamCreationTimestamp })).toHaveLength(4);
    await client.send(new DeleteStreamCommand(S));
    clock.advance(1000);
    await client.send(new CreateStreamCommand({ ...S, ShardCount: 2 }));
    expect(await list(client, { StreamCreationTimestamp: await creation() })).toHaveLength(2);
    await expect(list(client, { StreamCreationTimestamp })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });
});

describe('a forged token', () => {
  const token = (...parts: unknown[]) => Buffer.from(JSON.stringify(['list-shards', ...parts])).toString('base64');
  const arn = 'arn:aws:kinesis:us-east-1:000000000000:stream/s';

  test.each([
    ['with an unknown filter', token(Date.now(), arn, 'id', '1', 'SOMETIMES', '0')],
    ['with an invalid position', token(Date.now(), arn, 'id', 'x', 'AT_LATEST', '0')],
    ['with an invalid time', token(1e300, arn, 'id', '1', 'AT_LATEST', '0')],
  ])('%s is refused', async (_, NextToken) => {
    const client = clientOf(await emulatorFor({ limits: false, streams: [{ name: 's', shards: 1 }] }));
    const listed = client.send(new ListShardsCommand({ NextToken }));
    await expect(listed).rejects.toMatchObject({ name: 'InvalidArgumentException', message: 'NextToken is invalid.' });
  });
});
