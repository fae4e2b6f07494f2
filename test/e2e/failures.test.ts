import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { platform } from 'node:os';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { planRun } from '../../src/config/run-plan.js';
import { openRun } from '../../src/run/open-run.js';
import { ownAddress } from '../support/address.js';
import { folder, kload, ledgerOf, readReport, startEmulator, startKload } from '../support/kload.js';
import { readStream } from '../support/stream.js';

const BIN = fileURLToPath(new URL('../../bin/kload.js', import.meta.url));

const inRegion = (endpoint: string, stream = 's') => [
  ...['--stream', stream, '--region', 'us-east-1', '--endpoint-url', endpoint],
];

describe('records that are given up', () => {
  it('go to the dead-letter file, and sending that completes the set exactly', async () => {
    using dir = folder();
    await using emulator = await startEmulator('--stream', 's:2');
    const lines = Array.from({ length: 6_000 }, (_, n) => JSON.stringify({ n, text: 'ü "quoted"' }));
    writeFileSync(dir.path('in.ndjson'), `${lines.join('\n')}\n`);
    const target = inRegion(emulator.endpoint);
    const first = await kload([
      ...['run', dir.path('in.ndjson'), ...target, '--partition-key-field', 'n', '--max-attempts', '1'],
      ...['--dead-letter', dir.path('dead.ndjson'), '--report', dir.path('1.json'), '--quiet'],
    ]);
    expect(first.code).toBe(5);
    const { sent, failed } = ledgerOf(readReport(dir.path('1.json')));
    expect(sent + failed).toBe(6_000);
    expect(failed).toBeGreaterThan(0);
    const dead = readFileSync(dir.path('dead.ndjson'), 'utf8').trimEnd().split('\n');
    expect(dead).toHaveLength(failed);
    expect(JSON.parse(dead[0]!)).toMatchObject({ error: { code: 'ProvisionedThroughputExceededException' } });

    const second = await kload(['run', dir.path('dead.ndjson'), ...target, '--report', dir.path('2.json'), '--quiet']);
    expect(second.code).toBe(0);
    expect(ledgerOf(readReport(dir.path('2.json')))).toMatchObject({ read: failed, sent: failed });
    const stored = await readStream(emulator.endpoint, 's');
    expect(stored.map(({ data }) => data.toString()).sort()).toEqual(lines.sort());
    for (const { key, data } of stored) expect(key).toBe(String(JSON.parse(data.toString()).n));
  });

  it('are appended to a file, never to the input, and leave no empty file', async () => {
    using dir = folder();
    writeFileSync(dir.path('in.ndjson'), '{"a":1}\n');
    const same = await kload([
      'run',
      dir.path('in.ndjson'),
      '--target',
      'null',
      '--dead-letter',
      dir.path('in.ndjson'),
    ]);
    expect(same).toMatchObject({ code: 2 });
    expect(same.stderr).toMatch(/--dead-letter .*in\.ndjson is also an input/);
    expect(readFileSync(dir.path('in.ndjson'), 'utf8')).toBe('{"a":1}\n');

    const none = await kload(['run', dir.path('in.ndjson'), '--target', 'null', '--dead-letter', dir.path('dead')]);
    expect(none.code).toBe(0);
    expect(existsSync(dir.path('dead'))).toBe(false);
  });
});

describe('a target that goes away', () => {
  it('ends the run with a correct ledger if it stays away', { tags: 'long' }, async () => {
    using dir = folder();
    await using emulator = await startEmulator('--host', ownAddress(), '--stream', 's:4', '--limits', 'off');
    await using run = startKload([
      ...['run', '--rps', '1000', '--duration', '60s', ...inRegion(emulator.endpoint)],
      ...['--target-timeout', '2s', '--report', dir.path('r.json')],
    ]);
    await run.printed(/sent [1-9]/);
    emulator.child.kill('SIGKILL');
    const { code, stderr } = await run.ended;
    expect(code).toBe(4);
    expect(stderr).toMatch(/stream 's' at http:\S+ has not responded for 2s/);
    const report = readReport(dir.path('r.json'));
    const { sent, failed, unsent } = ledgerOf(report);
    expect(sent).toBeGreaterThan(0);
    expect(failed).toBe(0);
    expect(unsent).toBeGreaterThan(0);
    expect(report.outcome.exitCode).toBe(4);
  });

  it('costs only time if it comes back', { tags: 'long' }, async () => {
    const options = ['--host', ownAddress(), '--stream', 's:4', '--limits', 'off'];
    await using emulator = await startEmulator(...options);
    const { port } = new URL(emulator.endpoint);
    using dir = folder();
    await using run = startKload([
      ...['run', '--rps', '500', '--duration', '5s', ...inRegion(emulator.endpoint), '--report', dir.path('r.json')],
    ]);
    await run.printed(/sent [1-9]/);
    emulator.child.kill('SIGKILL');
    await emulator.ended;
    await run.printed(/no response/);
    await using _back = await startEmulator(...options, '--port', port);
    expect((await run.ended).code).toBe(0);
    expect(ledgerOf(readReport(dir.path('r.json')))).toMatchObject({ read: 2_500, sent: 2_500, failed: 0 });
  });

  it('is reported at the start if it accepts connections but never responds', { tags: 'long' }, async () => {
    const server = createServer(() => {}).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const args = [...inRegion(`http://127.0.0.1:${port}`), '--target-timeout', '1s'];
    const { code, stderr } = await kload(['run', '--count', '1', ...args]);
    server.close();
    expect(code).toBe(4);
    expect(stderr).toMatch(/does not respond \(ETIMEDOUT\)/);
  });
});

