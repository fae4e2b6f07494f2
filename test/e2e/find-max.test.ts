import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { FindMaxReport } from '../../src/core/find-max.js';
import { ownAddress } from '../support/address.js';
import { folder, kload, startEmulator, startKload } from '../support/kload.js';

const reportIn = (file: string): FindMaxReport => JSON.parse(readFileSync(file, 'utf8')) as FindMaxReport;

describe('kload find-max', () => {
  it('finds what a stream takes, and what it needs', { tags: 'long', timeout: 600_000 }, async () => {
    using dir = folder();
    const { code, stdout } = await kload([
      ...['find-max', '--shards', '2', '--spread', 'even', '--start', '1700', '--step', '1.4', '--wanted', '20000'],
      ...['--dwell', '5s', '--confirm', '10s', '--report', dir.path('r.json'), '--report', dir.path('r.html')],
    ]);
    expect(code).toBe(0);
    const report = reportIn(dir.path('r.json'));
    // `npm run bench -- find-max` measures how close it comes on a quiet machine.
    expect(report.maxRps).toBeLessThan(2800);
    expect(report).toMatchObject({
      schema: 'kload.find-max/1',
      confirmed: true,
      limit: { slo: 'throttled.rate < 1%', shard: expect.stringMatching(/^shardId-/) },
      shards: { wanted: { rps: 20_000 } },
    });
    expect(report.shards!.wanted!.shards).toBe(Math.ceil((20_000 / report.maxRps!) * 2 - 1e-9));
    expect(report.trials.at(-1)).toMatchObject({ purpose: 'confirm', held: true, rps: report.maxRps });
    expect(stdout).toMatch(/^[\d,]+ records\/s broke throttled\.rate < 1%: [\d.]+ % \(shardId-/m);
    expect(stdout).toMatch(/maximum +[\d,]+ records\/s, held for 10s\n +limit +[\d,]+ records\/s broke throttled/);
    const page = readFileSync(dir.path('r.html'), 'utf8');
    expect(page).toContain('<svg');
    expect(page).toContain(`20,000 records/s need ${report.shards!.wanted!.shards} shards`);
    expect(page.match(/<span class="(good|bad)">/g)).toHaveLength(report.trials.length);
  });

  it('finds a limit that latency sets', { tags: 'long', timeout: 600_000 }, async () => {
    using dir = folder();
    // Eight requests of 40 records at a time, 200 ms each: 1,600 records a second.
    await using emulator = await startEmulator(
      ...['--stream', 's:4', '--limits', 'off', '--fault', 'latency:operation=PutRecords,delay=200ms'],
    );
    const { code } = await kload([
      ...['find-max', '--stream', 's', '--region', 'us-east-1', '--endpoint-url', emulator.endpoint, '--quiet'],
      ...['--max-in-flight', '8', '--batch-size', '40', '--workers', '1', '--slo', 'latency.p99 < 900ms'],
      ...['--start', '1000', '--dwell', '4s', '--confirm', '8s', '--report', dir.path('r.json')],
    ]);
    expect(code).toBe(0);
    const { maxRps, limit, shards } = reportIn(dir.path('r.json'));
    expect(maxRps).toBeLessThan(1750);
    expect(limit).toMatchObject({ slo: 'latency.p99 < 900ms' });
    // More shards would not help.
    expect(shards).toBeNull();
  });

  it('says what it knows after Ctrl-C', { tags: 'long' }, async () => {
    await using search = startKload([
      'find-max',
      '--shards',
      '1',
      '--start',
      '100',
      '--dwell',
      '3s',
      '--confirm',
      '3s',
    ]);
    await search.printed(/100 records\/s held/);
    search.child.kill('SIGINT');
    const { code, stdout } = await search.ended;
    expect(code).toBe(130);
    expect(stdout).toMatch(/maximum +100 records\/s, NOT CONFIRMED: the search ended early/);
  });

  it('ends soon after its target has gone', { tags: 'long' }, async () => {
    await using emulator = await startEmulator('--host', ownAddress(), '--stream', 's:1');
    await using search = startKload([
      ...['find-max', '--stream', 's', '--region', 'us-east-1', '--endpoint-url', emulator.endpoint],
      ...['--start', '100', '--dwell', '3s', '--confirm', '3s'],
    ]);
    await search.printed(/100 records\/s held/);
    emulator.child.kill('SIGKILL');
    const { code, stdout, stderr } = await search.ended;
    expect(code).toBe(4);
    expect(stderr).toMatch(/the target took no record in \S+ at 1\d\d records\/s\n +check that it still runs/);
    expect(stdout).toMatch(/maximum +100 records\/s, NOT CONFIRMED/);
  });

  it('ends where the target refuses it, or its options', { tags: 'long' }, async () => {
    const nowhere = ['--stream', 's', '--region', 'us-east-1', '--endpoint-url', 'http://127.0.0.1:9'];
    expect(await kload(['find-max', ...nowhere, '--target-timeout', '1s'])).toMatchObject({ code: 4 });
    const absent = ['--shards', '1', '--dwell', '3s', '--confirm', '3s', '--slo', 'shard(shard-9).throttled.rate < 1%'];
    expect(await kload(['find-max', '--quiet', ...absent])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('shard(shard-9).throttled.rate < 1%: no samples at 1,000 records/s'),
    });
    expect(await kload(['find-max', '--rps', '5'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("unknown option '--rps'"),
    });
  });
});
