import { readdirSync } from 'node:fs';
import {
  CreateStreamCommand,
  DeleteStreamCommand,
  DescribeStreamCommand,
  DescribeStreamSummaryCommand,
  ListShardsCommand,
  ListStreamsCommand,
  PutRecordCommand,
} from '@aws-sdk/client-kinesis';
import { describe, expect, test } from 'vitest';
import { folder } from '../support/kload.js';
import { call, clientOf, emulatorFor, TestClock } from './support.js';

describe('a stream', () => {
  test('is described as the service describes one', async () => {
    const clock = new TestClock();
    const client = clientOf(await emulatorFor({ now: clock.now }));
    await client.send(new CreateStreamCommand({ StreamName: 'orders', ShardCount: 1 }));
    const { StreamDescription } = await client.send(new DescribeStreamCommand({ StreamName: 'orders' }));
    expect(StreamDescription).toEqual({
      StreamName: 'orders',
      StreamARN: 'arn:aws:kinesis:us-east-1:000000000000:stream/orders',
      StreamStatus: 'ACTIVE',
      StreamModeDetails: { StreamMode: 'PROVISIONED' },
      StreamCreationTimestamp: new Date(clock.ms),
      RetentionPeriodHours: 24,
      EnhancedMonitoring: [{ ShardLevelMetrics: [] }],
      EncryptionType: 'NONE',
      HasMoreShards: false,
      Shards: [
        {
          ShardId: 'shardId-000000000000',
          HashKeyRange: { StartingHashKey: '0', EndingHashKey: '340282366920938463463374607431768211455' },
          SequenceNumberRange: { StartingSequenceNumber: expect.stringMatching(/^\d{56}$/) },
        },
      ],
    });
  });

  test('can be named by name, ARN or id', async () => {
    using dir = folder();
    const emulator = await emulatorFor({ dataDir: dir.path('data'), streams: [{ name: 's', shards: 3 }] });
    const client = clientOf(emulator);
    const describe = async (stream: { StreamName?: string; StreamARN?: string }) =>
      (await client.send(new DescribeStreamSummaryCommand(stream))).StreamDescriptionSummary;
    const summary = await describe({ StreamName: 's' });
    expect(summary).toMatchObject({ OpenShardCount: 3, MaxRecordSizeInKiB: 1024, ConsumerCount: 0 });
    // KCL 3.4 and later would send the StreamId that they find here, for which their SDK uses another endpoint.
    expect(summary).not.toHaveProperty('StreamId');
    expect(await describe({ StreamARN: summary!.StreamARN! })).toEqual(summary);
    // Sent without the SDK, which uses another endpoint for requests with an id. The id names the stream's folder.
    const [StreamId] = readdirSync(dir.path('data/streams'));
    const byId = await call(emulator, 'DescribeStreamSummary', { StreamId });
    expect(JSON.parse(byId.body).StreamDescriptionSummary).toMatchObject({ StreamName: 's', OpenShardCount: 3 });
    expect(byId.body).not.toContain('StreamId');
    expect(await describe({ StreamName: 's', StreamARN: summary!.StreamARN! })).toEqual(summary);
    await expect(describe({})).rejects.toMatchObject({ name: 'InvalidArgumentException' });
    await expect(describe({ StreamName: 'other', StreamARN: summary!.StreamARN! })).rejects.toMatchObject({
      name: 'InvalidArgumentException',
    });
  });

  test('has four shards when its mode is ON_DEMAND', async () => {
    const client = clientOf(await emulatorFor());
    const StreamModeDetails = { StreamMode: 'ON_DEMAND' } as const;
    await client.send(new CreateStreamCommand({ StreamName: 's', StreamModeDetails, MaxRecordSizeInKiB: 10_240 }));
    const { StreamDescriptionSummary } = await client.send(new DescribeStreamSummaryCommand({ StreamName: 's' }));
    expect(StreamDescriptionSummary).toMatchObject({
      OpenShardCount: 4,
      StreamModeDetails,
      MaxRecordSizeInKiB: 10_240,
    });
    await expect(
      client.send(new CreateStreamCommand({ StreamName: 't', StreamModeDetails, ShardCount: 2 })),
    ).rejects.toMatchObject({ name: 'ValidationException' });
  });

  test.each([
    ['nothing', {}],
    ['its mode alone', { StreamModeDetails: { StreamMode: 'PROVISIONED' } } as const],
  ])('has four shards when its creator says %s about them', async (_, more) => {
    const client = clientOf(await emulatorFor());
    await client.send(new CreateStreamCommand({ StreamName: 's', ...more }));
    const { StreamDescriptionSummary } = await client.send(new DescribeStreamSummaryCommand({ StreamName: 's' }));
    expect(StreamDescriptionSummary).toMatchObject({
      OpenShardCount: 4,
      StreamModeDetails: { StreamMode: 'PROVISIONED' },
    });
  });

  test('that exists cannot be created again', async () => {
    const client = clientOf(await emulatorFor({ streams: [{ name: 's', shards: 1 }] }));
    await expect(client.send(new CreateStreamCommand({ StreamName: 's', ShardCount: 1 }))).rejects.toMatchObject({
      name: 'ResourceInUseException',
      message: 'Stream s under account 000000000000 already exists.',
    });
  });

  test('beyond the account’s limit of shards is refused', async () => {
    const client = clientOf(await emulatorFor());
    await expect(
      client.send(new CreateStreamCommand({ StreamName: 's', ShardCount: 1_000_000_000 })),
    ).rejects.toMatchObject({
      name: 'LimitExceededException',
      message:
        'This request would exceed the shard limit for the account 000000000000 in us-east-1. ' +
        'Current shard count for the account: 0. Limit: 20000. ' +
        'Number of additional shards that would have resulted from this request: 1000000000. ' +
        'Refer to the AWS Service Limits page (http://docs.aws.amazon.com/general/latest/gr/aws_service_limits.html) ' +
        'for current limits and how to request higher limits.',
    });
  });

  test('is CREATING for the create delay, without shards, and takes no records until then', async () => {
    const clock = new TestClock();
    const client = clientOf(await emulatorFor({ now: clock.now, createDelayMs: 500 }));
    await client.send(new CreateStreamCommand({ StreamName: 's', ShardCount: 2 }));
    const describe = async () =>
      (await client.send(new DescribeStreamSummaryCommand({ StreamName: 's' }))).StreamDescriptionSummary;
    const put = () => client.send(new PutRecordCommand({ StreamName: 's', PartitionKey: 'k', Data: Buffer.of(1) }));
    clock.advance(499);
    expect(await describe()).toMatchObject({ StreamStatus: 'CREATING', OpenShardCount: 0 });
    expect((await client.send(new ListShardsCommand({ StreamName: 's' }))).Shards).toEqual([]);
    await expect(put()).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Stream s under account 000000000000 not found.',
    });
    clock.advance(1);
    expect(await describe()).toMatchObject({ StreamStatus: 'ACTIVE', OpenShardCount: 2 });
    await put();
  });

  test('is gone after it was deleted', async () => {
    const client = clientOf(await emulatorFor({ streams: [{ name: 's', shards: 1 }] }));
    await client.send(new DeleteStreamCommand({ StreamName: 's' }));
    await expect(client.send(new DescribeStreamCommand({ StreamName: 's' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Stream s under account 000000000000 not found.',
    });
  });

  test('belongs to one account and region', async () => {
    const emulator = await emulatorFor({ streams: [{ name: 's', shards: 1 }] });
    const names = async (account: string, region: string) =>
      (await clientOf(emulator, account, region).send(new ListStreamsCommand({}))).StreamNames;
    const other = clientOf(emulator, '123456789012', 'eu-west-1');
    await other.send(new CreateStreamCommand({ StreamName: 'mine', ShardCount: 1 }));
    const { StreamDescriptionSummary } = await other.send(new DescribeStreamSummaryCommand({ StreamName: 'mine' }));
    expect(StreamDescriptionSummary?.StreamARN).toBe('arn:aws:kinesis:eu-west-1:123456789012:stream/mine');
    expect(await names('test', 'us-east-1')).toEqual(['s']);
    expect(await names('test', 'eu-west-1')).toEqual([]);
    expect(await names('123456789012', 'eu-west-1')).toEqual(['mine']);
    expect(await names('123456789012', 'us-east-1')).toEqual([]);
  });
});

