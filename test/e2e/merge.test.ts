import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Report } from '../../src/core/report.js';
import { folder, kload } from '../support/kload.js';

describe('kload merge', () => {
  it('writes the report of the whole run, which other commands take', async () => {
    using dir = folder();
    await kload(['run', '--rps', '200', '--duration', '1s', '--quiet', '--report', dir.path('run.json')]);
    const run = JSON.parse(readFileSync(dir.path('run.json'), 'utf8')) as Report;
    const parts = [1, 2, 3].map((number) => {
      const part = { number, of: 3, by: 'key', runId: '0123456789abcdef', clock: null };
      writeFileSync(dir.path(`part-${number}.json`), JSON.stringify({ ...run, part }));
      return dir.path(`part-${number}.json`);
    });
    const outputs = ['all.json', 'all.html', 'all.md', 'all.xml', 'all.csv', 'all.hgrm'];
    const merged = await kload(['merge', ...parts, ...outputs.flatMap((name) => ['--report', dir.path(name)])]);
    expect(merged).toMatchObject({ code: 0, stderr: '' });
    expect(merged.stdout).toMatch(/^ {2}sent +600 records, none failed\n/m);
    expect(merged.stdout).toMatch(/^ {2}parts +3 of 3, split by key/m);
    const all = JSON.parse(readFileSync(dir.path('all.json'), 'utf8')) as Report;
    expect(all.latencyMs.fromIntended).toEqual({
      ...run.latencyMs.fromIntended,
      count: 600,
      mean: expect.closeTo(run.latencyMs.fromIntended.mean, 6),
    });
    expect(readFileSync(dir.path('all.html'), 'utf8')).toContain('<h2>Parts</h2>');
    const again = await kload(['report', dir.path('all.json')]);
    expect(again).toMatchObject({ code: 0, stdout: merged.stdout });
    expect(await kload(['compare', dir.path('all.json'), dir.path('all.json')])).toMatchObject({ code: 0 });

    const missing = await kload(['merge', parts[0]!, parts[2]!]);
    expect(missing).toMatchObject({ code: 3, stderr: expect.stringContaining('part 2 of 3 is missing\n') });
    expect(await kload(['merge', parts[0]!, parts[2]!, '--allow-missing'])).toMatchObject({ code: 0 });
  });
});
