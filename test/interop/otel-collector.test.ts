import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Report } from '../../src/core/report.js';
import { METRICS } from '../../src/output/live/metrics.js';
import { prometheusLabel, prometheusName } from '../../src/output/live/prometheus.js';
import { metricsIn, type OtlpBody, sumOf } from '../support/collector.js';
import { readExposition } from '../support/exposition.js';
import { folder, kload, ledgerOf, readReport } from '../support/kload.js';
import { freePort, startPrometheus } from './support/prometheus.js';
import { otelCollector } from './support/tools.js';

/** A real collector takes what a run exports, keeps it in a file, and passes it on to Prometheus. */

const collector = otelCollector();
const dir = folder();
let stop = async () => {};
let report: Report;
/** Where the collector serves Prometheus. */
let served = '';

const config = (otlp: number, prometheus: number) => `
receivers: { otlp: { protocols: { http: { endpoint: '127.0.0.1:${otlp}' } } } }
exporters:
  prometheus: { endpoint: '127.0.0.1:${prometheus}' }
  file: { path: '${dir.path('exports.ndjson')}', flush_interval: 100ms }
service:
  telemetry: { metrics: { level: none } }
  pipelines: { metrics: { receivers: [otlp], exporters: [prometheus, file] } }
`;

describe.skipIf(collector === undefined)('a real OpenTelemetry Collector', () => {
  beforeAll(async () => {
    const [otlp, prometheus] = [await freePort(), await freePort()];
    writeFileSync(dir.path('config.yaml'), config(otlp, prometheus));
    const child = spawn(collector!, ['--config', dir.path('config.yaml')], { stdio: ['ignore', 'ignore', 'pipe'] });
    const closed = once(child, 'close');
    stop = async () => {
      child.kill();
      await closed;
    };
    let log = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
    await vi.waitUntil(() => log.includes('Everything is ready'), { timeout: 60_000, interval: 50 });
    served = `http://127.0.0.1:${prometheus}/metrics`;
    const { code, stderr } = await kload(
      [
        ...['run', '--rps', '4000', '--count', '10000', '--shards', '2', '--max-attempts', '1', '--quiet'],
        ...['--threshold', 'records.sent > 0', '--report', dir.path('r.json')],
      ],
      '',
      {
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${otlp}`,
        OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
        OTEL_METRIC_EXPORT_INTERVAL: '500',
        OTEL_SERVICE_NAME: 'peak',
      },
    );
    expect({ code, stderr }).toEqual({ code: 5, stderr: '' });
    report = readReport(dir.path('r.json'));
  });

  afterAll(async () => {
    await stop();
    dir[Symbol.dispose]();
  });

  it('takes every export, and has the sums of the ledger', async () => {
    const ledger = ledgerOf(report);
    const exports = report.metrics!.otlp!;
    expect(exports).toMatchObject({ failed: 0, firstError: null });
    expect(exports.taken).toBeGreaterThan(2);
    const lines = () => readFileSync(dir.path('exports.ndjson'), 'utf8').trim().split('\n');
    await vi.waitUntil(() => lines().length >= exports.taken);
    const body = JSON.parse(lines().at(-1)!) as OtlpBody;
    const metrics = metricsIn({ path: '', headers: {}, body });
    expect([...metrics.keys()]).toEqual(METRICS.map(({ name }) => name));
    for (const name of ['read', 'sent', 'failed', 'rejected', 'unsent'] as const) {
      expect([name, sumOf(metrics, `kload.records.${name}`)]).toEqual([name, ledger[name]]);
    }
    const [point] = metrics.get('kload.latency')!.exponentialHistogram!.dataPoints;
    expect(Number(point!.count)).toBe(ledger.sent);
    expect(point!.sum).toBeCloseTo((report.latencyMs.fromIntended.mean * ledger.sent) / 1000, 6);
    const counts = point!.positive!.bucketCounts.map(Number);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(ledger.sent);
  });

  it('gives Prometheus the names and the sums that kload itself would', async () => {
    const families = readExposition(await (await fetch(served)).text());
    const ours = METRICS.map(prometheusName);
    expect([...families.keys()].sort()).toEqual([...ours, 'target_info'].sort());
    for (const metric of METRICS) {
      const { help, type, samples } = families.get(prometheusName(metric))!;
      expect([metric.name, help]).toEqual([metric.name, metric.help]);
      expect([metric.name, type]).toEqual([metric.name, metric.kind === 'updowncounter' ? 'gauge' : metric.kind]);
      if (metric.kind === 'histogram' || metric.label === undefined) continue;
      const labels = [...samples.values()].flat().map((sample) => sample.labels);
      expect([metric.name, labels.every((one) => prometheusLabel(metric.label!) in one)]).toEqual([metric.name, true]);
    }
    const sumIn = (name: string) => families.get(name)!.samples.get(name)![0]!.value;
    const ledger = ledgerOf(report);
    for (const name of ['read', 'sent', 'failed', 'rejected'] as const) {
      expect([name, sumIn(`kload_records_${name}_total`)]).toEqual([name, ledger[name]]);
    }
    const [info] = families.get('target_info')!.samples.get('target_info')!;
    expect(info!.labels).toMatchObject({
      job: 'peak',
      messaging_system: 'aws_kinesis',
      messaging_destination_name: 'kload',
    });
  });

  it('makes native histograms for Prometheus, whose percentiles are those of the report', async () => {
    mkdirSync(dir.path('data'));
    const { host } = new URL(served);
    writeFileSync(
      dir.path('prometheus.yml'),
      `scrape_configs: [{ job_name: otel, honor_labels: true, scrape_interval: 1s, static_configs: [{ targets: ['${host}'] }] }]\n`,
    );
    const feature = '--enable-feature=native-histograms';
    await using prometheus = await startPrometheus(dir.path('prometheus.yml'), dir.path('data'), feature);
    const p99 = () => prometheus.value('histogram_quantile(0.99, sum(kload_latency_seconds))');
    await expect.poll(p99, { timeout: 60_000 }).toBeGreaterThan(0);
    // A bucket is at most 9 % wide: the latencies of this run span less than six orders of magnitude.
    const reported = report.latencyMs.fromIntended.p99 / 1000;
    expect((await p99()) / reported).toBeGreaterThan(0.9);
    expect((await p99()) / reported).toBeLessThan(1.1);
  });
});
