import { existsSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { folder, kload, ledgerOf, readReport } from '../support/kload.js';

/** Runs files of these contents to the null target. */
async function run(files: Readonly<Record<string, string | Buffer>>, args: readonly string[] = [], input?: string) {
  using dir = folder();
  for (const [name, content] of Object.entries(files)) writeFileSync(dir.path(name), content);
  const names = [...Object.keys(files).map((name) => dir.path(name)), ...(input === undefined ? [] : ['-'])];
  const to = ['--target', 'null', '--report', dir.path('r.json'), ...args];
  const ended = await kload(['run', ...names, ...to], input);
  const report = existsSync(dir.path('r.json')) ? readReport(dir.path('r.json')) : undefined;
  return { ...ended, report: () => report ?? expect.fail(`there is no report: ${ended.stderr}`) };
}

describe('how files are read', () => {
  const files = {
    'orders.csv': 'id;.ts;item\n1;2026-01-02T03:04:05Z;a, b\nid;.ts;item\n2;2026-01-02T03:04:06Z;c\n',
    'events.ndjson': '{"a":1}\n',
    'notes.txt': 'one, two\nthree\n',
  };

  it('is said at the beginning, in the summary and in the report', async () => {
    const { code, stdout, report } = await run(files, ['--no-dashboard'], 'x,y\n1,2\n');
    expect(code).toBe(0);
    const lines = [
      /^reading .*orders\.csv: CSV with a header, delimiter ';'; data: column 'id'; time: column '\.ts'; key: none$/m,
      /^reading .*events\.ndjson: NDJSON; data: the whole line; time: none; key: none$/m,
      /^reading .*notes\.txt: lines of text; data: the whole line; time: none; key: none$/m,
      /^reading standard input: CSV with a header, delimiter ','; data: column 'x'; time: column 'y'; key: none; only column 'x' is sent, not column 'y': pass --format lines to send whole lines$/m,
      /^ {2}input +orders\.csv: CSV with a header, delimiter ';'\n +data: column 'id'; time: column '\.ts'; key: none\n +repeated header rows left out: 1$/m,
    ];
    for (const line of lines) expect(stdout).toMatch(line);
    expect(ledgerOf(report())).toMatchObject({ read: 6, sent: 6 });
    expect(report().input.files).toMatchObject([
      { format: 'csv', header: true, delimiter: ';', data: "column 'id'", time: "column '.ts'", repeatedHeaders: 1 },
      { format: 'ndjson', header: null, delimiter: null, data: 'the whole line', time: null, key: null },
      { format: 'lines', data: 'the whole line' },
      { file: 'standard input', format: 'csv', delimiter: ',' },
    ]);
  });

  it('names --partition-key where it gives the key', async () => {
    const { stdout } = await run(files, ['--no-dashboard', '--partition-key', 'user-1']);
    expect(stdout.match(/key: --partition-key$/gm)).toHaveLength(5);
    expect(stdout).not.toContain('key: none');
  });

  it('never makes one record of a document that holds many', { tags: 'long' }, async () => {
    const data = (n: number) => Buffer.from(`data ${n}`).toString('base64');
    const entries = [1, 2, 3].map((n) => ({ Data: data(n), PartitionKey: `key ${n}` }));
    for (const document of [
      entries,
      { Records: entries, MillisBehindLatest: 0 },
      { Records: [{ a: 1 }, { a: 2 }, { a: 3 }] },
    ]) {
      for (const spaces of [0, 4]) {
        const { code, stdout, report } = await run({ 'out.json': JSON.stringify(document, null, spaces) });
        expect(code).toBe(0);
        expect(ledgerOf(report())).toMatchObject({ sent: 3 });
        expect(stdout).toMatch(/ {2}input +out\.json: (JSON values|NDJSON)\n/);
      }
    }
  });

  it('is what was asked for', async () => {
    const { 'orders.csv': csv } = files;
    const args = ['--no-header', '--delimiter', 'tab', '--quiet'];
    const { code, report } = await run({ 'orders.csv': csv.replaceAll(';', '\t') }, args);
    expect(code).toBe(0);
    // Without a header every row is a record.
    expect(ledgerOf(report())).toMatchObject({ sent: 4 });
    expect(report().input.files).toMatchObject([
      { header: false, delimiter: '\t', data: 'column 1', time: 'column 2' },
    ]);
    const lines = await run({ 'orders.csv': csv }, ['--format', 'lines', '--quiet']);
    expect(ledgerOf(lines.report())).toMatchObject({ sent: 4 });
    const refused = await run({ 'orders.csv': csv }, ['--delimiter', 'x']);
    expect(refused).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/--delimiter takes ',', ';', '\|' or tab, not 'x'/),
    });
  });
});

