import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  DisableEnhancedMonitoringCommand,
  EnableEnhancedMonitoringCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  PutRecordCommand,
  PutRecordsCommand,
  StartStreamEncryptionCommand,
  StopStreamEncryptionCommand,
  UpdateMaxRecordSizeCommand,
} from '@aws-sdk/client-kinesis';
import { describe, expect, test } from 'vitest';
import { clientOf, emulatorFor, TestClock } from './support.js';

const StreamARN = 'arn:aws:kinesis:us-east-1:000000000000:stream/s';
const StreamName = 's';
const NOT_ACTIVE = {
  name: 'ResourceInUseException',
  message: 'Stream s under account 000000000000 not ACTIVE, instead in state UPDATING',
};

async function start(updateDelayMs = 0, limits = false) {
  const clock = new TestClock();
  const emulator = await emulatorFor({ now: clock.now, limits, updateDelayMs, streams: [{ name: 's', shards: 1 }] });
  const client = clientOf(emulator);
  const summary = async () =>
    (await client.send(new DescribeStreamSummaryCommand({ StreamName }))).StreamDescriptionSummary;
  return { client, clock, summary };
}

describe('enhanced monitoring', () => {
  test('is enabled and disabled for single metrics, or for all', async () => {
    const { client, summary } = await start();
    const enabled = await client.send(
      new EnableEnhancedMonitoringCommand({ StreamName, ShardLevelMetrics: ['IncomingBytes', 'OutgoingBytes'] }),
    );
    expect(enabled).toMatchObject({
      StreamName,
      StreamARN,
      CurrentShardLevelMetrics: [],
      DesiredShardLevelMetrics: ['IncomingBytes', 'OutgoingBytes'],
    });
    const disabled = await client.send(
      new DisableEnhancedMonitoringCommand({ StreamARN, ShardLevelMetrics: ['IncomingBytes', 'IncomingRecords'] }),
    );
    expect(disabled).toMatchObject({ DesiredShardLevelMetrics: ['OutgoingBytes'] });
    expect((await summary())?.EnhancedMonitoring).toEqual([{ ShardLevelMetrics: ['OutgoingBytes'] }]);
    await client.send(new EnableEnhancedMonitoringCommand({ StreamName, ShardLevelMetrics: ['ALL'] }));
    const metrics = (await summary())?.EnhancedMonitoring?.[0]?.ShardLevelMetrics;
    expect(metrics).toHaveLength(7);
    expect(metrics).not.toContain('ALL');
    await client.send(new DisableEnhancedMonitoringCommand({ StreamName, ShardLevelMetrics: ['ALL'] }));
    expect((await summary())?.EnhancedMonitoring).toEqual([{ ShardLevelMetrics: [] }]);
  });

  test('makes the stream UPDATING for a while, in which it cannot be changed again', async () => {
    const { client, clock, summary } = await start(1000);
    const enable = () => client.send(new EnableEnhancedMonitoringCommand({ StreamName, ShardLevelMetrics: ['ALL'] }));
    await enable();
    expect(await summary()).toMatchObject({
      StreamStatus: 'UPDATING',
      EnhancedMonitoring: [{ ShardLevelMetrics: [] }],
    });
    await expect(enable()).rejects.toMatchObject(NOT_ACTIVE);
    clock.advance(1000);
    expect(await summary()).toMatchObject({ StreamStatus: 'ACTIVE' });
  });
});

