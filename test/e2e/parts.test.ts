import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import type { Report } from '../../src/core/report.js';
import { folder, kload, ledgerOf, readReport, startEmulator, startKload } from '../support/kload.js';
import { readStream } from '../support/stream.js';

const to = (endpoint: string, stream: string) => [
  ...['--stream', stream, '--region', 'us-east-1', '--endpoint-url', endpoint, '--workers', '1'],
];

/** Records with keys of their own, and some without. */
function recording(count: number): string {
  const row = (n: number) => ({ n, ...(n % 7 > 0 && { key: `k${n % 61}` }), at: 1_767_225_600_000 + n * 2 });
  return Array.from({ length: count }, (_, n) => `${JSON.stringify(row(n))}\n`).join('');
}

/** The data of all records, in an order that does not depend on when they arrived. */
async function storedIn(endpoint: string, stream: string): Promise<string[]> {
  return (await readStream(endpoint, stream)).map(({ data }) => data.toString()).sort();
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Does all parts of a run at once. */
async function doParts(of: number, args: readonly string[], report: (name: string) => string): Promise<Report[]> {
  const numbers = Array.from({ length: of }, (_, i) => i + 1);
  const ends = await Promise.all(
    numbers.map((n) => kload(['run', ...args, '--part', `${n}/${of}`, '--report', report('r.json')])),
  );
  expect(ends.map(({ code, stderr }) => `${code} ${stderr}`)).toEqual(numbers.map(() => '0 '));
  return numbers.map((n) => readReport(report(`r.${n}of${of}.json`)));
}

describe('a run in parts', () => {
  it('puts into the stream what the whole run does', async () => {
    using dir = folder();
    const file = dir.path('in.ndjson');
    writeFileSync(file, recording(900));
    await using emulator = await startEmulator('--stream', 'whole:2', '--stream', 'parts:2');
    const args = [file, '--partition-key-field', 'key', '--unwrap', 'none', '--on-bad-record', 'skip'];
    args.push('--timestamp-field', 'at', '--respect-timing', '--speed', '4');
    const whole = await kload(['run', ...args, ...to(emulator.endpoint, 'whole'), '--report', dir.path('w.json')]);
    expect(whole.code).toBe(0);
    const reports = await doParts(3, [...args, ...to(emulator.endpoint, 'parts')], dir.path);
    const [stored, expected] = [await storedIn(emulator.endpoint, 'parts'), await storedIn(emulator.endpoint, 'whole')];
    expect(stored).toEqual(expected);
    const ledgers = reports.map(ledgerOf);
    expect(ledgers.reduce((sum, { sent }) => sum + sent, 0)).toBe(stored.length);
    expect(ledgers.reduce((sum, { read }) => sum + read, 0)).toBe(readReport(dir.path('w.json')).records.read);
    for (const { sent } of ledgers) expect(sent).toBeGreaterThan(150);
    const [{ runId } = { runId: '' }] = reports.map(({ part }) => part!);
    expect(runId).toMatch(/^[0-9a-f]{16}$/);
    const clock = { offsetMs: expect.any(Number), uncertaintyMs: expect.any(Number) };
    expect(reports.map(({ part }) => part)).toEqual(
      [1, 2, 3].map((number) => ({ number, of: 3, by: 'key', runId, clock })),
    );
    // Both clocks are this machine's.
    for (const { part } of reports) {
      expect(Math.abs(part!.clock!.offsetMs)).toBeLessThanOrEqual(part!.clock!.uncertaintyMs);
    }
  });

  it('makes what the whole run makes', { tags: 'long' }, async () => {
    using dir = folder();
    await using emulator = await startEmulator('--stream', 'whole:2', '--stream', 'parts:2');
    const args = ['--count', '2000', '--rps', '4000', '--keys', '50'];
    const whole = await kload(['run', ...args, ...to(emulator.endpoint, 'whole')]);
    expect(whole.code).toBe(0);
    const thresholds = ['--threshold', 'rps.achieved > 3000', '--threshold', 'records.failed == 0'];
    const reports = await doParts(2, [...args, ...thresholds, ...to(emulator.endpoint, 'parts')], dir.path);
    expect(await storedIn(emulator.endpoint, 'parts')).toEqual(await storedIn(emulator.endpoint, 'whole'));
    // The whole rate is above what a part has: only the merged report can judge it.
    expect(reports[0]!.thresholds).toMatchObject([
      { ok: true, value: null, got: 'not judged by a part: kload merge does' },
      { ok: true, value: 0 },
    ]);
    const target = reports.reduce((sum, { rps }) => sum + rps.target!, 0);
    expect(Math.abs(target - 4000)).toBeLessThan(40);
  });

  it('may have no record for a part', { tags: 'long' }, async () => {
    const { code, stdout } = await kload(['run', '--count', '20', '--keys', '1', '--part', '1/2']);
    const other = await kload(['run', '--count', '20', '--keys', '1', '--part', '2/2']);
    expect([code, other.code]).toEqual([0, 0]);
    expect(stdout).toMatch(/part +1 of 2, by key, run [0-9a-f]{16}\n/);
    const sent = [stdout, other.stdout].map((text) => /sent +(\d+) record/.exec(text)?.[1]);
    expect(sent.sort()).toEqual(['0', '20']);
  });

  it('resumes a part that was killed, and refuses another number of parts', { tags: 'long' }, async () => {
    using dir = folder();
    const checkpoint = dir.path('run.ckpt');
    await using emulator = await startEmulator('--stream', 's:4');
    const args = [
      'run',
      '--count',
      '12000',
      '--rps',
      '3000',
      ...to(emulator.endpoint, 's'),
      '--checkpoint',
      checkpoint,
    ];
    args.push('--checkpoint-interval', '100ms', '--resume');
    const other = kload([...args, '--part', '1/2']);
    await using first = startKload([...args, '--part', '2/2']);
    await first.printed(/sent [1-9]/);
    first.child.kill('SIGKILL');
    await first.ended;
    const refused = await kload([...args, '--part', '2/3']);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('in another number of parts') });
    const whole = await kload(args);
    expect(whole).toMatchObject({ code: 2, stderr: expect.stringContaining('and this one is not split') });
    const second = await kload([...args, '--part', '2/2', '--report', dir.path('r.json')]);
    expect([second.code, (await other).code]).toEqual([0, 0]);
    const { resumed, records } = readReport(dir.path('r.2of2.json'));
    expect(resumed!.skipped).toBe(resumed!.earlier.sent);
    const ids = (await storedIn(emulator.endpoint, 's')).map((data) => (JSON.parse(data) as { id: string }).id);
    expect(new Set(ids).size).toBe(12_000);
    expect(ids.length - 12_000).toBeLessThanOrEqual(resumed!.maybeDuplicated);
    expect(records.sent + resumed!.earlier.sent).toBeLessThan(9000);
    expect(readdirSync(dir.path('.')).filter((name) => /ckpt\.\dof2$/.test(name))).toHaveLength(2);
  });
});

