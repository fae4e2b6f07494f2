import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { folder, kload, ledgerOf, readReport, startEmulator, startKload } from '../support/kload.js';
import { readStream } from '../support/stream.js';

const ENV = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_REGION: 'us-east-1' };

/** The loads of two streams: `orders` and `clicks`. */
function loads(orders = '', clicks = ''): string {
  return `loads:
  - stream: orders
    rps: 400
    template: '{"order":{{seq}}}'${orders}
  - name: pages
    stream: clicks
    rps: 100
    template: '{"click":{{seq}}}'${clicks}
`;
}

describe('kload run with several loads', () => {
  it('sends each stream its share, and reports each load and the sum', { tags: 'long' }, async () => {
    using dir = folder();
    await using emulator = await startEmulator('--stream', 'orders:2', '--stream', 'clicks:1');
    const config = dir.path('c.yaml');
    const top = `endpoint-url: ${emulator.endpoint}\nduration: 2s\nworkers: 2\nthreshold: records.failed == 0\n`;
    writeFileSync(config, top + loads('\n    threshold: behind < 1m', '\n    threshold: latency.p50 < 0.001ms'));
    const reports = ['r.json', 'r.html', 'r.md', 'r.xml', 'r.csv'];
    const args = reports.flatMap((name) => ['--report', dir.path(name)]);
    const { code, stdout, stderr } = await kload(['run', '--config', config, '--quiet', ...args], undefined, ENV);
    expect({ code, stderr }).toEqual({
      code: 99,
      stderr: "kload: load 'pages': threshold crossed: latency.p50 < 0.001ms\n",
    });
    expect(stdout).toMatch(/ {2}load .*\n {2}orders {3}800 .* 0\n {2}pages {4}200 .* 99\n/);
    expect(stdout).toMatch(/ok +records\.failed == 0.*\n +ok +orders: behind < 1m.*\n +CROSSED +pages: latency\.p50/);

    const report = readReport(dir.path('r.json'));
    expect(ledgerOf(report)).toMatchObject({ read: 1000, sent: 1000 });
    expect(report.loads?.map(({ name, records, outcome }) => [name, records.sent, outcome.exitCode])).toEqual([
      ['orders', 800, 0],
      ['pages', 200, 99],
    ]);
    for (const load of report.loads ?? []) ledgerOf({ ...load });
    expect(report.rps.target).toBe(500);
    expect(report.intervals.reduce((sum, { sent }) => sum + sent, 0)).toBe(1000);
    expect(report.latencyMs.fromIntended.count).toBe(1000);
    expect(report.workers.map(({ id }) => id).sort()).toEqual([0, 1]);
    expect(report.shards.map(({ id, sent }) => [id, sent])).toEqual([
      ['orders/shardId-000000000000', report.loads?.[0]?.shards[0]?.sent],
      ['orders/shardId-000000000001', report.loads?.[0]?.shards[1]?.sent],
      ['clicks/shardId-000000000000', 200],
    ]);
    expect(readFileSync(dir.path('r.html'), 'utf8')).toContain('What each load did');
    expect(readFileSync(dir.path('r.md'), 'utf8')).toMatch(/\| <code>pages<\/code> \| 200 \|/);
    expect(readFileSync(dir.path('r.xml'), 'utf8')).toMatch(/tests="4" failures="1"/);

    const field = async (stream: string) =>
      (await readStream(emulator.endpoint, stream)).map(({ data }) => Object.keys(JSON.parse(data.toString()))[0]);
    expect(await field('orders')).toEqual(Array(800).fill('order'));
    expect(await field('clicks')).toEqual(Array(200).fill('click'));
    const again = await kload(['report', dir.path('r.json')]);
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('pages') });
    const compared = await kload(['compare', dir.path('r.json'), dir.path('r.json')]);
    expect(compared.code).toBe(0);
  });

  it('sends nothing unless all loads can be opened', { tags: 'long' }, async () => {
    using dir = folder();
    await using emulator = await startEmulator('--stream', 'orders:1');
    writeFileSync(dir.path('c.yaml'), `endpoint-url: ${emulator.endpoint}\nduration: 1s\n${loads()}`);
    const args = ['run', '--config', dir.path('c.yaml'), '--report', dir.path('r.json')];
    const { code, stdout, stderr } = await kload(args, undefined, ENV);
    expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
    expect(stderr).toMatch(/^kload: load 'pages': there is no stream 'clicks' at http/);
    expect(await readStream(emulator.endpoint, 'orders')).toEqual([]);
    expect(existsSync(dir.path('r.json'))).toBe(false);
  });

  it('drains all loads on Ctrl-C', { tags: 'long' }, async () => {
    using dir = folder();
    const config = dir.path('c.yaml');
    writeFileSync(config, 'duration: 10m\nloads:\n  - name: a\n    rps: 500\n  - name: b\n    rps: 50\n');
    await using run = startKload(['run', '--config', config, '--report', dir.path('r.json')]);
    await run.printed(/ 1s .* of 550 records\/s/);
    run.child.kill('SIGINT');
    expect((await run.ended).code).toBe(130);
    const report = readReport(dir.path('r.json'));
    expect(ledgerOf(report)).toMatchObject({ unsent: 0, failed: 0 });
    for (const { name, records, outcome } of report.loads ?? []) {
      expect({ name, unsent: records.unsent, exit: outcome.exitCode }).toEqual({ name, unsent: 0, exit: 130 });
      expect(records.sent).toBeGreaterThan(0);
    }
  });

  it('ends the others when a load cannot go on', async () => {
    using dir = folder();
    const [config, input] = [dir.path('c.yaml'), dir.path('a.ndjson')];
    writeFileSync(input, '{"a":1}\nnot json\n');
    writeFileSync(
      config,
      `duration: 10m\ntarget: "null"\nloads:\n  - {name: bad, files: ${input}}\n  - {name: good, rps: 100}\n`,
    );
    const { code, stderr } = await kload(['run', '--config', config, '--quiet', '--report', dir.path('r.json')]);
    expect({ code, stderr }).toEqual({
      code: 3,
      stderr: expect.stringContaining(`kload: load 'bad': ${input}:2: `),
    });
    const [, good] = readReport(dir.path('r.json')).loads ?? [];
    expect(good).toMatchObject({ name: 'good', outcome: { reason: "load 'bad' ended the run" } });
  });
});

