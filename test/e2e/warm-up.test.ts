import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { LatencyHistogram } from '../../src/measure/latency.js';
import { folder, kload, ledgerOf, readReport } from '../support/kload.js';

it('--warm-up leaves its seconds out of the histograms of the run, and nothing else', { tags: 'long' }, async () => {
  using dir = folder();
  const [json, html] = [dir.path('r.json'), dir.path('r.html')];
  const args = ['--rps', '1000', '--duration', '3s', '--warm-up', '1s', '--report', json, '--report', html];
  const { code, stdout } = await kload(['run', ...args, '--threshold', 'records.sent <= 2900']);
  expect(code).toBe(0);
  const said = 'percentiles, histograms and thresholds leave out the first 1s';
  expect(stdout).toContain(`warm-up     ${said}`);
  expect(stdout).toContain('warming up');
  expect(readFileSync(html, 'utf8')).toContain(said);

  const report = readReport(json);
  expect(report.config.warmUpMs).toBe(1_000);
  expect(ledgerOf(report)).toMatchObject({ read: 3_000, sent: 3_000 });
  expect(report.intervals.reduce((sum, { sent }) => sum + sent, 0)).toBe(3_000);
  const counted = report.intervals.filter(({ t, hdrHistogram }) => t >= 1 && hdrHistogram !== null);
  const sent = counted.reduce((sum, interval) => sum + interval.sent, 0);
  expect(sent).toBeLessThan(3_000);
  expect(report.latencyMs.fromIntended.count).toBe(sent);
  expect(report.thresholds).toMatchObject([{ ok: true, value: sent }]);
  const bars = new Map<number, number>();
  for (const { hdrHistogram } of counted) {
    for (const { fromMs, count } of LatencyHistogram.decode(hdrHistogram!).bars()) {
      if (count > 0) bars.set(fromMs, (bars.get(fromMs) ?? 0) + count);
    }
  }
  expect(bars).toEqual(
    new Map(report.histogram.filter(({ count }) => count > 0).map((bar) => [bar.fromMs, bar.count])),
  );
});

it('a run that ends within its warm-up has no latencies, and says so', async () => {
  using dir = folder();
  writeFileSync(dir.path('a.txt'), 'one\ntwo\n');
  const reports = ['json', 'html', 'md', 'xml', 'csv', 'hgrm'].flatMap((form) => ['--report', dir.path(`r.${form}`)]);
  const args = ['run', dir.path('a.txt'), '--target', 'null', '--warm-up', '1m', ...reports];
  const { code, stdout } = await kload([...args, '--threshold', 'latency.p99 < 1s']);
  expect(code).toBe(99);
  expect(stdout).toMatch(/CROSSED {2}latency.p99 < 1s {2}no samples/);
  expect(stdout).toMatch(/latency +none: no record was sent after it/);
  expect(readReport(dir.path('r.json')).latencyMs.fromIntended.count).toBe(0);
});

it('--warm-up must be shorter than the run, in whole seconds', async () => {
  expect(await kload(['run', '--warm-up', '10s'])).toMatchObject({
    ...{ code: 2, stderr: expect.stringContaining('--warm-up leaves nothing to measure: the run lasts 10s') },
  });
  expect(await kload(['run', '--warm-up', '1500ms'])).toMatchObject({
    ...{ code: 2, stderr: expect.stringContaining('--warm-up takes whole seconds, such as 10s') },
  });
});
