import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Report } from '../../src/core/report.js';
import { folder, kload, ledgerOf } from '../support/kload.js';

const RUN = ['run', '--target', 'null', '--count', '50', '--no-dashboard'];

describe('kload run --report -', () => {
  it('writes only the report to standard output, and the rest to standard error', async () => {
    const { code, stdout, stderr } = await kload([...RUN, '--report', '-']);
    expect(code).toBe(0);
    expect(ledgerOf(JSON.parse(stdout) as Report)).toMatchObject({ sent: 50 });
    expect(stderr).toMatch(/^ {2}sent +50 records, none failed$/m);
  });

  it('says on standard error how it reads standard input', async () => {
    const { stdout, stderr } = await kload(['run', '-', '--target', 'null', '--report', '-'], '{"a":1}\n');
    expect(ledgerOf(JSON.parse(stdout) as Report)).toMatchObject({ sent: 1 });
    expect(stderr).toMatch(/^reading standard input: NDJSON/);
  });

  it('does the same through a link to standard output that is redirected to a file', async () => {
    using dir = folder();
    symlinkSync('/dev/stdout', dir.path('link.json'));
    const file = openSync(dir.path('all.json'), 'w');
    const bin = new URL('../../bin/kload.js', import.meta.url).pathname;
    const args = [bin, ...RUN, '--report', dir.path('link.json')];
    const child = spawn(process.execPath, args, { stdio: ['ignore', file, 'pipe'] });
    const [stderr] = await Promise.all([text(child.stderr!), once(child, 'close')]);
    closeSync(file);
    expect(child.exitCode).toBe(0);
    expect(ledgerOf(JSON.parse(readFileSync(dir.path('all.json'), 'utf8')))).toMatchObject({ sent: 50 });
    expect(stderr).toMatch(/^ {2}sent +50 records/m);
  });

  it('is refused beside another name of standard output', async () => {
    const { code, stdout, stderr } = await kload([...RUN, '--report', '-', '--report', '/dev/stdout']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('--report /dev/stdout is also another report');
  });
});

describe('a report to a named pipe', () => {
  it('reaches its reader', async () => {
    using dir = folder();
    execFileSync('mkfifo', [dir.path('pipe.json')]);
    const reader = spawn('cat', [dir.path('pipe.json')], { stdio: ['ignore', 'pipe', 'ignore'] });
    const [read, { code }] = await Promise.all([
      text(reader.stdout),
      kload([...RUN, '--report', dir.path('pipe.json')]),
    ]);
    expect(code).toBe(0);
    expect(ledgerOf(JSON.parse(read) as Report)).toMatchObject({ sent: 50 });
  });

  it('ends the run with 6 if nothing reads it, after the other reports', async () => {
    using dir = folder();
    execFileSync('mkfifo', [dir.path('pipe.json')]);
    const reports = ['--report', dir.path('pipe.json'), '--report', dir.path('run.json')];
    const { code, stderr } = await kload([...RUN, ...reports]);
    expect(code).toBe(6);
    expect(stderr).toMatch(/--report .*pipe\.json was not written: nothing reads this pipe\n.*reader/);
    expect(JSON.parse(readFileSync(dir.path('run.json'), 'utf8'))).toMatchObject({ records: { sent: 50 } });
  });
});

describe('kload report', () => {
  const dir = folder();
  const json = dir.path('run.json');
  let summary = '';
  let page = '';
  beforeAll(async () => {
    const { code, stdout } = await kload([...RUN, '--report', json, '--report', dir.path('then.html')]);
    expect(code).toBe(0);
    summary = stdout;
    page = readFileSync(dir.path('then.html'), 'utf8');
    return () => dir[Symbol.dispose]();
  });

  it('prints the summary that the run printed', async () => {
    const { code, stdout, stderr } = await kload(['report', json]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.trim()).toContain('50 records, none failed');
    expect(summary).toContain(stdout.trim());
  });

  it('writes each form as the run would have written it, also from standard input', async () => {
    const outputs = ['now.html', 'now.xml', 'now.md', 'now.csv', 'now.hgrm', '-'].map((name) =>
      name === '-' ? name : dir.path(name),
    );
    const args = outputs.flatMap((file) => ['--out', file]);
    const { code, stdout } = await kload(['report', '-', ...args], readFileSync(json));
    expect(code).toBe(0);
    expect(stdout).toBe(readFileSync(json, 'utf8'));
    expect(readFileSync(dir.path('now.html'), 'utf8')).toBe(page);
    expect(readFileSync(dir.path('now.xml'), 'utf8')).toContain('<testsuites name="kload"');
    expect(readFileSync(dir.path('now.md'), 'utf8')).toContain('### ✅ passed');
    expect(readFileSync(dir.path('now.csv'), 'utf8')).toMatch(/^t,offered/);
    expect(readFileSync(dir.path('now.hgrm'), 'utf8')).toContain('TotalCount');
  });

  it.each([
    [['missing.json'], 3, /missing\.json cannot be read: ENOENT/],
    [['other.json'], 3, /other\.json is JSON, but not a report of kload/],
    [['run.json', '--out', 'run.txt'], 2, /--out run\.txt: unknown format\n.*\.html/],
    [['run.json', '--out', 'nowhere/run.html'], 6, /--out .*nowhere\/run\.html cannot be written: ENOENT/],
    [['run.json', '--out', 'run.json'], 2, /--out .*run\.json is also an input/],
  ])('%j ends with %i', async (args, wanted, message) => {
    writeFileSync(dir.path('other.json'), '{"a":1}');
    const inFolder = args.map((arg) => (/^(?!run\.txt|--)/.test(arg) ? dir.path(arg) : arg));
    const { code, stdout, stderr } = await kload(['report', ...inFolder]);
    expect({ code, stdout }).toEqual({ code: wanted, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/bug|\n +at /);
  });
});