describe('--barrier', () => {
  it('begins all eight parts of an array job together', { tags: 'long' }, async () => {
    using dir = folder();
    const barrier = `tcp://127.0.0.1:${await freePort()}`;
    const args = [
      'run',
      '--count',
      '4000',
      '--rps',
      '4000',
      '--part',
      'auto',
      '--barrier',
      barrier,
      '--target',
      'null',
    ];
    const ends = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        kload([...args, '--report', dir.path('r.json')], '', {
          JOB_COMPLETION_INDEX: String(index),
          KLOAD_PARTS: '8',
        }),
      ),
    );
    expect(ends.map(({ code }) => code)).toEqual(ends.map(() => 0));
    const reports = ends.map((_, index) => readReport(dir.path(`r.${index + 1}of8.json`)));
    expect(reports.reduce((sum, { records }) => sum + records.sent, 0)).toBe(4000);
    expect(new Set(reports.map(({ part }) => part!.runId)).size).toBe(1);
  });

  it('names the parts that are missing', { tags: 'long' }, async () => {
    const barrier = `tcp://127.0.0.1:${await freePort()}`;
    const args = ['run', '--count', '9', '--target', 'null', '--barrier', barrier, '--barrier-timeout', '2s'];
    const [first, third] = await Promise.all(['1/4', '3/4'].map((part) => kload([...args, '--part', part])));
    for (const { code, stderr } of [first!, third!]) {
      expect({ code, stderr }).toMatchObject({
        code: 4,
        stderr: expect.stringContaining('parts 2, 4 of 4 are missing'),
      });
    }
    const alone = await kload([...args, '--part', '2/4', '--barrier-timeout', '300ms']);
    expect(alone).toMatchObject({ code: 4, stderr: expect.stringContaining('part 1 of 4 is missing') });
  });

  it('refuses a part of another run by name, and drops what is no part of a run', async () => {
    const port = await freePort();
    const args = ['run', '--target', 'null', '--barrier', `tcp://127.0.0.1:${port}`, '--barrier-timeout', '30s'];
    await using first = startKload([...args, '--count', '9', '--part', '1/2']);
    const other = await kload([...args, '--count', '10', '--part', '2/2']);
    expect(other).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/part 2\/2 is refused: it belongs to run \w/),
    });
    await first.printedError(/part 2\/2 is refused/);
    for (const nonsense of ['GET / HTTP/1.1\r\n\r\n', `{"kload":"barrier/1"}\n`, 'x'.repeat(10_000)]) {
      const socket = net.connect({ host: '127.0.0.1', port });
      socket.write(nonsense);
      await once(socket.resume(), 'close');
    }
    const second = await kload([...args, '--count', '9', '--part', '2/2']);
    expect([second.code, (await first.ended).code]).toEqual([0, 0]);
  });

  it('ends with Ctrl-C while it waits', async () => {
    const args = ['--barrier', `tcp://127.0.0.1:${await freePort()}`];
    await using first = startKload(['run', '--count', '9', '--target', 'null', ...args, '--part', '1/2']);
    await first.printed(/waiting for the other parts of the run/);
    first.child.kill('SIGINT');
    expect((await first.ended).code).toBe(130);
  });
});

describe('--barrier-dir', () => {
  it('takes no notice of files of earlier runs', { tags: 'long' }, async () => {
    using dir = folder();
    const shared = dir.path('shared');
    const args = ['run', '--count', '9', '--target', 'null', '--barrier-dir', shared];
    const timeout = ['--barrier-timeout', '1s'];
    await using killed = startKload([...args, '--part', '2/2']);
    const present = () => readdirSync(shared).filter((name) => name.endsWith('2of2.json'));
    await vi.waitFor(() => expect(present()).toHaveLength(1), { timeout: 20_000, interval: 20 });
    killed.child.kill('SIGKILL');
    await killed.ended;
    const stale = readFileSync(`${shared}/${present()[0]}`, 'utf8');
    const alone = await kload([...args, '--part', '1/2', ...timeout]);
    expect(alone).toMatchObject({ code: 4, stderr: expect.stringContaining('part 2 of 2 is missing') });
    expect(readFileSync(`${shared}/${present()[0]}`, 'utf8')).toBe(stale);
    const both = await Promise.all(['1/2', '2/2'].map((part) => kload([...args, '--part', part])));
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
  });
});
