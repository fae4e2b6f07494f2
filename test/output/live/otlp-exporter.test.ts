import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { otlpBody } from '../../../src/output/live/otlp.js';
import { OtlpExporter } from '../../../src/output/live/otlp-exporter.js';
import { type Collector, metricsIn, startCollector, sumOf } from '../../support/collector.js';
import { figures, totalsOf } from './figures.js';

const HOUR_MS = 3_600_000;

function exporterTo(url: string, { intervalMs = HOUR_MS, timeoutMs = HOUR_MS, headers = {} } = {}) {
  const problems: string[] = [];
  const body = () => otlpBody(figures(), { 'service.name': 'kload' }, new Date());
  const plan = { url: `${url}/v1/metrics`, headers, intervalMs, timeoutMs };
  const exporter = new OtlpExporter(plan, body, (problem) => problems.push(problem));
  return { exporter, problems };
}

describe('the exporter', () => {
  it('sends at its interval, and once more at the end', async () => {
    await using collector = await startCollector();
    const { exporter, problems } = exporterTo(collector.url, { intervalMs: 5, headers: { 'x-key': 'secret' } });
    exporter.start();
    await collector.got(3);
    const before = collector.exports.length;
    const { taken, failed, firstError } = await exporter.end();
    expect({ failed, firstError, problems }).toEqual({ failed: 0, firstError: null, problems: [] });
    expect(taken).toBeGreaterThan(before - 1);
    expect(collector.open).toMatchObject({ max: 1 });
    expect(collector.exports.at(-1)).toMatchObject({
      path: '/v1/metrics',
      headers: { 'content-type': 'application/json', 'x-key': 'secret' },
    });
    expect(sumOf(metricsIn(collector.exports.at(-1)!), 'kload.records.read')).toBe(10);
  });

  it('has one request open while the collector does not respond, and gives it up for the final one', async () => {
    await using collector = await startCollector((response, index) => {
      if (index > 0) response.end('{}');
    });
    const { exporter, problems } = exporterTo(collector.url, { intervalMs: 1 });
    exporter.start();
    await collector.got(1);
    await intervals(20);
    expect(collector.exports).toHaveLength(1);
    expect(await exporter.end()).toEqual({ taken: 1, failed: 0, firstError: null });
    expect([collector.exports.length, problems]).toEqual([2, []]);
  });

  it.each<[string, (response: ServerResponse) => void, RegExp, number?]>([
    [
      'is in trouble',
      (response) => response.writeHead(500).end('{"message":"disk full"}'),
      /^HTTP status 500: disk full$/,
    ],
    ['is a web server', (response) => response.writeHead(404).end('<h1>no</h1>'), /^HTTP status 404: <h1>no<\/h1>$/],
    ['redirects', (response) => response.writeHead(302, { location: '/' }).end(), /^HTTP status 302$/],
    [
      'responds with malformed JSON',
      (response) => response.end('{"partialSuccess":'),
      /^malformed response: \{"partial/,
    ],
    ['responds with another type', (response) => response.end('1'), /^malformed response: 1$/],
    [
      'rejects some points',
      (response) => response.end('{"partialSuccess":{"rejectedDataPoints":"3","errorMessage":"too old"}}'),
      /^the collector rejected 3 data points: too old$/,
    ],
    ['never stops', endless, /^the response is too long$/],
    ['breaks off its response', breakOff, /^the connection closed before the response ended$/],
    ['closes the connection', (response) => response.socket!.destroy(), /^socket hang up$/],
    ['speaks no HTTP', (response) => response.socket!.end('SSH-2.0-OpenSSH\r\n'), /^Parse Error/],
    ['begins a response, and no more', (response) => response.write('{'), /^no response within 100 ms$/, 100],
    ['does not respond', () => {}, /^no response within 100 ms$/, 100],
  ])('reports once a collector that %s', async (_, respond, problem, timeoutMs = HOUR_MS) => {
    await using collector = await startCollector(respond);
    const { exporter, problems } = exporterTo(collector.url, { intervalMs: 1, timeoutMs });
    exporter.start();
    await collector.got(3);
    const { taken, failed, firstError } = await exporter.end();
    expect(firstError).toMatch(problem);
    expect([problems, taken]).toEqual([[firstError], 0]);
    expect(failed).toBeGreaterThanOrEqual(3);
    expect(collector.open.max).toBe(1);
  });

  it('reports once a collector that is gone', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    server.close();
    const { exporter, problems } = exporterTo(`http://127.0.0.1:${port}`);
    expect(await exporter.end()).toMatchObject({
      taken: 0,
      failed: 1,
      firstError: expect.stringContaining('ECONNREFUSED'),
    });
    expect(problems).toHaveLength(1);
  });

  it('waits as long as the collector asks it to, except for the final export', async () => {
    await using collector = await startCollector((response) =>
      response.writeHead(429, { 'retry-after': '3600' }).end(),
    );
    const { exporter } = exporterTo(collector.url, { intervalMs: 1 });
    exporter.start();
    await collector.got(1);
    while (collector.open.now > 0) await new Promise(setImmediate);
    await intervals(20);
    expect(collector.exports).toHaveLength(1);
    expect(await exporter.end()).toEqual({ taken: 0, failed: 2, firstError: 'HTTP status 429' });
  });

  it('goes on after a failure', async () => {
    await using collector = await startCollector((response, index) => response.writeHead(index < 2 ? 503 : 200).end());
    const { exporter, problems } = exporterTo(collector.url, { intervalMs: 1 });
    exporter.start();
    await collector.got(4);
    expect(await exporter.end()).toMatchObject({ failed: 2, firstError: 'HTTP status 503' });
    expect(problems).toHaveLength(1);
  });

  it('can be stopped during its final export', async () => {
    await using collector: Collector = await startCollector(() => exporter.stop());
    const { exporter } = exporterTo(collector.url);
    expect(await exporter.end()).toEqual({ taken: 0, failed: 0, firstError: null });
  });
});

