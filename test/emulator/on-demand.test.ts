import { statSync } from 'node:fs';
import { join } from 'node:path';
import {
  CreateStreamCommand,
  type KinesisClient,
  ListShardsCommand,
  PutRecordsCommand,
  type Shard,
} from '@aws-sdk/client-kinesis';
import { describe, expect, test } from 'vitest';
import type { EmulatorOptions } from '../../src/emulator/index.js';
import { streamFolder, temporaryFolder } from './disk/support.js';
import { clientOf, emulatorFor, TestClock } from './support.js';

const D = { StreamName: 'd' } as const;
const MIB = 1024 * 1024;
const UNLIMITED = { shardWriteRecordsPerSecond: 'off', shardWriteBytesPerSecond: 'off' } as const;
const DAY_MS = 24 * 3_600_000;

async function start(options: EmulatorOptions = {}) {
  const clock = new TestClock();
  const client = clientOf(await emulatorFor({ now: clock.now, limits: false, ...options }));
  await client.send(new CreateStreamCommand({ ...D, StreamModeDetails: { StreamMode: 'ON_DEMAND' } }));
  return { client, clock };
}

/** Puts records with hash key 0, which go to the first shard or, once it is split, to its first child. */
async function putMany(client: KinesisClient, count: number, bytes: number): Promise<(string | undefined)[]> {
  const record = { PartitionKey: 'k', ExplicitHashKey: '0', Data: Buffer.alloc(bytes - 1) };
  const Records = Array.from({ length: count }, () => record);
  const response = await client.send(new PutRecordsCommand({ ...D, Records }));
  expect(response.FailedRecordCount).toBe(0);
  return response.Records!.map(({ ShardId }) => ShardId);
}

async function open(client: KinesisClient): Promise<Shard[]> {
  return (await client.send(new ListShardsCommand({ ...D, ShardFilter: { Type: 'AT_LATEST' } }))).Shards!;
}

describe('an on-demand stream', () => {
  test('splits a shard that takes half of its capacity in a minute, but not during a request', async () => {
    const { client } = await start();
    for (let i = 0; i < 5; i++) await putMany(client, 5, MIB);
    await putMany(client, 4, MIB);
    expect(await open(client)).toHaveLength(4);
    expect(new Set(await putMany(client, 6, MIB))).toEqual(new Set(['shardId-000000000000']));
    const shards = await open(client);
    expect(shards).toHaveLength(5);
    expect(shards.filter(({ ParentShardId }) => ParentShardId === 'shardId-000000000000')).toHaveLength(2);
    expect(new Set(await putMany(client, 1, 10))).toEqual(new Set(['shardId-000000000004']));
  });

  test('also splits by number of records, counted for each minute separately', { tags: 'long' }, async () => {
    const { client, clock } = await start();
    for (let i = 0; i < 59; i++) await putMany(client, 500, 1);
    clock.advance(60_000);
    for (let i = 0; i < 59; i++) await putMany(client, 500, 1);
    expect(await open(client)).toHaveLength(4);
    await putMany(client, 500, 1);
    expect(await open(client)).toHaveLength(5);
  });

  test('merges neighbours with little traffic for 30 days, down to four shards', async () => {
    const { client, clock } = await start();
    for (let i = 0; i < 6; i++) await putMany(client, 5, MIB);
    clock.advance(1000);
    for (let i = 0; i < 6; i++) await putMany(client, 5, MIB);
    expect(await open(client)).toHaveLength(6);
    clock.advance(30 * DAY_MS - 1001);
    expect(await open(client)).toHaveLength(6);
    clock.advance(1000);
    expect(await open(client)).toHaveLength(5);
    clock.advance(1000);
    expect(await open(client)).toHaveLength(4);
    clock.advance(100 * DAY_MS);
    expect(await open(client)).toHaveLength(4);
  });

  test('that cannot split does not save its state at each request', async () => {
    const dataDir = temporaryFolder();
    const { client } = await start({ dataDir, limits: { ...UNLIMITED, shardsPerStream: 4 } });
    for (let i = 0; i < 7; i++) await putMany(client, 5, MIB);
    const writtenAt = () => statSync(join(streamFolder(dataDir), 'stream.json'), { bigint: true }).mtimeNs;
    const before = writtenAt();
    for (let i = 0; i < 3; i++) await putMany(client, 1, 10);
    expect(await open(client)).toHaveLength(4);
    expect(writtenAt()).toBe(before);
  });

  test('keeps its shards if scaling is switched off', async () => {
    const { client } = await start({ onDemandScaling: false });
    for (let i = 0; i < 7; i++) await putMany(client, 5, MIB);
    expect(await open(client)).toHaveLength(4);
  });
});
