import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { startEmulator } from '../src/emulator/index.js';
import { KloadError, run } from '../src/index.js';
import { folder, kload } from './support/kload.js';

describe('run, called from code', () => {
  it('resolves with the report, and prints nothing', async () => {
    const written = vi.spyOn(process.stdout, 'write');
    const signals = process.listenerCount('SIGINT');
    const running = run({ target: 'embedded', count: 1000, shards: 2, limits: 'off' });
    expect(process.listenerCount('SIGINT')).toBe(signals);
    const report = await running;
    expect(report).toMatchObject({
      schema: 'kload.report/2',
      outcome: { exitCode: 0, reason: null },
      records: { read: 1000, sent: 1000, failed: 0 },
      target: { kind: 'embedded', shards: 2 },
    });
    expect(written).not.toHaveBeenCalled();
    written.mockRestore();
  });

  it('sends files and writes the reports that it is asked for', async () => {
    using dir = folder();
    writeFileSync(dir.path('a.csv'), 'body,ts\na,2026-01-02T03:04:05Z\nb,2026-01-02T03:04:06Z\n');
    const report = await run({ files: dir.path('a.csv'), target: 'null', report: dir.path('r.json') });
    expect(report.records).toMatchObject({ read: 2, sent: 2 });
    expect(JSON.parse(readFileSync(dir.path('r.json'), 'utf8'))).toEqual(report);
  });

  it('resolves for a run in which records could not be sent: the report says how it ended', async () => {
    using dir = folder();
    writeFileSync(dir.path('bad.ndjson'), '{"a":1}\nnot JSON\n');
    const report = await run({ files: dir.path('bad.ndjson'), format: 'ndjson', dataField: '.a', target: 'null' });
    expect(report.outcome).toMatchObject({ exitCode: 3, reason: expect.stringContaining('bad.ndjson:2') });
  });

  it.each([
    [{ rps: -1 }, ['--rps', '-1']],
    [{ rps: 5, respectTiming: true, files: 'a.csv' }, ['a.csv', '--rps', '5', '--respect-timing']],
    [{ duration: '5' }, ['--duration', '5']],
    [{ target: 'elsewhere' as 'null' }, ['--target', 'elsewhere']],
    [{ report: 'run.txt' }, ['--report', 'run.txt']],
    [{ files: ['/nonexistent/a.csv'] }, ['/nonexistent/a.csv']],
    [{ count: 1, report: ['/nonexistent/r.json'] }, ['--count', '1', '--report', '/nonexistent/r.json']],
  ])('rejects %j as the command line does', async (options, args) => {
    const error = await run(options).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(KloadError);
    const { message, hint, exitCode } = error as KloadError;
    const { code, stderr } = await kload(['run', ...args]);
    expect(stderr).toBe(`kload: ${message}\n${hint === undefined ? '' : `       ${hint}\n`}`);
    expect(exitCode).toBe(code);
  });

  it('rejects an option that does not exist, or that only a command line has', async () => {
    for (const name of ['rsp', 'dashboard', 'constructor']) {
      await expect(run({ [name]: true })).rejects.toMatchObject({
        message: `unknown option '${name}'`,
        hint: expect.stringContaining('camelCase'),
        exitCode: 2,
      });
    }
  });

  it('takes a switch that is false as one that is left out', async () => {
    const off = { respectTiming: false, loop: false, resume: false, ordered: false, tls: false, idempotent: false };
    const report = await run({ ...off, header: true, target: 'null', rps: 1000, count: 3 });
    expect(report).toMatchObject({ records: { sent: 3 }, config: { schedule: { kind: 'constant-rate' } } });
  });

  it.each([
    [{ stream: null }, '--stream takes a text or a number, not null'],
    [{ partitionKey: true }, '--partition-key takes a text or a number, not true'],
    [{ brokers: ['k1', {}], topic: 't' }, '--brokers takes a text or a number, not {}'],
    [{ count: Object.create(null) }, '--count takes a text or a number, not [Object: null prototype] {}'],
    [{ ordered: 'yes' }, "--ordered takes true or false, not 'yes'"],
    [{ report: [5] }, '--report takes texts, not 5'],
    [{ files: null }, 'files takes texts, not null'],
    [{ files: ['a.csv', undefined] }, 'files takes texts, not undefined'],
  ])('rejects values of another type: %j', async (options, message) => {
    await expect(run({ count: 1, ...(options as object) })).rejects.toMatchObject({
      ...{ name: 'KloadError', message, exitCode: 2 },
    });
  });

  it('ends the run and rejects with the error of a callback that throws', async () => {
    using dir = folder();
    let calls = 0;
    const onProgress = () => {
      calls++;
      throw new Error('mine');
    };
    const options = { target: 'null', rps: 100, duration: '1h', report: dir.path('r.json') } as const;
    await expect(run({ ...options, onProgress })).rejects.toThrow('mine');
    expect(calls).toBe(1);
    const { outcome } = JSON.parse(readFileSync(dir.path('r.json'), 'utf8'));
    expect(outcome).toMatchObject({ exitCode: 130, reason: 'interrupted' });
  });

  it('sends nothing when onNotice throws before the run begins', async () => {
    using dir = folder();
    await using emulator = await startEmulator({ streams: [{ name: 'orders', shards: 1 }] });
    writeFileSync(dir.path('a.ndjson'), '{"a":1}\n{"a":2}\n');
    const connection = { stream: 'orders', region: 'us-east-1', endpointUrl: emulator.endpoint };
    const options = { ...connection, files: dir.path('a.ndjson'), checkpoint: dir.path('c') };
    expect((await run({ ...options, count: 1 })).records.sent).toBe(1);
    const onNotice = (text: string) => {
      throw new Error(text);
    };
    await expect(run({ ...options, resume: true, onNotice })).rejects.toThrow('resumes from');
    expect((await run({ ...options, resume: true })).records.sent).toBe(1);
  });

  it('reads no options from the environment', async () => {
    vi.stubEnv('KLOAD_COUNT', '7');
    vi.stubEnv('KLOAD_TARGET', 'kinesis');
    try {
      expect((await run({ target: 'null', count: 3 })).records.sent).toBe(3);
      expect((await run({ count: 3 })).target.kind).toBe('embedded');
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it('stops and resolves when its signal is aborted, with its progress until then', async () => {
    const controller = new AbortController();
    const seen: number[] = [];
    const report = await run({
      ...{ target: 'null', rps: 1000, duration: '1h', signal: controller.signal },
      onProgress: ({ records }) => {
        seen.push(records.sent);
        if (records.sent > 0) controller.abort();
      },
    });
    expect(report.outcome).toMatchObject({ exitCode: 130, reason: 'interrupted' });
    expect(report.records.sent).toBeGreaterThanOrEqual(seen.at(-1)!);
    expect(report.records).toMatchObject({ read: report.records.sent, unsent: 0 });
    await expect(run({ target: 'null', signal: controller.signal })).rejects.toThrow(/aborted/);
  });

  it('serves metrics, also for a while after the run, until its signal is aborted', async () => {
    const controller = new AbortController();
    const served: string[] = [];
    const report = await run({
      ...{ target: 'null', count: 100, metricsListen: '127.0.0.1:0', metricsLinger: '1h', signal: controller.signal },
      async onNotice(text) {
        const [, url] = /^metrics stay at (\S+) /.exec(text) ?? [];
        if (url === undefined) return;
        served.push(await (await fetch(url)).text());
        controller.abort();
      },
    });
    expect(report).toMatchObject({ outcome: { exitCode: 0 }, metrics: { otlp: null } });
    expect(served).toEqual([expect.stringContaining('\nkload_records_sent_total 100\n')]);
    await expect(fetch(report.metrics!.listen!)).rejects.toThrow();
  });

  it('rejects when its signal is aborted before it begins', async () => {
    const controller = new AbortController();
    const running = run({ target: 'null', count: 1000, signal: controller.signal });
    controller.abort();
    await expect(running).rejects.toThrow(/aborted/);
  });

  it('passes on warnings, and does not print them', async () => {
    const notices: string[] = [];
    const options = { brokers: ['192.0.2.1:9092'], topic: 't', sasl: 'plain', saslUsername: 'u' } as const;
    vi.stubEnv('KLOAD_SASL_PASSWORD', 'secret');
    try {
      const running = run({ ...options, report: '/nonexistent/r.json', onNotice: (text) => notices.push(text) });
      await expect(running).rejects.toMatchObject({ exitCode: 6 });
    } finally {
      vi.unstubAllEnvs();
    }
    expect(notices).toEqual([expect.stringContaining('--sasl plain without --tls')]);
  });
});
