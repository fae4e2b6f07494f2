import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { metricsIn, startCollector, sumOf } from '../support/collector.js';
import { readExposition } from '../support/exposition.js';
import { folder, kload, ledgerOf, readReport, startKload } from '../support/kload.js';

/** A stream that is too small, so that records are throttled, retried and given up. */
const RUN = ['run', '--rps', '4000', '--count', '6000', '--shards', '2', '--max-attempts', '1', '--no-dashboard'];

async function scrape(url: string, accept?: string): Promise<{ text: string; type: string | null }> {
  const response = await fetch(url, accept === undefined ? {} : { headers: { accept } });
  expect(response.status).toBe(200);
  return { text: await response.text(), type: response.headers.get('content-type') };
}

/** The sum of all samples, by name. */
function sumsIn(text: string): (name: string) => number {
  const samples = new Map([...readExposition(text).values()].flatMap((family) => [...family.samples]));
  return (name) => (samples.get(name) ?? []).reduce((sum, { value }) => sum + value, 0);
}

describe('kload run --metrics-listen', () => {
  it('serves metrics while the run lasts, and then sums that equal the ledger until Ctrl-C', async () => {
    using dir = folder();
    const listen = ['--metrics-listen', '127.0.0.1:0', '--metrics-linger', '10m'];
    await using run = startKload([...RUN, ...listen, '--report', dir.path('r.json')]);
    const [, url = ''] = await run.printedError(/metrics at (\S+)\n/);
    await run.printed(/records\/s +sent [1-9]/);
    const early = sumsIn((await scrape(url)).text);
    expect(early('kload_records_sent_total')).toBeGreaterThan(0);

    await run.printedError(/metrics stay at \S+ for 10m 00s, or until Ctrl-C\n/);
    const report = readReport(dir.path('r.json'));
    const ledger = ledgerOf(report);
    expect(ledger.failed).toBeGreaterThan(0);
    const { text, type } = await scrape(url);
    expect(type).toBe('text/plain; version=0.0.4; charset=utf-8');
    const sum = sumsIn(text);
    for (const name of ['read', 'sent', 'failed', 'rejected'] as const) {
      expect([name, sum(`kload_records_${name}_total`)]).toEqual([name, ledger[name]]);
    }
    expect(sum('kload_records_unsent')).toBe(ledger.unsent);
    expect(sum('kload_shard_records_sent_total')).toBe(ledger.sent);
    expect(sum('kload_sent_bytes_total')).toBe(report.bytes.sent);
    expect(sum('kload_shard_sent_bytes_total')).toBe(report.bytes.sent);
    expect(sum('kload_records_throttled_total')).toBe(report.throttled.records);
    expect(sum('kload_shard_records_throttled_total')).toBe(report.throttled.records);
    expect(sum('kload_errors_total')).toBe(Object.values(report.errors).reduce((a, b) => a + b, 0));
    expect(sum('kload_latency_seconds_count')).toBe(ledger.sent);
    expect([sum('kload_requests_ok_total'), sum('kload_requests_in_flight')]).toEqual([report.requests.ok, 0]);
    expect(text).toContain('kload_run_phase{kload_phase="done"} 1\n');
    const open = await scrape(url, 'application/openmetrics-text;version=1.0.0,*/*;q=0.1');
    expect(open.type).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
    expect(open.text).toMatch(/\n# EOF\n$/);

    run.child.kill('SIGINT');
    const { code, stderr } = await run.ended;
    // Ctrl-C ends the wait, and does not change how the run ended.
    expect({ code, stderr }).toEqual({
      code: 5,
      stderr: expect.stringMatching(/^kload: metrics at .*\n.* stay at .*\n$/),
    });
    expect(report.metrics).toEqual({ listen: url, otlp: null });
  });

  it('ends at once without --metrics-linger, and refuses what it cannot do', { tags: 'long' }, async () => {
    const errorOf = async (...args: string[]) => {
      const { code, stderr } = await kload(['run', '--count', '10', '--quiet', ...args]);
      return `${code} ${stderr}`;
    };
    expect(await errorOf('--metrics-listen', 'localhost:0')).toBe('0 ');
    expect(await errorOf('--metrics-listen', '9464')).toMatch(/^2 kload: --metrics-listen takes HOST:PORT/);
    expect(await errorOf('--metrics-listen', 'localhost:65536')).toMatch(/^2 .* takes HOST:PORT/);
    expect(await errorOf('--metrics-listen', '192.0.2.1:0')).toMatch(/^2 .*EADDRNOTAVAIL.*\n +the host must be/);
    expect(await errorOf('--metrics-linger', '1s')).toMatch(/^2 .*--metrics-linger needs --metrics-listen/);
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    expect(await errorOf('--metrics-listen', `127.0.0.1:${port}`)).toMatch(/^2 .*already in use\n.*port 0/);
    taken.close();
  });

  it('serves nothing but the metrics', { tags: 'long' }, async () => {
    await using run = startKload(['run', '--count', '10', '--metrics-listen', '[::1]:0', '--metrics-linger', '10m']);
    const [, url = ''] = await run.printedError(/metrics stay at (\S+) /);
    expect(url).toMatch(/^http:\/\/\[::1\]:\d+\/metrics$/);
    const statusOf = async (path: string, init?: RequestInit) => (await fetch(new URL(path, url), init)).status;
    expect(await statusOf('/metrics?a=b')).toBe(200);
    expect(await statusOf('/')).toBe(404);
    expect(await statusOf('/metrics', { method: 'POST', body: 'x'.repeat(100_000) })).toBe(405);
    const head = await fetch(url, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    run.child.kill('SIGTERM');
    expect(await run.ended).toMatchObject({ code: 0 });
  });
});

describe('kload run --otlp-endpoint', () => {
  it('exports the metrics, and at the end sums that equal the ledger', async () => {
    using dir = folder();
    await using collector = await startCollector();
    const { code, stdout, stderr } = await kload(
      [...RUN, '--otlp-endpoint', collector.url, '--report', dir.path('r.json')],
      '',
      {
        OTEL_METRIC_EXPORT_INTERVAL: '200',
        OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Basic%20c2VjcmV0',
        OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test,team=a%2Cb',
        OTEL_SERVICE_NAME: 'peak',
      },
    );
    expect({ code, stderr }).toEqual({ code: 5, stderr: '' });
    const report = readReport(dir.path('r.json'));
    const ledger = ledgerOf(report);
    expect(collector.exports.length).toBeGreaterThan(2);
    expect(report.metrics?.otlp).toEqual({
      ...{ endpoint: `${collector.url}/v1/metrics`, failed: 0, firstError: null },
      taken: expect.toSatisfy((taken: number) => taken <= collector.exports.length && taken > 1),
    });
    expect(stdout).toMatch(/metrics {5}exported to http:\S+\/v1\/metrics, \d+ times\n/);

    const last = collector.exports.at(-1)!;
    expect(last).toMatchObject({ path: '/v1/metrics', headers: { authorization: 'Basic c2VjcmV0' } });
    const attributes = last.body.resourceMetrics[0]!.resource.attributes;
    expect(Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue]))).toMatchObject({
      ...{ 'service.name': 'peak', 'deployment.environment.name': 'test', team: 'a,b' },
      ...{ 'messaging.system': 'aws_kinesis', 'messaging.destination.name': 'kload' },
    });
    const metrics = metricsIn(last);
    for (const name of ['read', 'sent', 'failed', 'rejected', 'unsent'] as const) {
      expect([name, sumOf(metrics, `kload.records.${name}`)]).toEqual([name, ledger[name]]);
    }
    expect(sumOf(metrics, 'kload.shard.records.throttled')).toBe(report.throttled.records);
    const [point] = metrics.get('kload.latency')!.exponentialHistogram!.dataPoints;
    expect(Number(point!.count)).toBe(ledger.sent);
    // The report's p99 is in the bucket that the exponential histogram has it in.
    const { scale, positive } = point!;
    const rank = Math.ceil(0.99 * ledger.sent);
    let upTo = 0;
    let index = positive!.offset;
    for (const count of positive!.bucketCounts) {
      upTo += Number(count);
      if (upTo >= rank) break;
      index++;
    }
    const base = 2 ** (2 ** -scale);
    const p99 = report.latencyMs.fromIntended.p99 / 1000;
    expect(base ** index).toBeLessThan(p99 * (1 + 1e-9));
    expect(base ** (index + 1)).toBeGreaterThan(p99 * (1 - 1e-9));
  });

  it('reports a collector that does not respond once, and the run is as it would be without', {
    tags: 'long',
  }, async () => {
    using dir = folder();
    await using collector = await startCollector(() => {});
    const args = [...RUN, '--limits', 'off', '--report', dir.path('r.json')];
    const { code, stdout, stderr } = await kload(args, '', {
      OTEL_EXPORTER_OTLP_ENDPOINT: `${collector.url}/base/`,
      OTEL_METRIC_EXPORT_INTERVAL: '100',
      OTEL_EXPORTER_OTLP_TIMEOUT: '250',
    });
    const endpoint = `${collector.url}/base/v1/metrics`;
    const problem = 'no response within 250 ms';
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: `kload: metrics could not be exported to ${endpoint}: ${problem}; kload tries again every 100 ms\n`,
    });
    expect(stdout).toMatch(/metrics {5}(\d+) of \1 exports to \S+ FAILED: no response within 250 ms\n/);
    expect(ledgerOf(readReport(dir.path('r.json'))).sent).toBe(6000);
    expect(collector.open.max).toBe(1);
    expect(collector.exports.length).toBeGreaterThan(1);
    expect(collector.exports[0]!.path).toBe('/base/v1/metrics');
  });

  it('says that it speaks only http/json, and sends nothing', async () => {
    await using collector = await startCollector();
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' };
    const { code, stderr } = await kload(['run', '--target', 'null', '--count', '10', '--quiet'], '', env);
    expect({ code, exports: collector.exports.length }).toEqual({ code: 0, exports: 0 });
    expect(stderr).toMatch(
      /^kload: no metrics are exported: kload speaks only http\/json, and OTEL_\S+ is grpc; .*\n$/,
    );
  });
});