describe('advice', () => {
  const AT = ['--respect-timing', '--speed', '10'];
  const csv = (...times: string[]) => `d,ts\n${times.map((time, n) => `${n},"${time}"`).join('\n')}\n`;

  it.each<[string, Record<string, string>, string[], RegExp, string[]]>([
    [
      'times without an offset',
      { 'a.csv': csv('2026-01-02 03:04:05', '2026-01-02 03:04:06') },
      AT,
      /a\.csv:2: timestamp '2026-01-02 03:04:05' in column 'ts' has no offset: pass --timestamp-zone, for example UTC/,
      ['--timestamp-zone', 'UTC'],
    ],
    [
      "times of Apache's",
      { 'a.csv': csv('02/Jan/2026:03:04:05 +0000', '02/Jan/2026:03:04:06 +0000') },
      AT,
      /a\.csv:2: timestamp '02\/Jan\/2026:03:04:05 \+0000' in column 'ts': pass --timestamp-format apache/,
      ['--timestamp-format', 'apache'],
    ],
    [
      'times of RFC 1123',
      { 'a.csv': csv('Fri, 02 Jan 2026 03:04:05 GMT', 'Fri, 02 Jan 2026 03:04:06 GMT') },
      AT,
      /: pass --timestamp-format rfc1123/,
      ['--timestamp-format', 'rfc1123'],
    ],
    [
      'text in a file that is named as JSON',
      { 'a.json': 'one\ntwo\n' },
      [],
      /a\.json:1: invalid JSON.*\n.*it is read as NDJSON; .*: pass --format if it is something else/,
      ['--format', 'lines'],
    ],
    [
      'lines of text that have columns and times',
      { 'a.txt': csv('2026-01-02T03:04:05Z', '2026-01-02T03:04:06Z') },
      AT,
      /a\.txt is read as lines of text, which have no times\n.*if the file has columns, pass --format csv/,
      ['--format', 'csv'],
    ],
    [
      'times in another column',
      { 'a.csv': 'd,host,ts\n1,x,2026-01-02T03:04:05Z\n2,y,2026-01-02T03:04:06Z\n' },
      AT,
      /a\.csv:2: timestamp 'x' in column 'host' is not RFC 3339.*\n.*name another field with --timestamp-field, or/,
      ['--timestamp-field', 'ts'],
    ],
    [
      'keys in another field',
      { 'a.ndjson': '{"user":{"id":"a"}}\n{"user":{"id":"b"}}\n' },
      ['--partition-key-field', '.user'],
      /a\.ndjson:1: partition key at '\.user' is an object\n.*name another field with --partition-key-field, or/,
      ['--partition-key-field', '.user.id'],
    ],
  ])('for %s is given, and gives the right result', { tags: 'long' }, async (_, files, args, told, advised) => {
    const refused = await run(files, ['--quiet', ...args]);
    expect(refused.code).toBe(3);
    expect(refused.stderr).toMatch(told);
    expect(refused.stderr).not.toContain('fix the record');
    const { code, stderr, report } = await run(files, ['--quiet', ...args, ...advised]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(ledgerOf(report())).toMatchObject({ sent: 2, rejected: 0 });
    // The second is due a second of the recording after the first.
    if (args === AT) expect(report().durationMs).toBeGreaterThan(95);
  });

  it('to fix a record is given where others could be used', async () => {
    const { stderr } = await run({ 'a.ndjson': '{"a":1}\nnope\n' }, ['--quiet']);
    expect(stderr).toMatch(/a\.ndjson:2: invalid JSON.*\n.*fix the record, or pass --on-bad-record skip/);
  });
});
