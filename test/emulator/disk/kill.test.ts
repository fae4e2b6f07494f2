import { execFileSync } from 'node:child_process';
import { createHash, randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { startEmulator as startProcess } from '../../support/kload.js';
import { call } from '../support.js';
import { temporaryFolder } from './support.js';

type Process = Awaited<ReturnType<typeof startProcess>>;

const emulatorAt = ({ endpoint }: Process) =>
  ({ endpoint, port: Number(new URL(endpoint).port) }) as Parameters<typeof call>[0];
const post = (process: Process, operation: string, body: unknown) => call(emulatorAt(process), operation, body);
const start = (folder: string, ...args: string[]) => startProcess('--data-dir', folder, '--limits', 'off', ...args);

/** Sends until the process is gone. Adds shard and sequence number of each acknowledged record, by key. */
async function load(process: Process, name: string, acknowledged: Map<string, string>): Promise<void> {
  for (let request = 0; ; request++) {
    const keys = Array.from({ length: randomInt(1, 40) }, (_, n) => `${name}-${request}-${n}`);
    const Records = keys.map((key) => ({ PartitionKey: key, Data: dataOf(key) }));
    try {
      const { body } = await post(process, 'PutRecords', { StreamName: 's', Records });
      for (const [n, result] of JSON.parse(body).Records.entries()) {
        acknowledged.set(keys[n]!, `${result.ShardId} ${result.SequenceNumber}`);
      }
    } catch {
      return;
    }
  }
}

function dataOf(key: string): string {
  const size = createHash('md5').update(key).digest().readUInt16LE() % 3000;
  return Buffer.from(`${key} `.padEnd(size, '.')).toString('base64');
}

/** Reads the whole stream, and checks each record and the order in each shard. Returns shard and number by key. */
async function readAll(process: Process): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const { Shards } = JSON.parse((await post(process, 'ListShards', { StreamName: 's' })).body);
  for (const { ShardId } of Shards) {
    const from = { StreamName: 's', ShardId, ShardIteratorType: 'TRIM_HORIZON' };
    let iterator = JSON.parse((await post(process, 'GetShardIterator', from)).body).ShardIterator;
    let last = 0n;
    for (let behind = 1; behind > 0; ) {
      const read = JSON.parse((await post(process, 'GetRecords', { ShardIterator: iterator, Limit: 10_000 })).body);
      for (const { PartitionKey: key, SequenceNumber: number, Data } of read.Records) {
        expect(found.has(key)).toBe(false);
        expect(Data === dataOf(key)).toBe(true);
        expect(BigInt(number)).toBeGreaterThan(last);
        last = BigInt(number);
        found.set(key, `${ShardId} ${number}`);
      }
      behind = read.MillisBehindLatest;
      iterator = read.NextShardIterator;
    }
  }
  return found;
}

test('kill -9 at any moment loses no acknowledged record and duplicates none', {
  tags: 'long',
  timeout: 120_000,
}, async () => {
  const folder = temporaryFolder();
  const acknowledged = new Map<string, string>();
  for (let round = 0; round < 8; round++) {
    const policy = round % 2 === 0 ? 'os' : 'always';
    await using process = await start(folder, '--stream', 's:3', '--sync', policy);
    const before = await readAll(process);
    for (const [key, location] of acknowledged) expect([key, before.get(key)]).toEqual([key, location]);
    setTimeout(() => process.child.kill('SIGKILL'), randomInt(5, 400));
    await Promise.all(['a', 'b', 'c'].map((name) => load(process, `${round}${name}`, acknowledged)));
    expect((await process.ended).code).toBe(null);
  }
  await using process = await start(folder);
  const all = await readAll(process);
  for (const [key, location] of acknowledged) expect([key, all.get(key)]).toEqual([key, location]);
  expect(acknowledged.size).toBeGreaterThan(100);
});

test.runIf(existsSync('/usr/bin/prlimit'))(
  'with a full disk writes are refused and not stored, until there is space again',
  async () => {
    const folder = temporaryFolder();
    const put = (process: Process, keys: string[]) =>
      post(process, 'PutRecords', {
        StreamName: 's',
        Records: keys.map((key) => ({ PartitionKey: key, Data: dataOf(key) })),
      });
    const room = (process: Process, bytes: string) =>
      execFileSync('/usr/bin/prlimit', ['--pid', String(process.child.pid), `--fsize=${bytes}:unlimited`]);
    await using process = await start(folder, '--stream', 's:2');
    expect((await put(process, ['a', 'b'])).status).toBe(200);
    room(process, '60000');
    const many = Array.from({ length: 200 }, (_, n) => `many ${n}`);
    const refused = await put(process, many);
    expect(refused).toMatchObject({
      status: 500,
      body: expect.stringMatching(/InternalFailure.*could not store this: EFBIG/),
    });
    expect([...(await readAll(process)).keys()].sort()).toEqual(['a', 'b']);
    expect((await put(process, ['c'])).status).toBe(200);
    room(process, 'unlimited');
    expect((await put(process, many)).status).toBe(200);
    const all = await readAll(process);
    expect([...all.keys()].sort()).toEqual(['a', 'b', 'c', ...many].sort());
    process.child.kill('SIGKILL');
    await process.ended;
    await using again = await start(folder);
    expect(await readAll(again)).toEqual(all);
  },
);