describe('a file with loads', () => {
  const run = async (text: string, ...args: string[]) => {
    using dir = folder();
    writeFileSync(dir.path('c.yaml'), text);
    const { code, stdout, stderr } = await kload(['run', '--config', dir.path('c.yaml'), ...args]);
    return { code, stdout, stderr: stderr.replaceAll(dir.path('c.yaml'), 'c.yaml') };
  };

  it.each([
    [
      'an unknown key',
      'loads:\n  - name: a\n    rsp: 5\n',
      /^kload: c\.yaml:3: load 'a': unknown option 'rsp'\n.*rps\?/,
    ],
    ['no name', 'target: "null"\nloads:\n  - rps: 5\n', /^kload: c\.yaml:3: load 1 has no name/],
    ['a name twice', 'loads:\n  - name: a\n  - name: a\n', /^kload: c\.yaml:3: two loads have the name 'a'/],
    ['no load', 'loads: []\n', /^kload: c\.yaml:1: loads takes a list, not an empty one/],
    ['a shared option', 'loads:\n  - name: a\n    workers: 2\n', /^kload: c\.yaml:3: load 'a': --workers is for the/],
    ['a checkpoint', 'checkpoint: x\nloads:\n  - name: a\n', /^kload: c\.yaml:1: --checkpoint cannot be used with/],
    ['one dead-letter', 'dead-letter: x\nloads:\n  - name: a\n', /^kload: c\.yaml:1: --dead-letter cannot be set/],
    [
      'two kinds',
      'loads:\n  - {name: a, target: "null"}\n  - {name: b, target: embedded}\n',
      /need one kind of target/,
    ],
    ['a conflict', 'loads:\n  - {name: a, rps: 5, stages: 5@1s}\n', /^kload: load 'a': --rps and --stages cannot/],
  ])('is refused with %s', async (_, text, message) => {
    const { code, stderr } = await run(text);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(message) });
  });

  it('is printed as a file that means the same', async () => {
    const text = 'rps: 5\nseed: 3\nduration: 1s\nloads:\n  - name: a\n  - {name: b, stages: 1..9@1s}\n';
    const first = await run(text, '--seed', '7', '--print-config');
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout).toMatch(/name: a\n(.*\n)* {4}rps: 5\n(.*\n)* {2}- name: b\n(.*\n)* {4}stages: 1\.\.9@1s\n/);
    expect(first.stdout.match(/seed: 7/g)).toHaveLength(2);
    expect((await run(first.stdout, '--print-config')).stdout).toBe(first.stdout);
  });

  it('shows the first records of each load in a dry run', async () => {
    const { code, stdout, stderr } = await run(
      'target: "null"\nloads:\n  - {name: a, template: "a{{seq}}"}\n  - {name: b, template: "b{{seq}}"}\n',
      '--dry-run',
      '1',
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/"data":"a0".*\n.*"data":"b0"/);
    expect(stderr).toContain("kload: load 'b'\n");
  });
});
