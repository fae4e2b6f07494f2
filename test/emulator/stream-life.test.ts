import {
  CreateStreamCommand,
  DecreaseStreamRetentionPeriodCommand,
  DeleteStreamCommand,
  DescribeStreamCommand,
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  IncreaseStreamRetentionPeriodCommand,
  type KinesisClient,
  ListStreamsCommand,
  PutRecordCommand,
  RegisterStreamConsumerCommand,
  type StreamMode,
  UpdateAccountSettingsCommand,
  UpdateStreamModeCommand,
} from '@aws-sdk/client-kinesis';
import { describe, expect, test } from 'vitest';
import type { EmulatorOptions } from '../../src/emulator/index.js';
import { clientOf, emulatorFor, TestClock } from './support.js';

const S = { StreamName: 's' } as const;
const ARN = 'arn:aws:kinesis:us-east-1:000000000000:stream/s';
const HOUR_MS = 3_600_000;

async function start(options: EmulatorOptions = {}) {
  const clock = new TestClock();
  const streams = [{ name: 's', shards: 1 }];
  const emulator = await emulatorFor({ now: clock.now, limits: false, streams, ...options });
  return { clock, emulator, client: clientOf(emulator) };
}

async function summary(client: KinesisClient) {
  return (await client.send(new DescribeStreamSummaryCommand(S))).StreamDescriptionSummary!;
}

const put = (client: KinesisClient, text: string) =>
  client.send(new PutRecordCommand({ ...S, PartitionKey: 'k', Data: Buffer.from(text) }));

async function texts(client: KinesisClient): Promise<string> {
  const position = { ...S, ShardId: 'shardId-000000000000', ShardIteratorType: 'TRIM_HORIZON' } as const;
  const { ShardIterator } = await client.send(new GetShardIteratorCommand(position));
  const { Records = [] } = await client.send(new GetRecordsCommand({ ShardIterator }));
  return Records.map(({ Data }) => Buffer.from(Data!).toString()).join('');
}