describe('encryption', () => {
  const start_ = (KeyId = 'alias/aws/kinesis') =>
    new StartStreamEncryptionCommand({ StreamName, EncryptionType: 'KMS', KeyId });
  const stop = () => new StopStreamEncryptionCommand({ StreamARN, EncryptionType: 'KMS', KeyId: 'alias/aws/kinesis' });
  const put = (data: string) => new PutRecordCommand({ StreamName, PartitionKey: 'k', Data: Buffer.from(data) });

  test('is reported in descriptions, in responses to writes, and with the records written under it', async () => {
    const { client, clock, summary } = await start(1000);
    expect((await client.send(put('plain'))).EncryptionType).toBeUndefined();
    await client.send(start_());
    expect(await summary()).toMatchObject({ StreamStatus: 'UPDATING', EncryptionType: 'NONE' });
    expect((await client.send(put('still plain'))).EncryptionType).toBeUndefined();
    clock.advance(1000);
    expect(await summary()).toMatchObject({ EncryptionType: 'KMS', KeyId: 'alias/aws/kinesis' });
    expect((await client.send(put('secret'))).EncryptionType).toBe('KMS');
    const Records = [{ PartitionKey: 'k', Data: Buffer.from('secret, too') }];
    expect((await client.send(new PutRecordsCommand({ StreamName, Records }))).EncryptionType).toBe('KMS');
    await client.send(stop());
    clock.advance(1000);
    expect(await summary()).toMatchObject({ EncryptionType: 'NONE' });
    expect((await summary())?.KeyId).toBeUndefined();
    expect((await client.send(put('plain again'))).EncryptionType).toBeUndefined();
    const input = { StreamName, ShardId: 'shardId-000000000000', ShardIteratorType: 'TRIM_HORIZON' } as const;
    const { ShardIterator } = await client.send(new GetShardIteratorCommand(input));
    const read = await client.send(new GetRecordsCommand({ ShardIterator }));
    expect(read.Records?.map(({ Data, EncryptionType }) => [Buffer.from(Data!).toString(), EncryptionType])).toEqual([
      ['plain', undefined],
      ['still plain', undefined],
      ['secret', 'KMS'],
      ['secret, too', 'KMS'],
      ['plain again', undefined],
    ]);
  });

  test.each([
    'alias/mine',
    '12345678-1234-1234-1234-123456789012',
    'arn:aws:kms:us-east-1:123456789012:key/12345678-1234-1234-1234-123456789012',
    'arn:aws:kms:us-east-1:123456789012:alias/MyAliasName',
    'mrk-1234abcd12ab34cd56ef1234567890ab',
  ])('accepts the key %s', async (key) => {
    const { client, summary } = await start();
    await client.send(start_(key));
    expect((await summary())?.KeyId).toBe(key);
  });

  test('refuses an invalid key, an invalid type, and too many changes', async () => {
    const { client, clock } = await start(0, true);
    await expect(client.send(start_('mine'))).rejects.toMatchObject({ name: 'KMSNotFoundException' });
    const none = { StreamName, EncryptionType: 'NONE', KeyId: 'alias/aws/kinesis' } as const;
    await expect(client.send(new StartStreamEncryptionCommand(none))).rejects.toMatchObject({
      name: 'InvalidArgumentException',
    });
    for (let i = 0; i < 25; i++) await client.send(start_(`alias/key${i}`));
    await expect(client.send(start_())).rejects.toMatchObject({ name: 'LimitExceededException' });
    await client.send(stop());
    clock.advance(24 * 3_600_000);
    await client.send(start_());
  });
});

test('the maximum record size can be raised and lowered, and applies to writes', async () => {
  const { client, clock, summary } = await start(1000);
  const resize = (MaxRecordSizeInKiB: number) =>
    client.send(new UpdateMaxRecordSizeCommand({ StreamARN, MaxRecordSizeInKiB }));
  const put = () =>
    client.send(new PutRecordCommand({ StreamName, PartitionKey: 'k', Data: Buffer.alloc(2 * 1024 * 1024) }));
  await expect(put()).rejects.toMatchObject({ name: 'ValidationException' });
  await resize(10_240);
  expect((await summary())?.MaxRecordSizeInKiB).toBe(1024);
  await expect(resize(1024)).rejects.toMatchObject(NOT_ACTIVE);
  clock.advance(1000);
  expect((await summary())?.MaxRecordSizeInKiB).toBe(10_240);
  await put();
  await expect(resize(10_241)).rejects.toThrow(
    "1 validation error detected: Value '10241' at 'maxRecordSizeInKiB' failed to satisfy constraint: " +
      'Member must have value less than or equal to 10240',
  );
});

test('a stream cannot be changed while it is CREATING', async () => {
  const clock = new TestClock();
  const emulator = await emulatorFor({ now: clock.now, createDelayMs: 1000 });
  const client = clientOf(emulator);
  await client.send(new CreateStreamCommand({ StreamName, ShardCount: 1 }));
  await expect(client.send(new UpdateMaxRecordSizeCommand({ StreamARN, MaxRecordSizeInKiB: 2048 }))).rejects.toThrow(
    'not ACTIVE, instead in state CREATING',
  );
});
