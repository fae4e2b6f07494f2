import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { folder, kload, ledgerOf, readReport, startEmulator } from '../support/kload.js';
import { readStream } from '../support/stream.js';

const SHARDS = 8;
/** A stream's shards divide the hash keys evenly. */
const WIDTH = 2n ** 128n / BigInt(SHARDS);

/** A hash key of the shard, never the same one, and the key that would send it elsewhere. */
function rowOf(at: number) {
  const shard = (at * 5) % SHARDS;
  const within = (BigInt(at) * 0x9e37_79b9_7f4a_7c15n) % WIDTH;
  return { data: `record ${at}`, key: `key-${at % 7}`, hashKey: BigInt(shard) * WIDTH + within, shard };
}

const rows = Array.from({ length: 2_000 }, (_, at) => rowOf(at));
const CSV = `body,key,hash\n${rows.map(({ data, key, hashKey }) => `${data},${key},${hashKey}\n`).join('')}`;
const FIELDS = ['--partition-key-field', 'key', '--explicit-hash-key-field', 'hash'];

function targetOf(endpoint: string): string[] {
  return ['--stream', 'orders', '--region', 'us-east-1', '--endpoint-url', endpoint, '--quiet'];
}

function shardId(shard: number): string {
  return `shardId-${String(shard).padStart(12, '0')}`;
}

const expected = rows.map(({ data, key, shard }) => `${data} ${key} ${shardId(shard)}`).sort();

async function stored(endpoint: string): Promise<string[]> {
  const records = await readStream(endpoint, 'orders');
  return records.map((record) => `${record.data} ${record.key} ${record.shardId}`).sort();
}

describe('explicit hash keys', () => {
  it('pick the shards, also of those that were throttled', async () => {
    using dir = folder();
    writeFileSync(dir.path('in.csv'), CSV);
    await using emulator = await startEmulator(
      '--stream',
      `orders:${SHARDS}`,
      '--limits',
      'off',
      '--fault',
      'provisioned-throughput-exception:operation=PutRecords,percentage=10',
    );
    const args = [...FIELDS, ...targetOf(emulator.endpoint), '--workers', '3', '--report', dir.path('r.json')];
    expect(await kload(['run', dir.path('in.csv'), ...args])).toMatchObject({ code: 0, stderr: '' });
    expect(await stored(emulator.endpoint)).toEqual(expected);
    const report = readReport(dir.path('r.json'));
    expect(ledgerOf(report)).toMatchObject({ read: rows.length, sent: rows.length });
    expect(report.throttled.records).toBeGreaterThan(50);
    expect(report.shards.map(({ sent }) => sent)).toEqual(new Array(SHARDS).fill(rows.length / SHARDS));
  });

  it('go to the dead letters with their records, and from there to the shards that they are for', {
    tags: 'long',
  }, async () => {
    using dir = folder();
    writeFileSync(dir.path('in.csv'), CSV);
    await using sick = await startEmulator(
      '--stream',
      `orders:${SHARDS}`,
      '--limits',
      'off',
      '--fault',
      'internal-error:operation=PutRecords',
    );
    const dead = ['--dead-letter', dir.path('dead.ndjson'), '--max-attempts', '1'];
    const failed = await kload(['run', dir.path('in.csv'), ...FIELDS, ...dead, ...targetOf(sick.endpoint)]);
    expect(failed.code).toBe(5);
    expect(readFileSync(dir.path('dead.ndjson'), 'utf8')).toContain(`"explicitHashKey":"${rows[0]!.hashKey}"`);

    await using emulator = await startEmulator('--stream', `orders:${SHARDS}`, '--limits', 'off');
    await kload(['run', dir.path('dead.ndjson'), ...targetOf(emulator.endpoint)]);
    expect(await stored(emulator.endpoint)).toEqual(expected);

    await using other = await startEmulator('--stream', `orders:${SHARDS}`, '--limits', 'off');
    await kload(['run', dir.path('dead.ndjson'), '--partition-key', 'one', ...targetOf(other.endpoint)]);
    const records = await readStream(other.endpoint, 'orders');
    expect(new Set(records.map(({ key, shardId }) => `${key} ${shardId}`)).size).toBe(1);
    expect(records).toHaveLength(rows.length);
  });

  it('of --spread even fill all shards alike, whatever the keys, which stay as they are', async () => {
    using dir = folder();
    writeFileSync(dir.path('in.csv'), CSV.replaceAll(/key-\d/g, 'the-one-key'));
    await using emulator = await startEmulator('--stream', `orders:${SHARDS}`, '--limits', 'off');
    const args = ['--spread', 'even', '--partition-key-field', 'key', '--report', dir.path('r.json')];
    const { code } = await kload(['run', dir.path('in.csv'), ...args, ...targetOf(emulator.endpoint)]);
    expect(code).toBe(0);
    const report = readReport(dir.path('r.json'));
    expect(report.shards.map(({ sent }) => sent)).toEqual(new Array(SHARDS).fill(rows.length / SHARDS));
    expect(report.config).toMatchObject({ spread: 'even' });
    const records = await readStream(emulator.endpoint, 'orders');
    expect(new Set(records.map(({ key }) => key))).toEqual(new Set(['the-one-key']));
    expect(records.map(({ data }) => data.toString()).sort()).toEqual(rows.map(({ data }) => data).sort());
  });

  it('that cannot be read are told in one line', async () => {
    using dir = folder();
    writeFileSync(dir.path('in.csv'), `body,hash\na,1\nb,${2n ** 128n}\n`);
    const { code, stderr } = await kload([
      ...['run', dir.path('in.csv'), '--explicit-hash-key-field', 'hash', '--target', 'null', '--quiet'],
    ]);
    expect(code).toBe(3);
    expect(stderr).toMatch(
      /in\.csv:3: explicit hash key '3402823669\d+' in column 'hash' is not a whole number from 0 to/,
    );
  });
});