describe('a stream that is deleted', () => {
  test('is DELETING for the delete delay, and then gone', async () => {
    const { client, clock } = await start({ deleteDelayMs: 500 });
    await client.send(new DeleteStreamCommand(S));
    clock.advance(499);
    expect(await summary(client)).toMatchObject({ StreamStatus: 'DELETING' });
    expect((await client.send(new ListStreamsCommand({}))).StreamNames).toEqual(['s']);
    await put(client, 'late');
    await expect(client.send(new DeleteStreamCommand(S))).rejects.toMatchObject({
      name: 'ResourceInUseException',
      message: 'Stream s under account 000000000000 not ACTIVE, instead in state DELETING',
    });
    await expect(client.send(new CreateStreamCommand({ ...S, ShardCount: 1 }))).rejects.toMatchObject({
      name: 'ResourceInUseException',
    });
    clock.advance(1);
    await expect(summary(client)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    expect((await client.send(new ListStreamsCommand({}))).StreamNames).toEqual([]);
    await client.send(new CreateStreamCommand({ ...S, ShardCount: 1 }));
    expect(await texts(client)).toBe('');
  });

  test('must have no consumers, unless they are to be deleted as well', async () => {
    const { client } = await start();
    await client.send(new RegisterStreamConsumerCommand({ StreamARN: ARN, ConsumerName: 'c' }));
    await expect(client.send(new DeleteStreamCommand(S))).rejects.toMatchObject({
      name: 'ResourceInUseException',
      message:
        "DeleteStream can't delete 000000000000:s because there are consumers associated with this data stream. " +
        'To delete s anyway, set the EnforceConsumerDeletion parameter to true to force the deletion of all the ' +
        'consumers that are associated with it.',
    });
    await client.send(new DeleteStreamCommand({ ...S, EnforceConsumerDeletion: true }));
    await client.send(new CreateStreamCommand({ ...S, ShardCount: 1 }));
    expect(await summary(client)).toMatchObject({ ConsumerCount: 0 });
  });

  test('is one of at most five that are CREATING or DELETING at once', async () => {
    const { client, clock } = await start({ createDelayMs: 500, limits: { createStreamPerSecond: 'off' } });
    const create = (name: string) => client.send(new CreateStreamCommand({ StreamName: name, ShardCount: 1 }));
    for (const name of ['a', 'b', 'c', 'd', 'e']) await create(name);
    await expect(create('f')).rejects.toMatchObject({ name: 'LimitExceededException' });
    clock.advance(500);
    await create('f');
  });
});

describe('retention', () => {
  const increase = (client: KinesisClient, RetentionPeriodHours: number) =>
    client.send(new IncreaseStreamRetentionPeriodCommand({ ...S, RetentionPeriodHours }));
  const decrease = (client: KinesisClient, RetentionPeriodHours: number) =>
    client.send(new DecreaseStreamRetentionPeriodCommand({ ...S, RetentionPeriodHours }));

  test('that becomes longer keeps existing records, and brings none back', async () => {
    const { client, clock } = await start();
    await put(client, 'a');
    clock.advance(24 * HOUR_MS + 1);
    await put(client, 'b');
    await increase(client, 48);
    expect(await summary(client)).toMatchObject({ RetentionPeriodHours: 48, StreamStatus: 'ACTIVE' });
    expect(await texts(client)).toBe('b');
    clock.advance(48 * HOUR_MS);
    expect(await texts(client)).toBe('b');
    clock.advance(1);
    expect(await texts(client)).toBe('');
  });

  test('that becomes shorter drops older records for good', async () => {
    const { client, clock } = await start();
    await increase(client, 8760);
    await put(client, 'a');
    clock.advance(30 * HOUR_MS);
    await put(client, 'b');
    expect(await texts(client)).toBe('ab');
    await decrease(client, 24);
    expect(await texts(client)).toBe('b');
    await increase(client, 100);
    expect(await texts(client)).toBe('b');
  });

  test('is 24 to 8760 hours, increased and decreased by separate operations', async () => {
    const { client } = await start();
    const invalid = (message: string) => ({ name: 'InvalidArgumentException', message });
    await expect(decrease(client, 23)).rejects.toMatchObject(
      invalid('Minimum allowed retention period is 24 hours. Requested retention period (23 hours) is too short.'),
    );
    await expect(increase(client, 8761)).rejects.toMatchObject(
      invalid('Maximum allowed retention period is 8760 hours. Requested retention period (8761 hours) is too long.'),
    );
    await increase(client, 48);
    await increase(client, 48);
    await expect(increase(client, 47)).rejects.toMatchObject(
      invalid(
        'Requested retention period (47 hours) for stream s can not be shorter than existing retention period ' +
          '(48 hours). Use DecreaseRetentionPeriod API.',
      ),
    );
    await expect(decrease(client, 49)).rejects.toMatchObject(
      invalid(
        'Requested retention period (49 hours) for stream s can not be longer than existing retention period ' +
          '(48 hours). Use IncreaseRetentionPeriod API.',
      ),
    );
  });

  test('changes at once, while the stream is UPDATING for the update delay', async () => {
    const { client, clock } = await start({ updateDelayMs: 500 });
    await increase(client, 48);
    expect(await summary(client)).toMatchObject({ RetentionPeriodHours: 48, StreamStatus: 'UPDATING' });
    await expect(decrease(client, 24)).rejects.toMatchObject({ name: 'ResourceInUseException' });
    clock.advance(500);
    await decrease(client, 24);
  });
});

describe('a stream’s mode', () => {
  const setMode = (client: KinesisClient, StreamMode: StreamMode, WarmThroughputMiBps?: number) => {
    const warm = WarmThroughputMiBps === undefined ? {} : { WarmThroughputMiBps };
    const input = { StreamARN: ARN, StreamModeDetails: { StreamMode }, ...warm };
    return client.send(new UpdateStreamModeCommand(input));
  };

  test('switches when the stream is no longer UPDATING; on demand it has at least four shards', async () => {
    const { client, clock } = await start({ updateDelayMs: 500 });
    await setMode(client, 'ON_DEMAND');
    expect(await summary(client)).toMatchObject({
      StreamStatus: 'UPDATING',
      StreamModeDetails: { StreamMode: 'PROVISIONED' },
      OpenShardCount: 1,
    });
    clock.advance(500);
    expect(await summary(client)).toMatchObject({
      StreamStatus: 'ACTIVE',
      StreamModeDetails: { StreamMode: 'ON_DEMAND' },
      OpenShardCount: 4,
    });
    await setMode(client, 'ON_DEMAND');
    expect(await summary(client)).toMatchObject({ StreamStatus: 'ACTIVE' });
  });

  test('can be switched twice in 24 hours', async () => {
    const { client, clock } = await start({ limits: true });
    await setMode(client, 'ON_DEMAND');
    await setMode(client, 'PROVISIONED');
    expect(await summary(client)).toMatchObject({ OpenShardCount: 4 });
    await expect(setMode(client, 'ON_DEMAND')).rejects.toMatchObject({ name: 'LimitExceededException' });
    await setMode(client, 'PROVISIONED');
    clock.advance(24 * HOUR_MS);
    await setMode(client, 'ON_DEMAND');
  });

  test('can be switched to on demand with a warm throughput, which brings the shards for it', async () => {
    const { client } = await start();
    await expect(setMode(client, 'PROVISIONED', 10)).rejects.toMatchObject({ name: 'ValidationException' });
    // It needs On-demand Advantage.
    await expect(setMode(client, 'ON_DEMAND', 10)).rejects.toMatchObject({ name: 'ValidationException' });
    const MinimumThroughputBillingCommitment = { Status: 'ENABLED' } as const;
    await client.send(new UpdateAccountSettingsCommand({ MinimumThroughputBillingCommitment }));
    await setMode(client, 'ON_DEMAND', 10);
    expect(await summary(client)).toMatchObject({ OpenShardCount: 10 });
    const StreamModeDetails = { StreamMode: 'ON_DEMAND' } as const;
    const create = (StreamName: string, WarmThroughputMiBps: number) =>
      client.send(new CreateStreamCommand({ StreamName, StreamModeDetails, WarmThroughputMiBps }));
    await create('t', 6);
    const { StreamDescription } = await client.send(new DescribeStreamCommand({ StreamName: 't' }));
    expect(StreamDescription?.Shards).toHaveLength(6);
    await expect(create('u', 1_000_000)).rejects.toMatchObject({ name: 'LimitExceededException' });
  });
});

describe('an ARN', () => {
  test('names a stream of its account to all callers in its region', async () => {
    const { emulator } = await start();
    const describeFrom = async (account: string, region: string) => {
      const client = clientOf(emulator, account, region);
      return (await client.send(new DescribeStreamSummaryCommand({ StreamARN: ARN }))).StreamDescriptionSummary;
    };
    expect(await describeFrom('111111111111', 'us-east-1')).toMatchObject({ StreamARN: ARN });
    await expect(describeFrom('000000000000', 'eu-west-1')).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Stream s under account 000000000000 not found.',
    });
  });
});