describe('the body of an export', () => {
  it('holds histograms whose buckets add up, and labels as attributes', () => {
    const shards = new Map([['shard-1', { sent: 5, bytes: 50, throttled: 2 }]]);
    const totals = totalsOf({}, { sent: 5, times: [1, 1, 2, 30, 4000], shards });
    const body = JSON.parse(otlpBody(figures({ totals }), { 'service.name': 'kload' }, new Date(1_000)));
    const metrics = metricsIn({ path: '', headers: {}, body });
    const [point] = metrics.get('kload.latency')!.exponentialHistogram!.dataPoints;
    expect(point).toMatchObject({
      count: '5',
      sum: 4.034,
      startTimeUnixNano: '1796040000250000000',
      timeUnixNano: '1000000000',
    });
    expect(point!.positive!.bucketCounts.reduce((sum, count) => sum + Number(count), 0)).toBe(5);
    expect(metrics.get('kload.shard.records.throttled')!.sum!.dataPoints).toMatchObject([
      { asInt: '0' },
      {
        asInt: '2',
        attributes: [{ key: 'messaging.destination.partition.id', value: { stringValue: 'shard-1' } }],
      },
    ]);
    expect(metrics.get('kload.target.rate')).toMatchObject({
      unit: '{record}/s',
      gauge: { dataPoints: [{ asDouble: 100 }] },
    });
  });
});

/** Lets that many intervals of a millisecond pass, to see that nothing happens in them. */
async function intervals(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await setTimeout(1);
}

function endless(response: ServerResponse): void {
  const part = 'x'.repeat(64 * 1024);
  const more = () => {
    while (!response.destroyed && response.write(part));
  };
  response.on('drain', more);
  more();
}

function breakOff(response: ServerResponse): void {
  response.writeHead(200, { 'content-length': '100' });
  response.write('{', () => response.socket?.destroy());
}
