import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Comparison } from '../../src/core/comparison.js';
import { folder, kload, startEmulator } from '../support/kload.js';

const AWS = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b', AWS_REGION: 'us-east-1' };

describe('kload compare', () => {
  it('says what it cannot tell from short runs, and does not pass them', { tags: 'long' }, async () => {
    using dir = folder();
    const report = dir.path('run.json');
    const run = ['run', '--rps', '500', '--duration', '1s', '--quiet', '--report', report];
    expect(await kload(run)).toMatchObject({ code: 0 });
    // With itself: two short runs on a busy machine may also differ in their rate.
    const gate = ['--fail-if', 'latency.p90 > +500%'];
    const outputs = ['cmp.html', 'cmp.md', 'cmp.json'].flatMap((name) => ['--out', dir.path(name)]);
    const { code, stdout, stderr } = await kload(['compare', report, report, ...gate, ...outputs]);
    expect(code).toBe(99);
    expect(stdout).toMatch(/ {2}latency\.p90 +[\d.]+ m?s +[\d.]+ m?s +[\d.]+ +– +cannot tell\n/);
    expect(stderr).toMatch(
      /^kload: cannot tell: latency\.p90 > \+500%: the runs are too short, and need at least 1m 00s/,
    );
    const comparison = JSON.parse(readFileSync(dir.path('cmp.json'), 'utf8')) as Comparison;
    expect(comparison).toMatchObject({ schema: 'kload.comparison/1', verdict: 'cannot tell', gates: [{ ok: false }] });
    expect(readFileSync(dir.path('cmp.md'), 'utf8')).toMatch(/^### ❌ kload compare: cannot tell/);
    expect(readFileSync(dir.path('cmp.html'), 'utf8')).toContain('<title>kload compare: cannot tell');
  });

  it('refuses what it cannot compare with what would be right', { tags: 'long' }, async () => {
    using dir = folder();
    const report = dir.path('r.json');
    await kload(['run', '--rps', '100', '--duration', '1s', '--quiet', '--report', report]);
    writeFileSync(dir.path('not.json'), '{"a": 1}');
    writeFileSync(dir.path('half.json'), readFileSync(report, 'utf8').slice(0, 500));
    const broken = JSON.parse(readFileSync(report, 'utf8'));
    writeFileSync(dir.path('part.json'), JSON.stringify({ ...broken, config: { input: {} } }));
    broken.intervals[0].hdrHistogram = 'AAAA';
    writeFileSync(dir.path('broken.json'), JSON.stringify(broken));
    const errorOf = async (...args: string[]) => {
      const { code, stderr } = await kload(['compare', ...args]);
      return `${code} ${stderr}`;
    };
    expect(await errorOf()).toMatch(/^2 kload: there is no run to compare with\n +give two reports/);
    expect(await errorOf(report)).toMatch(/^2 kload: there is no new run/);
    expect(await errorOf(report, '--new', report)).toMatch(/^2 kload: .*r\.json is neither a base nor a new run/);
    expect(await errorOf(report, dir.path('none.json'))).toMatch(/^3 kload: .*none\.json cannot be read/);
    expect(await errorOf(report, dir.path('not.json'))).toMatch(/^3 kload: .*not\.json is JSON, but not a report/);
    expect(await errorOf(report, dir.path('half.json'))).toMatch(/^3 kload: .*half\.json ends in the middle/);
    expect(await errorOf(report, dir.path('part.json'))).toMatch(/^3 kload: .*part\.json: config\.\S+ is missing/);
    expect(await errorOf(report, dir.path('broken.json'))).toMatch(
      /^3 kload: .*broken\.json: the histogram of second 0/,
    );
    expect(await errorOf(report, report, '--fail-if', 'latncy.p99 > +5%')).toMatch(/^2 kload: .*did you mean latency/);
    expect(await errorOf(report, report, '--fail-if', 'latency.max > +5%')).toMatch(
      /^2 kload: .*one record alone decides[\s\S]*several runs a side/,
    );
    expect(await errorOf(report, report, '--ignore', 'target.name')).toMatch(
      /^2 kload: --ignore target\.name: no such/,
    );
    expect(await errorOf(report, report, '--out', dir.path('x.pdf'))).toMatch(
      /^2 kload: --out .*x\.pdf: unknown format/,
    );
    expect(await errorOf(report, report, '--out', report)).toMatch(/^2 kload: --out .*r\.json is also an input/);
    expect(await errorOf(report, report, '--out', dir.path('no/x.md'))).toMatch(/^6 kload: --out .* cannot be written/);
  });

  it('finds that an emulator responds later', { tags: 'long', timeout: 300_000 }, async () => {
    using dir = folder();
    const emulatorOf = (ms: number) =>
      startEmulator('--stream', 'orders:4', '--fault', `latency:operation=PutRecords,delay=${ms}ms`);
    await using base = await emulatorOf(400);
    await using slower = await emulatorOf(1000);
    const run = async (name: string, endpoint: string) => {
      const to = ['--stream', 'orders', '--endpoint-url', endpoint];
      const args = ['run', ...to, '--rps', '200', '--duration', '5s', '--quiet', '--report', dir.path(name)];
      expect(await kload(args, undefined, AWS)).toMatchObject({ code: 0 });
      return dir.path(name);
    };
    const files = { base: [] as string[], new: [] as string[] };
    // In pairs, so that both sides have the same share of a busy machine.
    for (let i = 0; i < 4; i++) {
      const [a, b] = await Promise.all([run(`a${i}.json`, base.endpoint), run(`b${i}.json`, slower.endpoint)]);
      files.base.push(a);
      files.new.push(b);
    }
    const gate = ['--fail-if', 'latency.p50 > +5%', '--fail-if', 'failed.rate > +1pp'];
    const { code, stdout } = await kload(['compare', '--base', ...files.base, '--new', ...files.new, ...gate]);
    expect(stdout).toMatch(/latency\.p50 .* worse\n/);
    expect(stdout).toMatch(/FAILED +latency\.p50 > \+5% +crossed: /);
    expect(stdout).toMatch(/ok +failed\.rate > \+1pp +holds: /);
    expect(code).toBe(99);
  });
});
