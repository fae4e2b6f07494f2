import { writeFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { folder, kload, ledgerOf, readReport, startEmulator, startKload } from '../support/kload.js';
import { startPutSink } from '../support/put-sink.js';
import { readStream } from '../support/stream.js';

/** What a sink received from a run. */
async function fingerprint(args: readonly string[]) {
  await using sink = await startPutSink();
  const { code, stderr } = await kload(['run', ...sink.args, '--quiet', ...args], undefined, sink.env);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return sink.received;
}

describe('generated records', () => {
  it('are the same for each number of workers, and others for another seed', { tags: 'long' }, async () => {
    const args = ['--count', '30000', '--keys', '500'];
    const one = await fingerprint([...args, '--workers', '1']);
    expect(one.count).toBe(30_000);
    expect(await fingerprint([...args, '--workers', '3'])).toEqual(one);
    expect(await fingerprint([...args, '--seed', '2'])).not.toEqual(one);
  });

  it('of a template are the same for each number of workers', { tags: 'long' }, async () => {
    using dir = folder();
    writeFileSync(dir.path('t'), '{"id":"{{uuid}}","key":"{{key}}","who":"{{name.firstName}}","pad":"{{words 2}}"}\n');
    const args = ['--count', '20000', '--template', dir.path('t'), '--key-distribution', 'zipf:1.1'];
    const sizes = ['--record-size', 'lognormal:p50=200,p99=2000'];
    const one = await fingerprint([...args, ...sizes, '--workers', '1']);
    expect(one.count).toBe(20_000);
    expect(await fingerprint([...args, ...sizes, '--workers', '3'])).toEqual(one);
    expect(await fingerprint([...args, '--workers', '1'])).not.toEqual(one);
  });

  it('are the same for each number of workers: a million', { tags: 'long', timeout: 300_000 }, async () => {
    const args = ['--count', '1000000'];
    const one = await fingerprint([...args, '--workers', '1']);
    expect(one.count).toBe(1_000_000);
    expect(await fingerprint([...args, '--workers', '2'])).toEqual(one);
    expect(await fingerprint([...args, '--workers', '4'])).toEqual(one);
  });

  it('are complete after a kill and --resume, with other workers', { tags: 'long' }, async () => {
    using dir = folder();
    await using emulator = await startEmulator('--stream', 's:2', '--limits', 'off');
    const to = ['--stream', 's', '--region', 'us-east-1', '--endpoint-url', emulator.endpoint];
    const args = ['run', ...to, '--count', '3000', '--checkpoint', dir.path('c'), '--checkpoint-interval', '20ms'];
    await using first = startKload([...args, '--rps', '2000', '--workers', '2']);
    const stored = async () => new Set((await readStream(emulator.endpoint, 's')).map(({ data }) => data.toString()));
    await vi.waitFor(async () => expect((await stored()).size).toBeGreaterThan(500), { timeout: 30_000 });
    first.child.kill('SIGKILL');
    await first.ended;
    const second = await kload([...args, '--resume', '--workers', '3', '--report', dir.path('r.json')]);
    expect(second).toMatchObject({ code: 0 });
    const { resumed } = readReport(dir.path('r.json'));
    expect(resumed!.skipped).toBeGreaterThan(0);
    expect(ledgerOf(readReport(dir.path('r.json'))).sent).toBe(3000 - resumed!.skipped);
    const resumedRun = await stored();
    expect(resumedRun.size).toBe(3000);
    await using other = await startEmulator('--stream', 's:2', '--limits', 'off');
    const whole = [
      'run',
      '--stream',
      's',
      '--region',
      'us-east-1',
      '--endpoint-url',
      other.endpoint,
      '--count',
      '3000',
    ];
    expect(await kload(whole)).toMatchObject({ code: 0 });
    const atOnce = new Set((await readStream(other.endpoint, 's')).map(({ data }) => data.toString()));
    expect(resumedRun).toEqual(atOnce);
  });

  it('go to one shard with one partition key, and to all shards in turn with --spread even', async () => {
    await using emulator = await startEmulator('--stream', 's:4', '--limits', 'off');
    const to = ['--stream', 's', '--region', 'us-east-1', '--endpoint-url', emulator.endpoint];
    const key = ['--partition-key', 'the only one', '--count', '1000', '--workers', '2'];
    expect(await kload(['run', ...to, ...key, '--spread', 'even'])).toMatchObject({ code: 0 });
    const perShard = new Map<string, number>();
    for (const { shardId, key } of await readStream(emulator.endpoint, 's')) {
      expect(key).toBe('the only one');
      perShard.set(shardId, (perShard.get(shardId) ?? 0) + 1);
    }
    expect([...perShard.values()]).toEqual([250, 250, 250, 250]);
  });

  it('hold no byte order mark or last line break of a template file', async () => {
    using dir = folder();
    writeFileSync(dir.path('t'), '\u{feff}{"n":{{seq}}}\r\n');
    const { stdout } = await kload(['run', '--target', 'null', '--template', dir.path('t'), '--dry-run', '1']);
    expect(JSON.parse(stdout)).toMatchObject({ data: '{"n":0}' });
  });

  it('overload one shard on request', { tags: 'long' }, async () => {
    await using emulator = await startEmulator('--stream', 's:4', '--limits', 'off');
    const to = ['--stream', 's', '--region', 'us-east-1', '--endpoint-url', emulator.endpoint];
    expect(await kload(['run', ...to, '--count', '4000', '--hot-shard', '3:0.7'])).toMatchObject({ code: 0 });
    const hot = (await readStream(emulator.endpoint, 's')).filter(({ shardId }) => shardId === 'shardId-000000000003');
    expect(hot.length / 4000).toBeCloseTo(0.7, 1);
    const none = await kload(['run', ...to, '--count', '1', '--hot-shard', '4:0.5']);
    expect(none).toMatchObject({ code: 2, stderr: expect.stringContaining('--hot-shard: there is no shard 4') });
  });

  it.each([
    [['--template', 'TEMPLATE'], 2, "TEMPLATE:2:9: there is no function 'itn'\n       did you mean int?"],
    [['--template', '{{int 1 2}'], 2, "--template:1:1: '{{' has no '}}'"],
    [['--template', 'none.json'], 3, '--template none.json cannot be read'],
    [['--template', 'LATIN1'], 3, '/latin1 cannot be read: it is not UTF-8 text'],
    [['--template', '"{{bytes 20}}"', '--record-size', '10'], 2, 'a record of the template has up to 22 bytes, not 10'],
    [['--template', '{{int 1 5}}', '--record-size', '10'], 2, '--template:1:3: int writes a number'],
    [['--template', '{{bytes 10485760}}'], 2, '--template is too large'],
    [['--record-size', '10'], 2, '--record-size is too small: a generated record with 10000 keys has at least'],
    [['--record-size', '10MiB'], 2, '--record-size is too large: a generated record has 10485768 bytes with its key'],
    [['--record-size', '2000..100'], 2, '--record-size takes sizes (200, 100..2000'],
    [['--key-distribution', 'zipf:x'], 2, '--key-distribution takes uniform, sequential, zipf:0.99 or'],
    [['--hot-shard', '0:0.5'], 2, '--hot-shard: there is no shard 0'],
  ])('are refused with %j', async (args, exit, message) => {
    using dir = folder();
    writeFileSync(dir.path('t'), '{\n "a": {{itn 1 5}}\n}\n');
    writeFileSync(dir.path('latin1'), Buffer.from('{"name":"J\u00f6rg {{int 1 5}}"}', 'latin1'));
    const named = (text: string) => text.replace('TEMPLATE', dir.path('t')).replace('LATIN1', dir.path('latin1'));
    const { code, stderr } = await kload(['run', '--count', '1', '--target', 'null', ...args.map(named)]);
    expect(stderr).toContain(named(message));
    expect(code).toBe(exit);
  });
});
