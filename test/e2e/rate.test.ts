import { readFileSync } from 'node:fs';
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

  it('continues until all records are sent if the stream is slower', async () => {
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

  it('holds the rate for the whole run, with any number of workers', async () => {
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

  it('without a rate sends as fast as possible to a stream without limits', async () => {
    const { code, stdout } = await kload(['run', '--count', '5000', '--record-size', '100', '--quiet']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/sent +5,000 records, none failed/);
    expect(stdout).toMatch(/embedded emulator, 4 shards, its limits per shard are off/);
  });
});
