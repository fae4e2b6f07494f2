import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { EmulatorOptions } from '../../../src/emulator/index.js';
import { kload, startEmulator as startProcess } from '../../support/kload.js';
import { call, emulatorFor, TestClock } from '../support.js';
import { logFiles, streamFolder, temporaryFolder } from './support.js';

type Emulator = Awaited<ReturnType<typeof emulatorFor>>;

async function ask(emulator: Emulator, operation: string, body: unknown) {
  const response = await call(emulator, operation, body);
  expect(`${response.status} ${response.body}`).toMatch(/^200 /);
  return response.body === '' ? undefined : JSON.parse(response.body);
}

const record = (key: string) => ({ PartitionKey: key, Data: Buffer.from(`data of ${key}`).toString('base64') });

/** Sequence number and key of all records of a stream, by shard. */
async function readAll(emulator: Emulator, stream: string): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  for (const { ShardId } of (await ask(emulator, 'ListShards', { StreamName: stream })).Shards) {
    const from = { StreamName: stream, ShardId, ShardIteratorType: 'TRIM_HORIZON' };
    const { ShardIterator } = await ask(emulator, 'GetShardIterator', from);
    const { Records } = await ask(emulator, 'GetRecords', { ShardIterator });
    found[ShardId] = Records.map((r: Record<string, string>) => `${r.SequenceNumber} ${r.PartitionKey}`);
  }
  return found;
}

describe('with a data folder', () => {
  test('a restart keeps records, sequence numbers, split and merged shards, tags, consumers, iterators', async () => {
    const clock = new TestClock();
    const options: EmulatorOptions = { dataDir: temporaryFolder(), limits: false, now: clock.now };
    const first = await emulatorFor({ ...options, streams: [{ name: 's', shards: 2 }] });
    const put = (emulator: Emulator, name: string) =>
      ask(emulator, 'PutRecords', { StreamName: 's', Records: [0, 1, 2, 3, 4, 5].map((n) => record(`${name} ${n}`)) });
    await put(first, 'before');
    const at = { StreamName: 's', ShardId: 'shardId-000000000000', ShardIteratorType: 'TRIM_HORIZON' };
    const iterator = (await ask(first, 'GetShardIterator', at)).ShardIterator;
    clock.advance(1000);
    const half = String(2n ** 126n);
    await ask(first, 'SplitShard', { StreamName: 's', ShardToSplit: 'shardId-000000000000', NewStartingHashKey: half });
    clock.advance(1000);
    const [left, right] = ['shardId-000000000003', 'shardId-000000000001'];
    await ask(first, 'MergeShards', { StreamName: 's', ShardToMerge: left, AdjacentShardToMerge: right });
    await put(first, 'after');
    await ask(first, 'AddTagsToStream', { StreamName: 's', Tags: { owner: 'me' } });
    const arn = (await ask(first, 'DescribeStreamSummary', { StreamName: 's' })).StreamDescriptionSummary.StreamARN;
    await ask(first, 'RegisterStreamConsumer', { StreamARN: arn, ConsumerName: 'c' });
    await ask(first, 'CreateStream', { StreamName: 'gone', ShardCount: 1 });
    await ask(first, 'DeleteStream', { StreamName: 'gone' });
    const stateOf = async (emulator: Emulator) => ({
      records: await readAll(emulator, 's'),
      shards: await ask(emulator, 'ListShards', { StreamName: 's' }),
      summary: await ask(emulator, 'DescribeStreamSummary', { StreamName: 's' }),
      tags: await ask(emulator, 'ListTagsForStream', { StreamName: 's' }),
      consumers: await ask(emulator, 'ListStreamConsumers', { StreamARN: arn }),
      streams: await ask(emulator, 'ListStreams', {}),
    });
    const before = await stateOf(first);
    expect(before.shards.Shards).toHaveLength(5);
    expect(Object.values(before.records).flat()).toHaveLength(12);
    await first.close();

    clock.advance(1000);
    const second = await emulatorFor({ ...options, streams: [{ name: 's', shards: 7 }] });
    expect(await stateOf(second)).toEqual(before);
    const { Records } = await ask(second, 'GetRecords', { ShardIterator: iterator });
    expect(Records.map((r: Record<string, string>) => `${r.SequenceNumber} ${r.PartitionKey}`)).toEqual(
      before.records['shardId-000000000000'],
    );
    await put(second, 'again');
    const after = await readAll(second, 's');
    for (const [shard, records] of Object.entries(before.records)) {
      expect(after[shard]?.slice(0, records.length)).toEqual(records);
      const numbers = after[shard]?.map((text) => BigInt(text.split(' ')[0]!)) ?? [];
      expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => (a < b ? -1 : 1)));
    }
  });

  test('with sync always, concurrent writes are all kept', async () => {
    const options: EmulatorOptions = { dataDir: temporaryFolder(), sync: 'always', limits: false };
    const first = await emulatorFor({ ...options, streams: [{ name: 's', shards: 3 }] });
    const keys = Array.from({ length: 60 }, (_, n) => `k${n}`);
    await Promise.all(keys.map((key) => ask(first, 'PutRecord', { StreamName: 's', ...record(key) })));
    const before = await readAll(first, 's');
    expect(Object.values(before).flat()).toHaveLength(60);
    await first.close();
    expect(await readAll(await emulatorFor(options), 's')).toEqual(before);
  });
});

