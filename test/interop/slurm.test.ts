import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeFromCompressedBase64 } from 'hdr-histogram-js';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Report } from '../../src/core/report.js';
import { folder, type Kload, kload, startEmulator } from '../support/kload.js';
import { readStream } from '../support/stream.js';
import { type Slurm, startSlurm } from './support/slurm.js';

/** Array jobs of a real Slurm: a controller and a node on this machine, with the script of `kload job slurm`. */

const PARTS = 8;
const AWS = {
  AWS_ACCESS_KEY_ID: 'AKID',
  AWS_SECRET_ACCESS_KEY: 'secret',
  AWS_REGION: 'us-east-1',
  AWS_EC2_METADATA_DISABLED: 'true',
};

const dir = folder();
let emulator: Kload & { readonly endpoint: string };
let slurm: Slurm;

beforeAll(async () => {
  const streams = ['recorded', 'made', 'killed'].flatMap((name) => [name, `${name}-whole`]);
  const flags = streams.flatMap((name) => ['--stream', `${name}:4`]);
  emulator = await startEmulator('--limits', 'off', ...flags);
  slurm = await startSlurm(dir.path('slurm'));
  const row = (i: number) => `${i},customer-${(i * i) % 397}\n`;
  const rows = (count: number) => `id,key\n${Array.from({ length: count }, (_, i) => row(i)).join('')}`;
  writeFileSync(join(slurm.folder, 'rows.csv'), rows(4000));
});

afterAll(async () => {
  await slurm?.[Symbol.asyncDispose]();
  await emulator?.[Symbol.asyncDispose]();
  dir[Symbol.dispose]();
});

/** What each key and data is there how often. */
async function counted(stream: string): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const { key, data } of await readStream(emulator.endpoint, stream)) {
    const record = `${key}\t${data.toString('base64')}`;
    counts.set(record, (counts.get(record) ?? 0) + 1);
  }
  return counts;
}

/** Submits a run in eight parts, and returns the ID of the job. */
async function submit(name: string, run: readonly string[]): Promise<string> {
  const args = [...run, '--stream', name, '--endpoint-url', emulator.endpoint, '--no-dashboard'];
  const script = await kload(['job', 'slurm', '--parts', String(PARTS), '--name', name, '--', 'run', ...args]);
  expect(script).toMatchObject({ code: 0, stderr: '' });
  return slurm.submit(script.stdout, AWS);
}

function reportsOf(name: string, job: string): string[] {
  const files = readdirSync(slurm.folder).filter(
    (file) => file.startsWith(`${name}-${job}.`) && file.endsWith('.json'),
  );
  return files.map((file) => join(slurm.folder, file));
}

function logs(name: string): string {
  const files = readdirSync(slurm.folder).filter((file) => file.startsWith(name) && file.endsWith('.log'));
  return files.map((file) => `${file}:\n${readFileSync(join(slurm.folder, file), 'utf8')}`).join('\n');
}

async function merged(name: string, job: string): Promise<{ parts: Report[]; all: Report; code: number | null }> {
  const files = reportsOf(name, job);
  expect(files, logs(name)).toHaveLength(PARTS);
  const out = dir.path(`${name}.json`);
  const { code, stderr } = await kload(['merge', ...files, '--report', out, '--report', dir.path(`${name}.html`)]);
  expect(stderr).toBe('');
  const parts = files.map((file) => JSON.parse(readFileSync(file, 'utf8')) as Report);
  return { parts, all: JSON.parse(readFileSync(out, 'utf8')) as Report, code };
}

