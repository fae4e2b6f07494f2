import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  type KinesisClient,
  PutRecordCommand,
  PutRecordsCommand,
} from '@aws-sdk/client-kinesis';
import { describe, expect, test } from 'vitest';
import { clientOf, emulatorFor, TestClock } from './support.js';

const RATE_EXCEEDED = {
  name: 'ProvisionedThroughputExceededException',
  message: 'Rate exceeded for shard shardId-000000000000 in stream s under account 000000000000.',
};

const FROM_START = { StreamName: 's', ShardId: 'shardId-000000000000', ShardIteratorType: 'TRIM_HORIZON' } as const;

async function start(limits = true) {
  const clock = new TestClock();
  const emulator = await emulatorFor({ now: clock.now, limits, streams: [{ name: 's', shards: 1 }] });
  return { clock, client: clientOf(emulator) };
}

async function putMany(client: KinesisClient, count: number, size: number) {
  const Records = Array.from({ length: count }, () => ({ PartitionKey: 'k', Data: Buffer.alloc(size) }));
  return client.send(new PutRecordsCommand({ StreamName: 's', Records }));
}

const putOne = (client: KinesisClient, size: number) =>
  client.send(new PutRecordCommand({ StreamName: 's', PartitionKey: 'k', Data: Buffer.alloc(size) }));

describe('writes', () => {
  test('of more than 1,000 records in a second fail only for the records over the limit', async () => {
    const { client, clock } = await start();
    expect((await putMany(client, 500, 1)).FailedRecordCount).toBe(0);
    expect((await putMany(client, 499, 1)).FailedRecordCount).toBe(0);
    const { FailedRecordCount, Records = [] } = await putMany(client, 3, 1);
    expect(FailedRecordCount).toBe(2);
    expect(Records[0]).toMatchObject({ ShardId: 'shardId-000000000000', SequenceNumber: expect.any(String) });
    expect(Records[1]).toEqual({ ErrorCode: RATE_EXCEEDED.name, ErrorMessage: RATE_EXCEEDED.message });
    expect(Records[2]).toEqual(Records[1]);
    await expect(putOne(client, 1)).rejects.toMatchObject(RATE_EXCEEDED);
    clock.advance(10);
    expect((await putMany(client, 12, 1)).FailedRecordCount).toBe(2);
    clock.advance(3_600_000);
    for (const failed of [0, 0, 500]) expect((await putMany(client, 500, 1)).FailedRecordCount).toBe(failed);
  });

  test('of more than 1 MiB in a second, keys included, fail', async () => {
    const { client, clock } = await start();
    expect((await putMany(client, 8, 128 * 1024 - 1)).FailedRecordCount).toBe(0);
    await expect(putOne(client, 0)).rejects.toMatchObject(RATE_EXCEEDED);
    clock.advance(500);
    await putOne(client, 512 * 1024 - 1);
    await expect(putOne(client, 1024)).rejects.toMatchObject(RATE_EXCEEDED);
  });

  test('that failed leave nothing in the stream', async () => {
    const { client } = await start();
    await putMany(client, 500, 1);
    await putMany(client, 500, 1);
    await putMany(client, 500, 1);
    const { ShardIterator } = await client.send(new GetShardIteratorCommand(FROM_START));
    expect((await client.send(new GetRecordsCommand({ ShardIterator }))).Records).toHaveLength(1000);
  });
});

describe('reads', () => {
  async function reader(client: KinesisClient) {
    const { ShardIterator } = await client.send(new GetShardIteratorCommand(FROM_START));
    return () => client.send(new GetRecordsCommand({ ShardIterator }));
  }

  test('beyond five in a second fail', async () => {
    const { client, clock } = await start();
    const read = await reader(client);
    for (let i = 0; i < 5; i++) await read();
    await expect(read()).rejects.toMatchObject(RATE_EXCEEDED);
    clock.advance(200);
    await read();
    await expect(read()).rejects.toMatchObject(RATE_EXCEEDED);
  });

  test('of 10 MiB succeed, and throttle the shard for the next five seconds', async () => {
    const { client, clock } = await start();
    const read = await reader(client);
    for (let i = 0; i < 10; i++) {
      await putOne(client, 1024 * 1024 - 1);
      clock.advance(1000);
    }
    expect((await read()).Records).toHaveLength(10);
    clock.advance(5000);
    await expect(read()).rejects.toMatchObject(RATE_EXCEEDED);
    clock.advance(1);
    await read();
  });
});

test('with limits off no write or read fails', async () => {
  const { client } = await start(false);
  for (let i = 0; i < 6; i++) expect((await putMany(client, 500, 1000)).FailedRecordCount).toBe(0);
  const { ShardIterator } = await client.send(new GetShardIteratorCommand(FROM_START));
  for (let i = 0; i < 10; i++) await client.send(new GetRecordsCommand({ ShardIterator, Limit: 100 }));
});
