import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { folder, kload, ledgerOf, readReport, startEmulator } from '../support/kload.js';

const NULL = ['--target', 'null', '--quiet'];

describe('input that cannot be used', () => {
  /** A file, the line that reports it, and how many records before the bad one are sent. */
  const cases: readonly { name: string; content: string; says: RegExp; sent: number; args?: string[] }[] = [
    { name: 'empty.csv', content: '', says: /empty\.csv is empty/, sent: 0 },
    { name: 'header.csv', content: 'a,b\n', says: /header\.csv has a header but no records/, sent: 0 },
    {
      name: 'column.csv',
      content: 'a,b\n1,2\n',
      says: /column\.csv: no column 'x' for --data-field/,
      sent: 0,
      args: ['--data-field', 'x'],
    },
    {
      name: 'quote.csv',
      content: 'a,b\n1,2\n"3,4\n5,6\n',
      says: /quote\.csv:3: the quote opened in column 'a' is never closed/,
      sent: 1,
    },
    { name: 'nul.csv', content: 'a,b\n1,2\n3\0,4\n', says: /nul\.csv:3: NUL byte in column 'a'/, sent: 1 },
    { name: 'ragged.csv', content: 'a,b\n1,2\n3,4,5\n', says: /ragged\.csv:3: .*3 columns/, sent: 1 },
    { name: 'bad.ndjson', content: '{"a":1}\n{"a":\n{"a":2}\n', says: /bad\.ndjson:2: invalid JSON/, sent: 1 },
    {
      name: 'key.csv',
      content: 'k,b\nx,2\n,4\n',
      says: /key\.csv:3: partition key in column 'k' is empty/,
      sent: 1,
      args: ['--partition-key-field', 'k'],
    },
    {
      name: 'long.csv',
      content: `k,b\nx,2\n${'ü'.repeat(257)},4\n`,
      says: /long\.csv:3: partition key in column 'k' has 257 characters/,
      sent: 1,
      args: ['--partition-key-field', 'k'],
    },
    {
      name: 'base64.csv',
      content: 'd,b\naGk=,2\nnot base64,4\n',
      says: /base64\.csv:3: the data is not base64/,
      sent: 1,
      args: ['--data-encoding', 'base64'],
    },
    {
      name: 'time.csv',
      content: 'a,.ts\n1,2024-01-01T00:00:00Z\n2,yesterday\n',
      says: /time\.csv:3: timestamp 'yesterday' in column '\.ts'/,
      sent: 1,
      args: ['--respect-timing'],
    },
  ];
  it.each(cases)(
    '$name is reported in one line, after the records before it were sent',
    { tags: 'long' },
    async (bad) => {
      using dir = folder();
      writeFileSync(dir.path(bad.name), bad.content);
      const report = dir.path('r.json');
      const args = [...NULL, '--report', report, ...(bad.args ?? [])];
      const { code, stderr } = await kload(['run', dir.path(bad.name), ...args]);
      expect(code).toBe(3);
      expect(stderr.split('\n')[0]).toMatch(bad.says);
      expect(stderr).not.toMatch(/\n +at /);
      if (bad.sent > 0) expect(ledgerOf(readReport(report))).toMatchObject({ sent: bad.sent, rejected: 1, unsent: 0 });
    },
  );

  it('is reported for a missing file', async () => {
    const { code, stderr } = await kload(['run', '/nonexistent/in.csv', ...NULL]);
    expect(code).toBe(3);
    expect(stderr).toMatch(/^kload: \/nonexistent\/in\.csv: no such file\n/);
  });

  it('is reported for gzip that is cut off, after everything before it was sent', async () => {
    using dir = folder();
    const rows = Array.from({ length: 2_000 }, (_, n) => `row ${n} ${Math.sin(n)},x`).join('\n');
    writeFileSync(dir.path('cut.csv.gz'), gzipSync(`a,b\n${rows}\n`).subarray(0, 15_000));
    const { code, stderr } = await kload(['run', dir.path('cut.csv.gz'), ...NULL, '--report', dir.path('r.json')]);
    expect(code).toBe(3);
    expect(stderr).toMatch(/cut\.csv\.gz: the gzip data is cut off/);
    expect(ledgerOf(readReport(dir.path('r.json'))).sent).toBeGreaterThan(500);
  });

  it('is counted and named with --on-bad-record skip, and the rest is sent', async () => {
    using dir = folder();
    const lines = Array.from({ length: 40 }, (_, n) => (n % 3 === 0 ? 'no json' : `{"n":${n}}`));
    writeFileSync(dir.path('in.ndjson'), `${lines.join('\n')}\n`);
    const args = ['--on-bad-record', 'skip', '--report', dir.path('r.json')];
    const { code, stdout } = await kload(['run', dir.path('in.ndjson'), ...NULL, ...args]);
    expect(code).toBe(0);
    expect(ledgerOf(readReport(dir.path('r.json')))).toMatchObject({ read: 40, sent: 26, rejected: 14 });
    expect(stdout.match(/in\.ndjson:\d+: invalid JSON/g)).toHaveLength(10);
    expect(stdout).toMatch(/and 4 more/);
  });

  it.each<[string, string, string[], RegExp]>([
    [
      'is rejected to the last record',
      '{"a":\n{"a":\n{"a":\n',
      ['--on-bad-record', 'skip'],
      /nothing was sent: all 3 records were rejected, the first at \S+in\.ndjson:1: invalid JSON.*\n +fix the input/,
    ],
    [
      'is rejected as a whole',
      '{"a":\n',
      ['--on-bad-record', 'skip'],
      /nothing was sent: its only record was rejected, the first at \S+in\.ndjson:1: invalid JSON/,
    ],
    [
      'holds calls without records',
      '{"StreamName":"s","Records":[]}\n',
      ['--unwrap', 'kinesis'],
      /nothing was sent: the input holds no record\n +check the input/,
    ],
  ])('that %s ends with 3 when nothing was sent', async (_, content, args, says) => {
    using dir = folder();
    writeFileSync(dir.path('in.ndjson'), content);
    const { code, stdout, stderr } = await kload(['run', dir.path('in.ndjson'), ...NULL, ...args]);
    expect(stderr).toMatch(says);
    expect(code).toBe(3);
    expect(stdout).toMatch(/^\n +ended +nothing was sent: .*\n +sent +0 records\n/);
  });

  it('of which all is rejected in the last leg of a run that sent something is no failure', {
    tags: 'long',
  }, async () => {
    using dir = folder();
    writeFileSync(dir.path('in.ndjson'), '{"a":1}\n{"a":\n');
    const run = ['run', dir.path('in.ndjson'), ...NULL, '--checkpoint', dir.path('c'), '--resume'];
    expect((await kload([...run, '--count', '1'])).code).toBe(0);
    expect(await kload([...run, '--on-bad-record', 'skip'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('none failed'),
    });
  });

  it('is too large for the stream by what the stream itself says', async () => {
    using dir = folder();
    await using emulator = await startEmulator('--stream', 's');
    writeFileSync(dir.path('in.csv'), `a\nsmall\n${'x'.repeat(1024 * 1024)}\nlast\n`);
    const target = ['--stream', 's', '--region', 'us-east-1', '--endpoint-url', emulator.endpoint];
    const { code, stderr } = await kload(['run', dir.path('in.csv'), ...target, '--quiet']);
    expect(code).toBe(3);
    expect(stderr).toMatch(/in\.csv:3: the record has 1048587 bytes with its key, the stream takes 1048576/);
  });

  it('that an option has no effect on is refused', async () => {
    using dir = folder();
    writeFileSync(dir.path('dead.ndjson'), '{"schema":"kload.record/1","partitionKey":"k","data":"d"}\n');
    const field = await kload(['run', dir.path('dead.ndjson'), ...NULL, '--data-field', '.data']);
    expect(field.code).toBe(2);
    expect(field.stderr).toMatch(/dead\.ndjson holds kload records, .*--data-field has no effect/);
    const header = await kload(['run', dir.path('dead.ndjson'), ...NULL, '--no-header']);
    expect(header.code).toBe(2);
    expect(header.stderr).toMatch(/dead\.ndjson is not CSV: --no-header has no effect/);
  });

  it('that is no UTF-8 is sent as it is', async () => {
    using dir = folder();
    writeFileSync(dir.path('in.csv'), Buffer.from([0x61, 0x0a, 0xff, 0xfe, 0x0a]));
    const { code, stdout } = await kload(['run', dir.path('in.csv'), ...NULL]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/sent +1 record,/);
  });
});

describe('a command line that is wrong', () => {
  it.each([
    [['run', '--rsp', '5'], /^kload: unknown option '--rsp'\n {7}did you mean --rps\?\n$/],
    [['rnu'], /^kload: unknown command 'rnu'\n {7}did you mean run\?\n$/],
    [['emulate', 'orders'], /^kload: too many arguments.*\n {7}see kload emulate --help\n$/],
    [['run', '--rps'], /^kload: option '--rps <n>' argument missing\n {7}see kload run --help\n$/],
  ])('%j', async (args, says) => {
    const { code, stderr } = await kload(args);
    expect(stderr).toMatch(says);
    expect(code).toBe(2);
  });
});

describe('a target that cannot be used', () => {
  let emulator: Awaited<ReturnType<typeof startEmulator>>;
  beforeAll(async () => {
    emulator = await startEmulator('--stream', 's');
  });
  afterAll(() => emulator[Symbol.asyncDispose]());

  it.each([
    ['an unknown stream', ['--stream', 'nope'], {}, 4, /there is no stream 'nope' at http/],
    ['another region', ['--stream', 's', '--region', 'eu-west-1'], {}, 4, /there is no stream 's' at .*eu-west-1/],
    ['no region', ['--stream', 's', '--region', ''], {}, 2, /--region takes the name of a region/],
    [
      'what is no region',
      ['--stream', 's', '--region', 'us east'],
      {},
      2,
      /--region takes the name of a region.*us east/,
    ],
    ['what is no stream', ['--stream', 'a b'], {}, 2, /--stream takes the name of a stream: .*, not 'a b'/],
    ['an ARN as a name', ['--stream', 'arn:aws:x'], {}, 2, /--stream takes .*--stream-arn takes its ARN/],
    ['a name as an ARN', ['--stream-arn', 'orders'], {}, 2, /--stream-arn takes the ARN of a stream such as arn:aws:/],
    [
      'records too large for it',
      ['--record-size', '2MB', '--stream', 's'],
      {},
      2,
      /--record-size is too large.*1048576/,
    ],
  ])('%s', { tags: 'long' }, async (_, args, env, exitCode, says) => {
    const base = ['--count', '1', '--quiet', '--region', 'us-east-1', '--endpoint-url', emulator.endpoint];
    const { code, stderr } = await kload(['run', ...base, ...args], undefined, env);
    expect(stderr).toMatch(says);
    expect(code).toBe(exitCode);
  });

  it('nothing listens there', async () => {
    const args = ['--stream', 's', '--region', 'us-east-1', '--endpoint-url', 'http://127.0.0.1:1'];
    const { code, stderr } = await kload(['run', '--count', '1', ...args]);
    expect(code).toBe(4);
    expect(stderr).toMatch(/http:\/\/127\.0\.0\.1:1 .*cannot be reached \(ECONNREFUSED\)/);
  });

  it('no credentials, no region', { tags: 'long' }, async () => {
    const noCredentials = await kload(['run', '--count', '1', '--stream', 's', '--region', 'us-east-1']);
    expect(noCredentials.code).toBe(4);
    expect(noCredentials.stderr).toMatch(/no AWS credentials/);
    const noRegion = await kload(['run', '--count', '1', '--stream', 's']);
    expect(noRegion.code).toBe(2);
    expect(noRegion.stderr).toMatch(/no AWS region is set\n +pass --region/);
    const nope = ['run', '--count', '1', '--stream', 's', '--profile', 'nope'];
    const noProfile = await kload([...nope, '--region', 'x-1']);
    expect(noProfile).toMatchObject({
      code: 4,
      stderr: expect.stringMatching(/from profile 'nope': .*\n +check its name/),
    });
    const noProfilesRegion = await kload(nope);
    expect(noProfilesRegion).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/profile 'nope' .* sets no region/),
    });
  });

  it.each([[['run', '--count', '1', '--stream', 's']], [['tail', 's']]])('a bad region around %j', async (args) => {
    const { code, stderr } = await kload(args, undefined, { AWS_REGION: 'us east' });
    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("'us east' is not the name of an"),
    });
    expect(stderr).not.toContain('bug');
  });

  it('takes the endpoint and the region from the variables of the SDK', async () => {
    const env = { AWS_ENDPOINT_URL_KINESIS: emulator.endpoint, AWS_REGION: 'us-east-1' };
    const { code, stderr } = await kload(['run', '--count', '10', '--stream', 's'], undefined, env);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});