/** Counts that add up, and the percentiles of all parts' histograms, by the histogram library itself. */
function expectExact(all: Report, parts: readonly Report[]): void {
  const sum = (value: (report: Report) => number) => parts.reduce((total, report) => total + value(report), 0);
  for (const key of ['read', 'sent', 'failed', 'rejected', 'unsent'] as const) {
    expect([key, all.records[key]]).toEqual([key, sum(({ records }) => records[key])]);
  }
  expect(all.bytes.sent).toBe(sum(({ bytes }) => bytes.sent));
  expect(all.intervals.reduce((total, { sent }) => total + sent, 0)).toBe(all.records.sent);
  for (const { id, sent } of all.shards) {
    expect(sent).toBe(sum(({ shards }) => shards.find((shard) => shard.id === id)?.sent ?? 0));
  }
  const [first, ...others] = parts.map(({ hdrHistograms }) =>
    decodeFromCompressedBase64(hdrHistograms.fromIntended, 64, false),
  );
  for (const other of others) first!.add(other);
  for (const [name, percentile] of Object.entries({ p50: 50, p99: 99, p999: 99.9 } as const)) {
    const pooled = first!.getValueAtPercentile(percentile) / 1000;
    expect([name, all.latencyMs.fromIntended[name as 'p99']]).toEqual([name, pooled]);
  }
}

describe('an array of eight parts', () => {
  it.each([
    ['recorded', ['rows.csv', '--data-field', 'id', '--partition-key-field', 'key', '--rps', '2000']],
    ['made', ['--rps', '2000', '--count', '4000', '--keys', '500', '--seed', '7']],
  ])('sends what one process sends: %s load', async (name, run) => {
    const job = await submit(name, run);
    const local = run.map((arg) => (arg === 'rows.csv' ? join(slurm.folder, arg) : arg));
    const to = ['--stream', `${name}-whole`, '--endpoint-url', emulator.endpoint, '--quiet'];
    expect(await kload(['run', ...local, ...to], undefined, AWS)).toMatchObject({ code: 0 });
    await slurm.ended(job);
    const { parts, all, code } = await merged(name, job);
    expect(code).toBe(0);
    expect(await counted(name)).toEqual(await counted(`${name}-whole`));
    expect(all.records).toMatchObject({ sent: 4000, failed: 0, unsent: 0 });
    expect(all.rps.target).toBeCloseTo(2000, 6);
    expect(parts.filter(({ records }) => records.sent > 0)).toHaveLength(PARTS);
    expectExact(all, parts);
    expect(all.merged).toMatchObject({ of: PARTS, by: 'key', missing: [] });
  });

  it('goes on where it was, when a part is cancelled and requeued', async () => {
    const run = ['rows.csv', '--data-field', 'id', '--partition-key-field', 'key', '--rps', '400'];
    const resumable = ['--checkpoint', 'killed.ckpt', '--checkpoint-interval', '500ms', '--resume'];
    const job = await submit('killed', [...run, ...resumable]);
    const checkpoint = join(slurm.folder, 'killed.ckpt.3of8');
    await vi.waitUntil(() => existsSync(checkpoint) && /sent [1-9]/.test(logs(`killed-${job}.3`)), {
      timeout: 60_000,
      interval: 200,
    });
    await slurm.run('scancel', '--full', '--signal=KILL', `${job}_3`);
    const stateOf = () => slurm.run('scontrol', 'show', 'job', `${job}_3`);
    await vi.waitUntil(async () => /JobState=(FAILED|CANCELLED)/.test(await stateOf()), {
      timeout: 30_000,
      interval: 200,
    });
    await slurm.run('scontrol', 'requeue', `${job}_3`);
    // Slurm would wait for two minutes, as after the failure of a node.
    await vi.waitUntil(async () => /Reason=BeginTime/.test(await stateOf()), { timeout: 30_000, interval: 200 });
    await slurm.run('scontrol', 'update', `JobId=${job}_3`, 'StartTime=now');
    await slurm.ended(job);
    const { parts, all, code } = await merged('killed', job);
    expect(code, logs('killed')).toBe(0);
    const third = parts.find(({ part }) => part?.number === 3)!;
    expect(third.resumed).toMatchObject({ legs: 1 });
    expect(third.resumed!.skipped).toBeGreaterThan(0);
    expect(all.records.sent + all.resumed!.earlier.sent).toBe(4000);
    expect(all.checkpoint).toMatchObject({ finished: true });
    const found = await counted('killed');
    expect([...found.keys()].sort()).toEqual([...(await counted('recorded')).keys()].sort());
    const twice = [...found.values()].reduce((total, count) => total + count - 1, 0);
    expect(twice).toBeLessThanOrEqual(all.resumed!.maybeDuplicated);
    expectExact(all, parts);
  });
});
