import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { run } from '../../src/index.js';
import { folder, kload, ledgerOf, readReport, startEmulator, startKload } from '../support/kload.js';

const CREDENTIALS = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' };

/** Accepts connections and never responds. */
async function silentServer() {
  const server = createServer((socket) => socket.on('error', () => {}).resume()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { port, endpoint: `http://127.0.0.1:${port}`, [Symbol.dispose]: () => void server.close() };
}

describe('--max-time', () => {
  it('ends a run by the clock, and exits with 0 if everything that was read was sent', async () => {
    using dir = folder();
    const args = ['--rps', '500', '--duration', '1h', '--max-time', '1s', '--report', dir.path('r.json')];
    const { code, stdout, stderr } = await kload(['run', '--target', 'null', ...args]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/ended +--max-time 1s is over\n/);
    const report = readReport(dir.path('r.json'));
    expect(report.outcome).toEqual({ exitCode: 0, reason: '--max-time 1s is over', hint: null });
    expect(report.config).toMatchObject({ durationMs: 3_600_000, maxTimeMs: 1_000 });
    const { read, sent } = ledgerOf(report);
    expect(sent).toBe(read);
  });

  it('exits with 5 if records stayed unsent because the target is silent', {
    tags: 'long',
    timeout: 120_000,
  }, async () => {
    using dir = folder();
    await using emulator = await startEmulator(
      ...['--stream', 's', '--fault', 'latency:operation=PutRecords,delay=10m'],
    );
    const target = ['--stream', 's', '--region', 'us-east-1', '--endpoint-url', emulator.endpoint];
    // A busy machine may not read a record in the first of these.
    for (const seconds of [3, 12, 30]) {
      const limits = ['--target-timeout', '1h', '--drain-timeout', '0', '--max-time', `${seconds}s`];
      const args = [...target, ...limits, '--rps', '100', '--duration', '1h', '--report', dir.path('r.json')];
      const { code, stderr } = await kload(['run', ...args], undefined, CREDENTIALS);
      const { read, unsent } = ledgerOf(readReport(dir.path('r.json')));
      expect(unsent).toBe(read);
      if (read === 0) continue;
      expect(code).toBe(5);
      expect(stderr).toMatch(new RegExp(`^kload: --max-time ${seconds}s is over: \\d+ unsent$`, 'm'));
      return;
    }
    expect.unreachable('no record was read');
  });

  it('ends the wait for --start-at, and for a silent input', async () => {
    const later = new Date(Date.now() + 3_600_000).toISOString();
    const waiting = await run({ target: 'null', count: 1, startAt: later, maxTime: '200ms' });
    expect(waiting).toMatchObject({ outcome: { exitCode: 0 }, records: { read: 0 } });
    await using silent = startKload(['run', '-', '--target', 'null', '--max-time', '1s']);
    expect(await silent.ended).toMatchObject({ code: 0, stdout: expect.stringContaining('--max-time 1s is over') });
  });

  it('bounds the wait for a target that never responds', { tags: 'long' }, async () => {
    using silent = await silentServer();
    const kinesis = ['--stream', 's', '--region', 'us-east-1', '--endpoint-url', silent.endpoint];
    for (const target of [kinesis, ['--topic', 't', '--brokers', `127.0.0.1:${silent.port}`]]) {
      const args = [...target, '--target-timeout', '1h', '--max-time', '1s'];
      const { code, stderr } = await kload(['run', '--count', '1', ...args], undefined, CREDENTIALS);
      expect(code).toBe(4);
      expect(stderr).toBe(
        'kload: --max-time 1s was over before the target responded\n' +
          '       nothing was sent; allow more time, or leave --max-time out\n',
      );
    }
  });
});

it('an AbortSignal ends the opening of a target that never responds', async () => {
  using silent = await silentServer();
  const controller = new AbortController();
  const running = run({
    ...{ stream: 's', region: 'us-east-1', endpointUrl: silent.endpoint, targetTimeout: '1h', count: 1 },
    signal: controller.signal,
  });
  controller.abort(new Error('mine'));
  await expect(running).rejects.toThrow('mine');
});

it('a run from code that is aborted does not wait for standard input', async () => {
  const code = `
    import { run } from '${new URL('../../dist/bundle/kload.js', import.meta.url)}';
    const controller = new AbortController();
    const onProgress = ({ records }) => records.sent === 1 && controller.abort();
    const { outcome } = await run({ files: '-', target: 'null', signal: controller.signal, onProgress });
    console.log(outcome.exitCode);`;
  const { spawn } = await import('node:child_process');
  const child = spawn(process.execPath, ['--input-type=module', '--eval', code], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.write('one\n');
  const [[printed], [exitCode]] = await Promise.all([
    once(child.stdout.setEncoding('utf8'), 'data'),
    once(child, 'exit'),
  ]);
  expect({ printed, exitCode }).toEqual({ printed: '130\n', exitCode: 0 });
});