describe('an output that cannot be written', () => {
  it('a full disk', async () => {
    using dir = folder();
    symlinkSync('/dev/full', dir.path('r.json'));
    const { code, stderr, stdout } = await kload(['run', '--count', '10', ...NULL, '--report', dir.path('r.json')]);
    expect(code).toBe(6);
    expect(stderr).toMatch(/--report \S+r\.json was not written: ENOSPC/);
    expect(stdout).toMatch(/sent +10 records/);
  });

  it.skipIf(process.platform === 'win32').each([
    ['run.json', 1],
    ['run.hgrm', 0],
  ])('a disk that has no room for %s leaves the one that is there', (name, blocks) => {
    using dir = folder();
    writeFileSync(dir.path(name), 'of the run before');
    const command = `ulimit -f ${blocks}; exec "$0" bin/kload.js run --count 10 --target null --quiet --report "$1"`;
    const args = ['-c', command, process.execPath, dir.path(name)];
    const { status, stderr } = spawnSync('sh', args, { encoding: 'utf8' });
    expect(stderr).toMatch(/--report \S+ was not written: EFBIG/);
    expect(status).toBe(6);
    expect(readFileSync(dir.path(name), 'utf8')).toBe('of the run before');
    expect(readdirSync(dir.path('.'))).toEqual([name]);
  });

  it('a full disk that standard output goes to', () => {
    using dir = folder();
    const full = openSync('/dev/full', 'w');
    const args = ['bin/kload.js', 'run', '--count', '10', ...NULL, '--report', dir.path('r.json')];
    const { status, stderr } = spawnSync(process.execPath, args, { stdio: ['ignore', full, 'pipe'], encoding: 'utf8' });
    closeSync(full);
    expect(status).toBe(6);
    expect(stderr).toMatch(/^kload: standard output cannot be written: ENOSPC.*\n +write the results .* --report\n$/);
    expect(readReport(dir.path('r.json')).records.sent).toBe(10);
  });

  it('a folder that is not there, before anything is sent', async () => {
    const { code, stdout } = await kload(['run', '--count', '10', ...NULL, '--report', '/nonexistent/r.json']);
    expect({ code, stdout }).toEqual({ code: 6, stdout: '' });
  });
});