describe('lists', () => {
  test('of streams come in pages, sorted by name', async () => {
    const names = Array.from({ length: 120 }, (_, i) => `stream-${String(i).padStart(3, '0')}`);
    const streams = names.toReversed().map((name) => ({ name, shards: 1 }));
    const client = clientOf(await emulatorFor({ streams }));
    const first = await client.send(new ListStreamsCommand({}));
    expect(first.StreamNames).toEqual(names.slice(0, 100));
    expect(first.StreamSummaries).toHaveLength(100);
    expect(first.HasMoreStreams).toBe(true);
    const second = await client.send(new ListStreamsCommand({ NextToken: first.NextToken! }));
    expect(second.StreamNames).toEqual(names.slice(100));
    expect(second.HasMoreStreams).toBe(false);
    expect(second.NextToken).toBeUndefined();
    const after = await client.send(new ListStreamsCommand({ ExclusiveStartStreamName: 'stream-050', Limit: 2 }));
    expect(after.StreamNames).toEqual(['stream-051', 'stream-052']);
  });

  test('of shards come in pages, whose tokens are valid for 300 s', async () => {
    const clock = new TestClock();
    const client = clientOf(await emulatorFor({ now: clock.now, streams: [{ name: 's', shards: 1500 }] }));
    const first = await client.send(new ListShardsCommand({ StreamName: 's' }));
    expect(first.Shards).toHaveLength(1000);
    clock.advance(300_000);
    const second = await client.send(new ListShardsCommand({ NextToken: first.NextToken!, MaxResults: 2 }));
    expect(second.Shards?.map(({ ShardId }) => ShardId)).toEqual(['shardId-000000001000', 'shardId-000000001001']);
    clock.advance(1);
    await expect(client.send(new ListShardsCommand({ NextToken: first.NextToken! }))).rejects.toMatchObject({
      name: 'ExpiredNextTokenException',
    });
    await expect(
      client.send(new ListShardsCommand({ NextToken: second.NextToken!, StreamName: 's' })),
    ).rejects.toMatchObject({ name: 'InvalidArgumentException' });
    await expect(client.send(new ListShardsCommand({ NextToken: 'nonsense' }))).rejects.toMatchObject({
      name: 'InvalidArgumentException',
    });
  });

  test('of shards start after a given one', async () => {
    const client = clientOf(await emulatorFor({ streams: [{ name: 's', shards: 4 }] }));
    const ids = ['shardId-000000000002', 'shardId-000000000003'];
    const start = 'shardId-000000000001';
    const ShardFilter = { Type: 'AFTER_SHARD_ID', ShardId: start } as const;
    const byStart = await client.send(new ListShardsCommand({ StreamName: 's', ExclusiveStartShardId: start }));
    const byFilter = await client.send(new ListShardsCommand({ StreamName: 's', ShardFilter }));
    const described = await client.send(new DescribeStreamCommand({ StreamName: 's', ExclusiveStartShardId: start }));
    expect(byStart.Shards?.map(({ ShardId }) => ShardId)).toEqual(ids);
    expect(byFilter.Shards?.map(({ ShardId }) => ShardId)).toEqual(ids);
    expect(described.StreamDescription?.Shards?.map(({ ShardId }) => ShardId)).toEqual(ids);
    const all = await client.send(new ListShardsCommand({ StreamName: 's', ShardFilter: { Type: 'AT_LATEST' } }));
    expect(all.Shards).toHaveLength(4);
  });

  test('of a described stream’s shards come in pages of at most 100', async () => {
    const client = clientOf(await emulatorFor({ streams: [{ name: 's', shards: 101 }] }));
    const { StreamDescription } = await client.send(new DescribeStreamCommand({ StreamName: 's', Limit: 1000 }));
    expect(StreamDescription).toMatchObject({ HasMoreShards: true });
    expect(StreamDescription?.Shards).toHaveLength(100);
  });
});
