import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ScriptedCluster } from '../support/kafka/scripted-broker.js';
import { folder, kload, ledgerOf, readReport, startEmulator, startKload } from '../support/kload.js';
import { onPty } from '../support/pty.js';

const CREDENTIALS = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' };
const BIN = new URL('../../bin/kload.js', import.meta.url).pathname;

interface Shown {
  readonly partitionKey: string | null;
  readonly explicitHashKey?: string;
  readonly data: string;
  readonly shardId?: string;
  readonly partition?: number;
  readonly bytes: number;
  readonly dueMs: number | null;
}

/** What a dry run prints, which must succeed. */
async function shownBy(args: readonly string[], input?: string): Promise<Shown[]> {
  const { code, stdout, stderr } = await kload(['run', ...args], input, CREDENTIALS);
  expect(stderr).toMatch(/nothing was sent or written\n$/);
  expect(code).toBe(0);
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Shown);
}

/** A recording of `count` orders, a second apart, of seven customers. */
function recording(count: number): string {
  const time = (i: number) => new Date(Date.UTC(2026, 0, 2) + i * 1000).toISOString();
  return Array.from({ length: count }, (_, i) => `{"id":${i},"by":"c${i % 7}","at":"${time(i)}"}\n`).join('');
}

const FIELDS = ['--partition-key-field', '.by', '--timestamp-field', '.at'];

