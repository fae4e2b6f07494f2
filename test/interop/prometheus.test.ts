import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Report } from '../../src/core/report.js';
import { BOUNDS_SECONDS } from '../../src/output/live/buckets.js';
import { folder, type Kload, ledgerOf, readReport, startEmulator, startKload } from '../support/kload.js';
import { checkMetrics, type Prometheus, startPrometheus } from './support/prometheus.js';

/** A real Prometheus reads a run whose shards throttle: what it has at the end is what the report says. */

const SHARD = 'messaging_destination_partition_id';
const FAULT = 'provisioned-throughput-exception:operation=PutRecords,percentage=10';

const dir = folder();
let emulator: Kload & { readonly endpoint: string };
let run: Kload;
let prometheus: Prometheus;
let report: Report;
let url = '';
/** A scrape while the run lasted. */
let early = '';
let startedAt = 0;

beforeAll(async () => {
  emulator = await startEmulator('--stream', 'orders:2', '--limits', 'off', '--fault', FAULT);
  run = startKload(
    [
      ...['run', '--endpoint-url', emulator.endpoint, '--stream', 'orders', '--rps', '2000', '--duration', '12s'],
      ...['--max-attempts', '3', '--metrics-listen', '127.0.0.1:0', '--metrics-linger', '10m', '--no-dashboard'],
      ...['--threshold', 'records.failed < 1000000', '--report', dir.path('r.json')],
    ],
    { AWS_ACCESS_KEY_ID: 'AKID', AWS_SECRET_ACCESS_KEY: 'secret', AWS_REGION: 'us-east-1' },
  );
  [, url = ''] = await run.printedError(/metrics at (\S+)\n/);
  startedAt = Date.now() / 1000;
  mkdirSync(dir.path('data'));
  writeFileSync(
    dir.path('prometheus.yml'),
    `scrape_configs: [{ job_name: kload, scrape_interval: 1s, static_configs: [{ targets: ['${new URL(url).host}'] }] }]\n`,
  );
  prometheus = await startPrometheus(dir.path('prometheus.yml'), dir.path('data'));
  await run.printed(/5s .*records\/s/);
  early = await (await fetch(url)).text();
  await run.printedError(/metrics stay at/);
  report = readReport(dir.path('r.json'));
  const hasEnded = async () => (await prometheus.value('kload_run_phase{kload_phase="done"}')) === 1;
  await vi.waitUntil(hasEnded, { timeout: 30_000, interval: 200 });
});

afterAll(async () => {
  await prometheus?.[Symbol.asyncDispose]();
  await run?.[Symbol.asyncDispose]();
  await emulator?.[Symbol.asyncDispose]();
  dir[Symbol.dispose]();
});

describe('a real Prometheus', () => {
  it('finds nothing wrong with the text, during the run and after it', async () => {
    expect(early).toContain('kload_run_phase{kload_phase="running"} 1\n');
    expect(await checkMetrics(early)).toBe('');
    expect(await checkMetrics(await (await fetch(url)).text())).toBe('');
    // It asks for OpenMetrics.
    expect(await prometheus.lastError()).toBe('');
    // So that a check which never fails is noticed.
    expect(await checkMetrics('a_b_total 1\n')).toMatch(/no help text/);
  });

  it('has the sums of the ledger', async () => {
    const ledger = ledgerOf(report);
    expect(ledger.failed).toBeGreaterThan(0);
    expect(report.throttled.records).toBeGreaterThan(100);
    for (const name of ['read', 'sent', 'failed', 'rejected'] as const) {
      expect([name, await prometheus.value(`kload_records_${name}_total`)]).toEqual([name, ledger[name]]);
    }
    expect(await prometheus.value('kload_records_unsent')).toBe(ledger.unsent);
    expect(await prometheus.value('kload_sent_bytes_total')).toBe(report.bytes.sent);
    const perShard = await prometheus.query('kload_shard_records_sent_total');
    expect(Object.fromEntries(perShard.map(({ metric, value }) => [metric[SHARD], Number(value?.[1])]))).toEqual(
      Object.fromEntries(report.shards.map(({ id, sent }) => [id, sent])),
    );
    const throttled = await prometheus.query('kload_shard_records_throttled_total');
    expect(Object.fromEntries(throttled.map(({ metric, value }) => [metric[SHARD], Number(value?.[1])]))).toEqual(
      Object.fromEntries(report.shards.map(({ id, throttled }) => [id, throttled])),
    );
    const errors = await prometheus.query('kload_errors_total');
    expect(Object.fromEntries(errors.map(({ metric, value }) => [metric.error_type, Number(value?.[1])]))).toEqual(
      report.errors,
    );
  });

  it.each([
    ['latency', (r: Report) => r.latencyMs.fromIntended],
    ['service_latency', (r: Report) => r.latencyMs.service],
    ['schedule_lag', (r: Report) => r.scheduleLagMs],
  ] as const)('estimates percentiles of %s in the bucket of the report', async (name, of) => {
    expect(await prometheus.value(`kload_${name}_seconds_count`)).toBe(of(report).count);
    for (const [q, ms] of [
      [0.5, of(report).p50],
      [0.99, of(report).p99],
      [0.999, of(report).p999],
    ] as const) {
      const estimate = await prometheus.value(`histogram_quantile(${q}, kload_${name}_seconds_bucket)`);
      const bucketOf = (seconds: number) => BOUNDS_SECONDS.findIndex((bound) => seconds <= bound * (1 + 1e-9));
      expect([q, bucketOf(estimate)]).toEqual([q, bucketOf(ms / 1000)]);
    }
  });

  it('answers every query of the Grafana dashboard', async () => {
    const text = readFileSync(new URL('../../examples/grafana-dashboard.json', import.meta.url), 'utf8');
    const { panels } = JSON.parse(text) as { panels: { title: string; targets: { expr: string }[] }[] };
    const end = Date.now() / 1000;
    for (const { title, targets } of panels) {
      for (const { expr } of targets) {
        const query = expr.replaceAll('$__rate_interval', '4s').replaceAll(/\$(job|instance)/g, '.*');
        const series = await prometheus.queryRange(query, { start: startedAt, end, step: 1 });
        expect([title, expr, series.length > 0]).toEqual([title, expr, true]);
        const numbers = series.flatMap(({ values = [] }) => values.map(([, value]) => Number(value)));
        expect([title, expr, numbers.some(Number.isFinite)]).toEqual([title, expr, true]);
      }
    }
  });
});
