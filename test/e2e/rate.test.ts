import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { planRun } from '../../src/config/run-plan.js';
import { openRun } from '../../src/run/open-run.js';
import { folder, kload, ledgerOf, readReport } from '../support/kload.js';

describe('a run at a rate', () => {
  it('sends exactly the records that are due, and reports each second', async () => {
    using dir = folder();
    const { code, stdout, stderr } = await kload([
      ...['run', '--rps', '5000', '--duration', '4s'],
      ...['--report', dir.path('r.json'), '--report', dir.path('r.hgrm')],
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(readFileSync(dir.path('r.hgrm'), 'utf8')).toMatch(/Value +Percentile +TotalCount[\s\S]*20000/);
    const report = readReport(dir.path('r.json'));
    expect(ledgerOf(report)).toMatchObject({ read: 20_000, sent: 20_000, failed: 0, unsent: 0 });
    expect(report).toMatchObject({
      schema: 'kload.report/2',
      rps: { target: 5000 },
      target: { kind: 'embedded', shards: 10, limits: true },
    });

    const sum = (of: (interval: (typeof report.intervals)[number]) => number) =>
      report.intervals.reduce((total, interval) => total + of(interval), 0);
    expect(sum(({ offered }) => offered)).toBe(20_000);
    expect(sum(({ sent }) => sent)).toBe(20_000);
    expect(report.intervals.slice(0, 4).map(({ t }) => t)).toEqual([0, 1, 2, 3]);
    expect(report.shards.reduce((total, { sent }) => total + sent, 0)).toBe(20_000);
    expect(report.workers.reduce((total, { sent }) => total + sent, 0)).toBe(20_000);
    expect(report.latencyMs.fromIntended.count).toBe(20_000);
    expect(report.histogram.reduce((total, { count }) => total + count, 0)).toBe(20_000);

    expect(stdout).toMatch(/sent +20,000 records, none failed/);
    expect(stdout).toMatch(/of 5,000 records\/s/);
  });

  it('continues until all records are sent if the stream is slower', { tags: 'long' }, async () => {
    using dir = folder();
    const args = ['--rps', '4000', '--shards', '2', '--duration', '2s', '--report', dir.path('r.json')];
    const { code, stdout } = await kload(['run', ...args]);
    expect(code).toBe(0);
    const report = readReport(dir.path('r.json'));
    expect(ledgerOf(report)).toMatchObject({ read: 8_000, sent: 8_000, failed: 0 });
    expect(Object.keys(report.throttled.byShard)).toEqual(['shardId-000000000000', 'shardId-000000000001']);
    const byShard = Object.values(report.throttled.byShard).reduce((total, n) => total + n, 0);
    expect(byShard).toBe(report.throttled.records);
    expect(report.errors.ProvisionedThroughputExceededException).toBe(report.throttled.records);
    // With the pace of a shard, some hundreds are refused, or more on a busy machine. Without it, ten times as many
    // are.
    expect(report.throttled.records).toBeLessThan(4_000);
    expect(stdout).toMatch(/throttled +[\d,]+ times, worst shardId-00000000000\d with/);
  });

  it('holds the rate for the whole run, with any number of workers', { tags: 'long' }, async () => {
    using dir = folder();
    const args = ['--rps', '2000', '--count', '3000', '--workers', '3', '--max-in-flight', '6', '--target', 'null'];
    const { code } = await kload(['run', ...args, '--quiet', '--report', dir.path('r.json')]);
    expect(code).toBe(0);
    const report = readReport(dir.path('r.json'));
    expect(ledgerOf(report).sent).toBe(3000);
    expect(report.workers.map(({ sent }) => sent > 0)).toEqual([true, true, true]);
    // 3,000 records at 2,000 a second are due over a second and a half.
    expect(report.durationMs).toBeGreaterThan(1_490);
  });

  it('does not count a pause as latency', { tags: 'long' }, async () => {
    const plan = planRun({ rps: '2000', count: '3000', target: 'null', workers: '2' }, [], {}, 2);
    const run = await openRun(plan, () => {});
    const ended = run.execute();
    await vi.waitFor(() => expect(run.view().records.sent).toBeGreaterThan(0), { timeout: 30_000 });
    run.togglePause();
    const { elapsedMs } = run.view();
    await vi.waitFor(() => expect(run.view().elapsedMs - elapsedMs).toBeGreaterThan(3_000), { timeout: 30_000 });
    run.togglePause();
    const report = await ended;
    expect(ledgerOf(report)).toMatchObject({ read: 3_000, sent: 3_000 });
    expect(report.pausedMs).toBeGreaterThan(3_000);
    expect(report.latencyMs.fromIntended.max).toBeLessThan(report.pausedMs / 2);
    expect(report.scheduleLagMs.max).toBeLessThan(report.pausedMs / 2);
  });

  it('follows its stages, and reports what each second asked for', { tags: 'long' }, async () => {
    using dir = folder();
    const { code, stdout } = await kload([
      ...['run', '--stages', '0..2000@2s, 2000@1s, 500..0@1s', '--threshold', 'rps.deviation < 300%', '--no-dashboard'],
      ...['--report', dir.path('r.json'), '--report', dir.path('r.csv'), '--report', dir.path('r.md')],
    ]);
    expect(code).toBe(0);
    const report = readReport(dir.path('r.json'));
    expect(ledgerOf(report)).toMatchObject({ read: 4250, sent: 4250 });
    expect(report.intervals.slice(0, 4).map(({ target }) => target)).toEqual([500, 1500, 2000, 250]);
    expect(report).toMatchObject({
      config: { schedule: { kind: 'stages', durationMs: 4000, peakRps: 2000, arrival: 'even' }, durationMs: null },
      rps: { target: 1062.5 },
      capacity: { recordsPerSecond: 2000, isPeak: true },
    });
    expect(readFileSync(dir.path('r.csv'), 'utf8')).toMatch(/^2,.*,2000$/m);
    expect(readFileSync(dir.path('r.md'), 'utf8')).toContain('at up to 2,000 records/s');
    expect(stdout).toMatch(/ of 1,500 records\/s/);
  });

  it('reads its rate from a file, and says how', { tags: 'long' }, async () => {
    using dir = folder();
    writeFileSync(dir.path('rates.csv'), 'seconds,rate\n0,0\n1,1000\n1,200\n2,200\n');
    const args = ['--rate-file', dir.path('rates.csv'), '--target', 'null', '--report', dir.path('r.json')];
    const { code, stderr } = await kload(['run', ...args]);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: `kload: ${dir.path('rates.csv')}: 2 stages over 2s, 0 to 1,000 records/s\n`,
    });
    expect(ledgerOf(readReport(dir.path('r.json'))).sent).toBe(700);
    writeFileSync(dir.path('rates.csv'), '0,5\n1,x\n');
    expect(await kload(['run', ...args])).toMatchObject({
      code: 3,
      stderr: expect.stringContaining("rates.csv:2: the rate is not a number: 'x'"),
    });
  });

  it('counts bytes of data and keys for --bytes-per-second', async () => {
    using dir = folder();
    const args = ['--bytes-per-second', '208kB', '--duration', '1s', '--arrival', 'burst:200ms'];
    const { code } = await kload(['run', ...args, '--quiet', '--report', dir.path('r.json')]);
    expect(code).toBe(0);
    // A record has 200 bytes, and its key 8.
    expect(readReport(dir.path('r.json'))).toMatchObject({
      records: { sent: 1000 },
      bytes: { sent: 208_000 },
      rps: { target: 1000 },
    });
  });

  it('is scaled from the dashboard, in stages too', { tags: 'long' }, async () => {
    const plan = planRun({ stages: '1000@2s, 1000..0@1s', target: 'null' }, [], {}, 2);
    const run = await openRun(plan, () => {});
    const ended = run.execute();
    await vi.waitFor(() => expect(run.view().records.sent).toBeGreaterThan(0), { timeout: 30_000 });
    run.scaleRate(2);
    const report = await ended;
    const { sent } = ledgerOf(report);
    expect(sent).toBeGreaterThan(2500);
    expect(sent).toBeLessThan(5000);
    const asked = report.intervals.reduce((sum, { target }) => sum + target!, 0);
    expect(Math.abs(sent - asked)).toBeLessThan(1.1);
    expect(report.intervals[1]!.target).toBe(2000);
  });

  it('without a rate sends as fast as possible to a stream without limits', async () => {
    const { code, stdout } = await kload(['run', '--count', '5000', '--record-size', '100', '--quiet']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/sent +5,000 records, none failed/);
    expect(stdout).toMatch(/embedded emulator, 4 shards, its limits per shard are off/);
  });
});