test('a stream in the folder stays as it is, and a start that asks for another shape reports it', async () => {
  const folder = temporaryFolder();
  const stderrOf = async (...streams: string[]) => {
    const process = await startProcess('--data-dir', folder, ...streams.flatMap((stream) => ['--stream', stream]));
    process.child.kill('SIGTERM');
    return (await process.ended).stderr;
  };
  expect(await stderrOf('orders:4', 'clicks:on-demand')).not.toContain('already exists');
  expect(await stderrOf('orders:4', 'clicks:on-demand')).not.toContain('already exists');
  const stderr = await stderrOf('orders:8', 'clicks:4');
  const notRecreated = 'it was not recreated as provisioned with';
  expect(stderr).toContain(`orders already exists as provisioned with 4 shards; ${notRecreated} 8 shards`);
  expect(stderr).toContain(`clicks already exists as on-demand with 4 shards; ${notRecreated} 4 shards`);
});

describe('a start refuses a data folder', () => {
  async function prepared(): Promise<string> {
    const dataDir = temporaryFolder();
    const emulator = await emulatorFor({ dataDir, streams: [{ name: 's', shards: 1 }] });
    await ask(emulator, 'PutRecord', { StreamName: 's', ...record('k') });
    await emulator.close();
    return dataDir;
  }
  const starting = (dataDir: string) => emulatorFor({ dataDir });

  test('that contains something else', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'thesis.doc'), '');
    await expect(starting(folder)).rejects.toThrow(`${folder} is not a data folder of kload: it contains thesis.doc`);
    await expect(starting(join(folder, 'thesis.doc'))).rejects.toThrow('thesis.doc is not a folder');
  });

  test('of a newer kload, or with a damaged marker', async () => {
    const folder = await prepared();
    writeFileSync(join(folder, 'kload-data.json'), '{"format":"kload-data","version":2}');
    await expect(starting(folder)).rejects.toThrow('was written by a newer kload: its format is version 2');
    writeFileSync(join(folder, 'kload-data.json'), '{"for');
    await expect(starting(folder)).rejects.toThrow('kload-data.json is damaged');
  });

  test('that is in use, until its owner ends or is killed', async () => {
    const folder = temporaryFolder();
    await using holder = await startProcess('--data-dir', folder);
    const { code, stderr } = await kload(['emulate', '--port', '0', '--data-dir', folder]);
    expect(code).toBe(2);
    expect(stderr).toContain(`${folder} is in use by another kload, process ${holder.child.pid}`);
    holder.child.kill('SIGKILL');
    await holder.ended;
    await starting(folder);
  });

  test('whose description of a stream is damaged or missing', async () => {
    const folder = await prepared();
    const path = join(streamFolder(folder), 'stream.json');
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replace('"name":"s"', '"name":"t"'));
    await expect(starting(folder)).rejects.toThrow(`${path} is damaged: its checksum is wrong`);
    rmSync(path);
    await expect(starting(folder)).rejects.toThrow(`${path} is damaged: it is missing`);
  });

  test('whose closed shard has lost its records', async () => {
    const folder = await prepared();
    const emulator = await starting(folder);
    const split = { ShardToSplit: 'shardId-000000000000', NewStartingHashKey: '5' };
    await ask(emulator, 'SplitShard', { StreamName: 's', ...split });
    await emulator.close();
    const [log = ''] = logFiles(folder);
    truncateSync(log, 40);
    await expect(starting(folder)).rejects.toThrow(
      'the closed shard should end with record 1, but its log ends with 0',
    );
  });

  test.runIf(process.platform === 'linux' && process.getuid?.() === 0)('that cannot be written to', async () => {
    const { code, stderr } = await kload(['emulate', '--port', '0', '--data-dir', '/proc/kload']);
    expect(code).toBe(2);
    expect(stderr).toContain('/proc/kload cannot be written to: ENOENT');
  });
});