describe('a dry run', () => {
  it('shows the records that the run then sends, where they go and when, and sends nothing', async () => {
    using dir = folder();
    await using emulator = await startEmulator('--stream', 's:4');
    const connection = ['--region', 'us-east-1', '--endpoint-url', emulator.endpoint];
    const input = dir.path('a.ndjson');
    writeFileSync(input, recording(40));
    const outputs = ['--report', 'r.json', '--checkpoint', 'c', '--dead-letter', 'd.ndjson'].map((arg) =>
      arg.startsWith('--') ? arg : dir.path(arg),
    );
    const args = [input, '--stream', 's', ...connection, ...FIELDS, '--respect-timing', '--speed', '100', ...outputs];
    const shown = await shownBy([...args, '--dry-run', '100']);
    expect(shown.map(({ dueMs }) => dueMs)).toEqual(Array.from({ length: 40 }, (_, i) => i * 10));
    expect(shown[8]).toMatchObject({ partitionKey: 'c1', data: expect.stringContaining('"id":8,'), bytes: 52 });
    expect(readdirSync(dir.path('.'))).toEqual(['a.ndjson']);

    const tail = ['tail', 's', ...connection, '--no-follow', '--format', 'ndjson', '--quiet'];
    expect((await kload(tail, undefined, CREDENTIALS)).stdout).toBe('');
    expect((await kload(['run', ...args], undefined, CREDENTIALS)).code).toBe(0);
    const arrived = (await kload(tail, undefined, CREDENTIALS)).stdout.split('\n').slice(0, -1);
    const placeOf = ({ partitionKey, data, shardId }: Shown) => `${partitionKey} ${data} ${shardId}`;
    expect(arrived.map((line) => placeOf(JSON.parse(line))).sort()).toEqual(shown.map(placeOf).sort());
  });

  it('prints lines that kload can send again', async () => {
    using dir = folder();
    const { stdout } = await kload(['run', '--dry-run', '3', '--spread', 'even', '--rps', '10', '--quiet']);
    const lines = stdout.split('\n').slice(0, -1);
    expect(lines.map((line) => JSON.parse(line).shardId)).toHaveLength(3);
    expect(lines.map((line) => JSON.parse(line).dueMs)).toEqual([0, 100, 200]);
    writeFileSync(dir.path('a.ndjson'), stdout);
    const report = ['--report', dir.path('r.json'), '--quiet'];
    expect((await kload(['run', dir.path('a.ndjson'), '--target', 'null', ...report])).code).toBe(0);
    expect(ledgerOf(readReport(dir.path('r.json'))).sent).toBe(3);
  });

  it('gives each shard its turn with --spread even, as the run does', async () => {
    const shown = await shownBy(['--spread', 'even', '--shards', '3', '--dry-run', '6']);
    const ids = [0, 1, 2, 0, 1, 2].map((n) => `shardId-00000000000${n}`);
    expect(shown.map(({ shardId }) => shardId)).toEqual(ids);
    expect(shown.every(({ explicitHashKey, dueMs }) => /^\d+$/.test(explicitHashKey ?? '') && dueMs === null)).toBe(
      true,
    );
  });

  it('shows the partitions of a topic, and none for records without a key', async () => {
    await using cluster = await ScriptedCluster.start([1, 2, 1]);
    const target = ['--topic', 'orders', '--brokers', cluster.brokers.join()];
    const shown = await shownBy(['-', ...target, ...FIELDS, '--dry-run', '14'], recording(20));
    expect(shown).toHaveLength(14);
    const byKey = new Map(shown.map(({ partitionKey, partition }) => [partitionKey, partition]));
    expect(shown.every(({ partitionKey, partition }) => byKey.get(partitionKey) === partition)).toBe(true);
    expect(new Set(byKey.values())).toEqual(new Set([0, 1, 2]));
    const [keyless] = await shownBy(['-', ...target, '--dry-run', '1'], recording(1));
    expect(keyless).toMatchObject({ partitionKey: null });
    expect(keyless).not.toHaveProperty('partition');
    expect(cluster.produced).toEqual([]);
  });

  it('reads no more than it shows: a pipe may stay open', async () => {
    await using run = startKload(['run', '-', '--target', 'null', '--format', 'ndjson', '--dry-run', '2']);
    run.child.stdin.write(recording(2));
    expect((await run.ended).stdout.match(/\n/g)).toHaveLength(2);
  });

  it('lists records that the run would reject, and ends where it would end', async () => {
    const args = ['run', '-', '--target', 'null', '--format', 'ndjson', '--dry-run', '3'];
    const skipped = await kload([...args, '--on-bad-record', 'skip'], '{"a":1}\noops\n{"a":2}\n{"a":3}\n');
    expect(skipped).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/rejected .*:2: .*\n.*2 records, nothing/),
    });
    expect(skipped.stdout.match(/\n/g)).toHaveLength(2);
    const ended = await kload(args, '{"a":1}\noops\n{"a":2}\n');
    expect(ended).toMatchObject({ code: 3, stderr: expect.stringMatching(/:2: /) });
    expect(ended.stdout.match(/\n/g)).toHaveLength(1);
    const none = await kload([...args, '--on-bad-record', 'skip'], '\n');
    expect(none).toMatchObject({ code: 3, stdout: '' });
  });

  it('needs its target, and refuses to resume', async () => {
    const target = ['--stream', 's', '--region', 'us-east-1', '--endpoint-url', 'http://127.0.0.1:1'];
    const unreachable = await kload(['run', ...target, '--dry-run', '1'], undefined, CREDENTIALS);
    expect(unreachable).toMatchObject({ code: 4, stdout: '', stderr: expect.stringContaining('cannot be reached') });
    const resuming = await kload(['run', BIN, '--checkpoint', '/nonexistent/c', '--resume', '--dry-run', '1']);
    expect(resuming).toMatchObject({ code: 2, stderr: expect.stringContaining('--dry-run and --resume cannot') });
    expect(existsSync('/nonexistent')).toBe(false);
  });

  it('is a table on a terminal', async () => {
    using dir = folder();
    writeFileSync(dir.path('a.ndjson'), recording(12));
    const args = ['run', dir.path('a.ndjson'), ...FIELDS, '--respect-timing', '--shards', '2', '--dry-run', '12'];
    const { code, output } = await onPty([process.execPath, BIN, ...args], 70, 24).ended;
    expect(code).toBe(0);
    const lines = output.split(/\r?\n/);
    expect(lines[0]).toMatch(/^ +due {2}shard {2}bytes {2}key {2}data$/);
    expect(lines[1]).toMatch(/^ \+0\.000s {6}[01] {5}52 {2}c0 {3}\{"id":0,"by":"c0","at":"2026-01-02T00:00…$/);
    expect(lines[12]).toMatch(/^\+11\.000s {6}[01] {5}53 {2}c4 {3}\{"id":11,/);
    for (const line of lines.slice(0, 13)) expect(line.length).toBeLessThanOrEqual(70);
  });
});