describe('a run that is interrupted', () => {
  it('drains what it has read, and reports', { tags: 'long' }, async () => {
    using dir = folder();
    await using run = startKload(['run', '--rps', '1000', '--duration', '60s', '--report', dir.path('r.json')]);
    await run.printed(/sent [1-9]/);
    run.child.kill('SIGINT');
    const { code, stdout } = await run.ended;
    expect(code).toBe(130);
    expect(stdout).toMatch(/ended +interrupted/);
    expect(ledgerOf(readReport(dir.path('r.json')))).toMatchObject({ failed: 0, unsent: 0 });
  });

  it('twice, stops at once, and still reports', { tags: 'long' }, async () => {
    using dir = folder();
    const args = ['--rps', '9000', '--shards', '1', '--duration', '60s', '--report', dir.path('r.json')];
    await using run = startKload(['run', ...args]);
    await run.printed(/throttled/);
    run.child.kill('SIGINT');
    await run.printed(/draining/);
    run.child.kill('SIGINT');
    expect((await run.ended).code).toBe(130);
    expect(ledgerOf(readReport(dir.path('r.json'))).unsent).toBeGreaterThan(0);
  });

  it('stops at once when the drain timeout is over', { tags: 'long' }, async () => {
    using dir = folder();
    const args = ['--rps', '9000', '--shards', '1', '--drain-timeout', '0', '--report', dir.path('r.json')];
    await using run = startKload(['run', ...args]);
    await run.printed(/throttled/);
    run.child.kill('SIGTERM');
    expect((await run.ended).code).toBe(130);
    expect(ledgerOf(readReport(dir.path('r.json'))).unsent).toBeGreaterThan(0);
  });

  it('ends even while its input is silent', async () => {
    await using run = startKload(['run', '-', '--target', 'null']);
    run.child.stdin.write('one\n');
    await run.printed(/sent 1 /);
    run.child.kill('SIGINT');
    const { code, stdout } = await run.ended;
    expect(code).toBe(130);
    expect(stdout).toMatch(/read +1 = sent 1 /);
  });
});

describe('a pipe', () => {
  it('that stays open does not keep a run from ending at its count', async () => {
    await using run = startKload(['run', '-', '--target', 'null', '--format', 'lines', '--count', '2']);
    run.child.stdin.write('one\ntwo\n');
    expect(await run.ended).toMatchObject({ code: 0, stdout: expect.stringMatching(/read +2 = sent 2 /) });
  });

  it('that is closed by its reader ends the output, not the run', { tags: 'long' }, async () => {
    using dir = folder();
    await using run = startKload(['run', '--rps', '500', '--duration', '2s', '--report', dir.path('r.json')]);
    await run.printed(/sent [1-9]/);
    run.child.stdout.destroy();
    const { code, stderr } = await run.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(ledgerOf(readReport(dir.path('r.json')))).toMatchObject({ read: 1_000, sent: 1_000 });
  });

  it('that stays silent does not outlast --duration', async () => {
    await using run = startKload(['run', '-', '--format', 'ndjson', '--duration', '1s', '--target', 'null']);
    run.child.stdin.write('{"a":1}\n');
    const { code, stdout } = await run.ended;
    expect(code).toBe(0);
    expect(stdout).toMatch(/read +1 = sent 1 /);
  });
});

describe('a worker that dies', () => {
  it('ends the run with its reason and a correct ledger', async () => {
    const dying = fileURLToPath(new URL('../support/dying-sender.js', import.meta.url));
    const plan = planRun({ target: 'null', rps: '1000', duration: '30s', workers: '2' }, [], {}, 2);
    const run = await openRun(plan, () => {}, { workerModule: dying });
    const report = await run.execute();
    expect(report.outcome).toMatchObject({ exitCode: 1, reason: expect.stringMatching(/worker 0 died: .*code: 7/) });
    expect(ledgerOf(report).sent).toBeGreaterThan(0);
  });
});

describe.runIf(platform() === 'linux')('a limit on open files', () => {
  it('is named in the summary, with a hint', { tags: 'long' }, async () => {
    await using emulator = await startEmulator('--stream', 's:4', '--limits', 'off');
    const target = [...inRegion(emulator.endpoint), '--target-timeout', '3s'];
    const run = [process.execPath, BIN, 'run', '--count', '20000', '--batch-size', '5', ...target];
    const few = (...args: string[]) =>
      spawnSync('sh', ['-c', 'ulimit -n 40; exec "$0" "$@"', ...run, ...args], { encoding: 'utf8' });
    const many = few('--max-in-flight', '1000');
    expect(many.stdout).toMatch(
      /errors +EMFILE [\d,]+\n +raise the limit on open files with ulimit -n, or lower --max-in-flight\n/,
    );
    const advised = few('--max-in-flight', '4');
    expect(advised.status).toBe(0);
    expect(advised.stdout).not.toContain('EMFILE');
  });
});
