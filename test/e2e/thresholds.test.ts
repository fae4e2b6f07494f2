import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { folder, kload, readReport, startKload } from '../support/kload.js';

const RUN = ['run', '--rps', '1000', '--duration', '2s', '--quiet'];

describe('kload run --threshold', () => {
  it('exits with 0 if all hold, and lists each', { tags: 'long' }, async () => {
    using dir = folder();
    writeFileSync(dir.path('slo.txt'), '# what we promise\nthrottled.rate < 1%\n\nbehind < 1m # generous\n');
    const { code, stdout, stderr } = await kload([
      ...[...RUN, '--threshold', 'records.failed == 0', '--threshold', 'latency.p99 < 1m over 1s'],
      ...['--thresholds', dir.path('slo.txt'), '--report', dir.path('r.json')],
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/thresholds {2}ok +records\.failed == 0 +0\n +ok +latency\.p99 < 1m over 1s +[\d.]+ m?s\n/);
    const { thresholds } = readReport(dir.path('r.json'));
    expect(thresholds.map(({ threshold, ok }) => [threshold, ok])).toEqual([
      ['records.failed == 0', true],
      ['latency.p99 < 1m over 1s', true],
      ['throttled.rate < 1%', true],
      ['behind < 1m', true],
    ]);
  });

  it('exits with 99 if one is crossed, and writes the verdict in every form', async () => {
    using dir = folder();
    const reports = ['r.json', 'r.xml', 'r.md', 'r.csv'].flatMap((name) => ['--report', dir.path(name)]);
    const args = [...RUN, '--shards', '1', '--threshold', 'shard(*).utilization < 50%', ...reports];
    const { code, stdout, stderr } = await kload([...args, '--threshold', 'records.failed == 0']);
    expect({ code, stderr }).toEqual({
      code: 99,
      stderr: 'kload: threshold crossed: shard(*).utilization < 50%\n',
    });
    expect(stdout).toMatch(/CROSSED +shard\(\*\)\.utilization < 50% +\d.* % \(shardId-000000000000\)/);
    expect(readReport(dir.path('r.json')).outcome.exitCode).toBe(99);
    const read = (name: string) => readFileSync(dir.path(name), 'utf8');
    expect(read('r.xml')).toMatch(
      /<testsuite .*tests="3" failures="1"[\s\S]*utilization &lt; 50%.*<failure message="got /,
    );
    expect(read('r.md')).toMatch(/### ❌ failed[\s\S]*\| ❌ \| <code>shard/);
    expect(read('r.csv')).toMatch(
      /^t,offered,sent,failed,throttled,retried,p50,p90,p99,max,lagP50,lagP99,lagMax,target\n0,\d+,\d+/,
    );
  });

  it('ends the run as soon as one with abort is crossed', async () => {
    using dir = folder();
    const { code, stderr } = await kload([
      ...['run', '--rps', '3000', '--shards', '1', '--duration', '10m', '--quiet', '--drain-timeout', '1s'],
      ...['--threshold', 'throttled.rate < 1% abort', '--report', dir.path('r.json')],
    ]);
    expect({ code, stderr }).toEqual({ code: 99, stderr: 'kload: threshold crossed: throttled.rate < 1% abort\n' });
    expect(readReport(dir.path('r.json')).thresholds[0]).toMatchObject({ ok: false, since: expect.any(Number) });
  });

  it('counts the seconds from the first record, however late it comes', { tags: 'long' }, async () => {
    using dir = folder();
    await using run = startKload([
      ...['run', '-', '--format', 'lines', '--rps', '1000', '--quiet', '--report', dir.path('r.json')],
      ...['--threshold', 'records.sent < 1500 over 1s'],
    ]);
    await setTimeout(2500);
    run.child.stdin.end('a record\n'.repeat(2500));
    expect(await run.ended).toMatchObject({ code: 0, stderr: '' });
    expect(readReport(dir.path('r.json')).thresholds[0]!.value).toBeLessThan(1500);
  });

  it('refuses what it cannot read before the run', { tags: 'long' }, async () => {
    using dir = folder();
    writeFileSync(dir.path('slo.txt'), 'behind < 1s\nlatency.p99 < 5\n');
    writeFileSync(dir.path('empty.txt'), '# nothing\n');
    const errorOf = async (...args: string[]) => {
      const { code, stderr } = await kload([...RUN, ...args]);
      return `${code} ${stderr}`;
    };
    expect(await errorOf('--threshold', 'latncy.p99 < 5ms')).toMatch(
      /^2 kload: --threshold .*did you mean latency\.p99/,
    );
    expect(await errorOf('--thresholds', dir.path('slo.txt'))).toMatch(/^2 kload: .*slo\.txt:2 .*takes a time/);
    expect(await errorOf('--thresholds', dir.path('empty.txt'))).toMatch(/^2 kload: .*holds no threshold/);
    expect(await errorOf('--thresholds', dir.path('none.txt'))).toMatch(/^3 kload: .*none\.txt cannot be read/);
    const { code, stderr } = await kload(['run', '--count', '10', '--quiet', '--threshold', 'rps.deviation < 1%']);
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('give --rps') });
  });
});
