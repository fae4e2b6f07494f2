import { existsSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { flights, flightsCsv } from '../support/flights.js';
import { folder, kload, ledgerOf, readReport, startEmulator, startKload } from '../support/kload.js';
import { readStream, type StoredRecord } from '../support/stream.js';

interface Departure {
  readonly n: number;
  readonly departedAt: string;
}

function departures(stored: readonly StoredRecord[]): Departure[] {
  return stored.map(({ data }) => JSON.parse(data.toString()) as Departure).sort((a, b) => a.n - b.n);
}

describe('a part of a recording by time', () => {
  it('is sent, and the report tells how many records lie outside', async () => {
    using dir = folder();
    await using emulator = await startEmulator('--stream', 's:2', '--limits', 'off');
    writeFileSync(dir.path('flights.csv'), flightsCsv());
    const [from, to] = ['2001-01-10T06:00:00Z', '2001-01-17T12:00:00+02:00'];
    const target = ['--stream', 's', '--region', 'us-east-1', '--endpoint-url', emulator.endpoint];
    const part = ['--from', from, '--to', to, '--rps', '20000'];
    const args = [...target, ...part, '--report', dir.path('r.json')];
    const { code, stdout, stderr } = await kload(['run', dir.path('flights.csv'), ...args]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const wanted = flights()
      .map(({ json }) => JSON.parse(json) as Departure)
      .filter(({ departedAt }) => departedAt >= '2001-01-10T06:00:00Z' && departedAt < '2001-01-17T10:00:00Z');
    expect(wanted.length).toBeGreaterThan(1_000);
    expect(departures(await readStream(emulator.endpoint, 's'))).toEqual(wanted);
    const report = readReport(dir.path('r.json'));
    expect(ledgerOf(report)).toMatchObject({ read: wanted.length, sent: wanted.length });
    expect(report.input).toMatchObject({ outside: 20_000 - wanted.length });
    expect(stdout).toContain(`${(20_000 - wanted.length).toLocaleString('en-US')} left out: outside --from and --to`);
  });

  it('begins its schedule with its own first record', { tags: 'long' }, async () => {
    using dir = folder();
    const rows = Array.from({ length: 40 }, (_, n) => `${n},${1_700_000_000 + n * 60}`);
    writeFileSync(dir.path('a.csv'), `n,ts\n${rows.join('\n')}\n`);
    const args = ['--respect-timing', '--speed', '600', '--from', '+30m', '--target', 'null', '--quiet'];
    // They are due within the first 0.9 s; counted from the recording's first record, after 3 s.
    const { code } = await kload([
      'run',
      dir.path('a.csv'),
      ...args,
      '--duration',
      '1s',
      '--report',
      dir.path('r.json'),
    ]);
    expect(code).toBe(0);
    expect(ledgerOf(readReport(dir.path('r.json'))).sent).toBe(10);
  });

  it.each([
    [
      ['--from', '2031-01-01T00:00:00Z'],
      3,
      /no record lies in the part .*\n.*the recording goes from 2023-11-14T22:13:20/,
    ],
    [['--from', '10m'], 2, /--from takes a time with an offset .* \(\+10m\), not '10m'/],
    [['--from', '+10m', '--to', '+5m'], 2, /--to must be after --from/],
  ])('%j is told to be a mistake', { tags: 'long' }, async (args, exitCode, told) => {
    using dir = folder();
    writeFileSync(dir.path('a.csv'), 'n,ts\n1,1700000000\n2,1700000060\n');
    const { code, stderr } = await kload(['run', dir.path('a.csv'), '--target', 'null', '--quiet', ...args]);
    expect(code).toBe(exitCode);
    expect(stderr).toMatch(told);
    expect(stderr).not.toMatch(/\n +at /);
  });
});

/** Runs a CSV of data and times to the null target. */
async function replay(rows: readonly string[], args: readonly string[]) {
  using dir = folder();
  writeFileSync(dir.path('a.csv'), `n,ts\n${rows.join('\n')}\n`);
  const to = ['--target', 'null', '--quiet', '--report', dir.path('r.json')];
  const ended = await kload(['run', dir.path('a.csv'), ...to, ...args]);
  const report = existsSync(dir.path('r.json')) ? readReport(dir.path('r.json')) : undefined;
  return { ...ended, report: () => report ?? expect.fail(`there is no report: ${ended.stderr}`) };
}

describe('a recording with long silences', () => {
  // Three bursts of ten records each, 20 ms apart, with a day between them.
  const rows = Array.from(
    { length: 30 },
    (_, n) => `${n},${1_700_000_000_000 + Math.floor(n / 10) * 86_400_000 + n * 20}`,
  );

  it('is replayed with --max-gap in place of each', { tags: 'long' }, async () => {
    const { code, stderr, report } = await replay(rows, ['--respect-timing', '--max-gap', '2s', '--speed', '4']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(ledgerOf(report())).toMatchObject({ sent: 30 });
    // 27 gaps of 20 ms and two of 2 s, four times as fast: what is due within that time is all but the last record.
    expect(report().durationMs).toBeGreaterThanOrEqual(1_135);
    const within = await replay(rows, ['--respect-timing', '--max-gap', '2s', '--speed', '4', '--duration', '1135ms']);
    expect(ledgerOf(within.report()).sent).toBe(29);
  });

  it.each([
    [['--max-gap', '5s'], /--max-gap needs --respect-timing/],
    [['--respect-timing', '--max-gap', '5'], /--max-gap takes a time with a unit/],
    [['--respect-timing', '--max-gap', '0s'], /--max-gap takes a time longer than 0/],
  ])('%j is told to be a mistake', { tags: 'long' }, async (args, told) => {
    const { code, stderr } = await replay(rows, args);
    expect(code).toBe(2);
    expect(stderr).toMatch(told);
  });
});

describe('a recording that is out of order', () => {
  /** Rows on one shard, in the order in which they come to it. */
  async function arrived(files: Readonly<Record<string, string>>, args: readonly string[]) {
    using dir = folder();
    await using emulator = await startEmulator('--stream', 's', '--limits', 'off');
    for (const [name, text] of Object.entries(files)) writeFileSync(dir.path(name), text);
    const target = ['--stream', 's', '--region', 'us-east-1', '--endpoint-url', emulator.endpoint, '--quiet'];
    const inOrder = ['--partition-key', 'k', '--max-in-flight', '1', '--respect-timing'];
    const names = Object.keys(files).map((name) => dir.path(name));
    const ended = await kload(['run', ...names, ...target, ...inOrder, '--report', dir.path('r.json'), ...args]);
    const stored = (await readStream(emulator.endpoint, 's')).map(({ data }) => data.toString());
    return { ...ended, stored, report: readReport(dir.path('r.json')) };
  }

  it('arrives in the order of its times within --reorder-window, over its files', { tags: 'long' }, async () => {
    // Two hours are the window; what is shuffled stays nearer than that.
    const rows = flights().slice(0, 4_000);
    const shuffled = rows
      .map((row, n) => ({ row, at: Date.parse(row.departedAt) + (((n * 7_919) % 115) - 57) * 60_000 }))
      .sort((a, b) => a.at - b.at)
      .map(({ row }) => row);
    const csvOf = (part: typeof rows) =>
      `body,ts\n${part.map(({ json, departedAt }) => `"${json.replaceAll('"', '""')}",${departedAt}`).join('\n')}\n`;
    const files = { 'a.csv': csvOf(shuffled.slice(0, 2_500)), 'b.csv': csvOf(shuffled.slice(2_500)) };
    const spanMs = Date.parse(rows.at(-1)!.departedAt) - Date.parse(rows[0]!.departedAt);
    const args = ['--reorder-window', '2h', '--speed', String(Math.round(spanMs / 1_000))];
    const { code, stderr, stored, report } = await arrived(files, args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const byTime = (a: Departure, b: Departure) => Date.parse(a.departedAt) - Date.parse(b.departedAt);
    const wanted = shuffled.map(({ json }) => JSON.parse(json) as Departure).sort(byTime);
    expect(stored.map((json) => JSON.parse(json) as Departure)).toEqual(wanted);
    expect(ledgerOf(report)).toMatchObject({ read: 4_000, sent: 4_000 });
    expect(report.input).toMatchObject({ late: 0, early: 0 });
    expect(report.config).toMatchObject({ input: { reorderWindowMs: 7_200_000 } });
  });

  it('counts what is later than the window, and keeps bad records, each once', { tags: 'long' }, async () => {
    const times = [1000, 1400, 1200, 'soon', 1700, 900, 1600];
    const rows = times.map((ms, n) => `row ${n + 2},${typeof ms === 'number' ? 1_700_000_000_000 + ms : ms}`);
    const args = ['--reorder-window', '250ms', '--on-bad-record', 'skip'];
    const { code, stdout, stored, report } = await arrived({ 'a.csv': `d,ts\n${rows.join('\n')}\n` }, args);
    expect(code).toBe(0);
    expect(stored).toEqual(['row 2', 'row 4', 'row 3', 'row 7', 'row 8', 'row 6']);
    expect(report.input).toMatchObject({ late: 1, early: 0 });
    expect(ledgerOf(report)).toMatchObject({ read: 7, sent: 6, rejected: 1 });
    expect(report.rejectedFirst.map(({ at }) => at.replace(/.*\//, ''))).toEqual(['a.csv:5']);
    expect(stdout).toMatch(/late +1 out of order by more than --reorder-window/);
  });

  it('ends at a bad record after all that stood before it', { tags: 'long' }, async () => {
    const rows = ['a,1700000000300', 'b,1700000000100', 'c,soon', 'd,1700000000200', 'e,1700000009000'];
    const args = ['--reorder-window', '1s'];
    const { code, stderr, stored, report } = await arrived({ 'a.csv': `d,ts\n${rows.join('\n')}\n` }, args);
    expect(code).toBe(3);
    expect(stderr).toMatch(/a\.csv:4: timestamp 'soon'/);
    expect(stored.slice(0, 3)).toEqual(['b', 'd', 'a']);
    expect(ledgerOf(report)).toMatchObject({ sent: 3, rejected: 1 });
  });
});

describe('a recording whose times cannot be followed as they are', () => {
  const START_MS = 1_767_312_000_000;
  const rowsAt = (times: readonly number[]) => times.map((ms, n) => `${n},${START_MS + ms}`);
  /** Three thousand rows of ten minutes. */
  const newestFirst = rowsAt(Array.from({ length: 3_000 }, (_, n) => (3_000 - n) * 200));

  it('is refused newest first, before anything is sent, with a way out that works', { tags: 'long' }, async () => {
    const { code, stderr, report } = await replay(newestFirst, ['--respect-timing']);
    expect(code).toBe(3);
    expect(stderr).toMatch(/a\.csv: the first 3,000 records are mostly out of order/);
    expect(stderr).toMatch(/sort the file by time; or pass --reorder-window with more than the time that it covers/);
    expect(ledgerOf(report())).toMatchObject({ read: 0, sent: 0 });
    const within = ['--respect-timing', '--speed', '300', '--duration', '1s'];
    for (const rows of [newestFirst.toReversed(), newestFirst]) {
      const reorder = rows === newestFirst ? ['--reorder-window', '11m'] : [];
      const put = await replay(rows, [...within, ...reorder]);
      expect(put.code).toBe(0);
      // What is due within the first half of it.
      expect(ledgerOf(put.report())).toMatchObject({ sent: 1_500 });
      expect(put.report().input).toMatchObject({ outOfOrder: 0, clockJumps: 0 });
    }
    // Another schedule does not ask for times.
    expect((await replay(newestFirst, [])).code).toBe(0);
  });

  it.each<[string, number[], string[], RegExp, object]>([
    [
      'one row of a clock that is a day ahead',
      [0, 200, 86_400_000, 400, 600, 800],
      ['--speed', '2'],
      /order +1 out of order by up to 24h 00m/,
      { outOfOrder: 1, outOfOrderMaxMs: 86_399_800, clockJumps: 0 },
    ],
    [
      'one row of 1970',
      [0, 200, -START_MS, 400, 600, 800],
      ['--speed', '2'],
      /order +1 out of order by up to 20,\d\d\dd/,
      { outOfOrder: 1, outOfOrderMaxMs: START_MS + 200, clockJumps: 0 },
    ],
    [
      'a first row of 1970',
      [-START_MS, 0, 200, 400, 600, 800],
      ['--speed', '2'],
      /clock +jumped once by 20,\d\d\dd \d\dh/,
      { outOfOrder: 0, clockJumps: 1 },
    ],
    [
      'a clock that is set back by an hour',
      [0, 200, 400 - 3_600_000, 600 - 3_600_000, 1_000 - 3_600_000],
      ['--speed', '2'],
      /clock +jumped once by 1h 00m/,
      { outOfOrder: 0, clockJumps: 1, clockJumpMaxMs: 3_600_000 - 200 },
    ],
  ])('is sent at its pace around %s', { tags: 'long' }, async (_, times, args, told, input) => {
    const { code, stdout, stderr, report } = await replay(rowsAt(times), ['--respect-timing', ...args]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(told);
    expect(report().input).toMatchObject(input);
    expect(ledgerOf(report())).toMatchObject({ sent: times.length });
    // By the clock the last row is due after 400 ms, or 300 ms where the clock was set back.
    expect(report().durationMs).toBeGreaterThan(290);
    const within = await replay(rowsAt(times), ['--respect-timing', ...args, '--duration', '290ms']);
    expect(ledgerOf(within.report()).sent).toBeLessThan(times.length);
    expect(ledgerOf(within.report()).sent).toBeGreaterThan(2);
  });

  it('says when the next record is due while it waits for minutes', async () => {
    using dir = folder();
    writeFileSync(dir.path('a.csv'), `n,ts\n${rowsAt([0, 7_200_000]).join('\n')}\n`);
    await using run = startKload(['run', dir.path('a.csv'), '--respect-timing', '--target', 'null', '--no-dashboard']);
    await run.printed(/sent 1 .* the next record is due in 1h 59m \(--max-gap shortens gaps\)/);
    run.child.kill('SIGINT');
    expect((await run.ended).code).toBe(130);
  });
});

describe('times whose unit is named', () => {
  it('are read in it, whatever their size says', async () => {
    // As milliseconds these are 0.1 s apart; by their size they would be seconds.
    const rows = Array.from({ length: 10 }, (_, n) => `${n},${5_000 + n * 100}`);
    const args = ['--respect-timing', '--timestamp-format', 'ms', '--duration', '1s'];
    const { code, report } = await replay(rows, args);
    expect(code).toBe(0);
    expect(ledgerOf(report())).toMatchObject({ read: 10, sent: 10 });
  });

  it.each([
    [
      ['--timestamp-format', 's'],
      '1700000000001',
      3,
      /a\.csv:3: timestamp '1700000000001' in column 'ts' is not a number of seconds/,
    ],
    [
      ['--timestamp-format', 'rfc3339'],
      '1700000000',
      3,
      /a\.csv:2: timestamp '1700000000' in column 'ts' is not RFC 3339/,
    ],
    [
      ['--timestamp-format', 'millis'],
      '1700000000',
      2,
      /--timestamp-format takes auto, rfc3339, s, ms, us, ns, rfc1123, apache, not 'millis'/,
    ],
  ])('%j with %s is told to be a mistake', { tags: 'long' }, async (args, time, exitCode, told) => {
    const { code, stderr } = await replay(['1,1700000000', `2,${time}`], args);
    expect(code).toBe(exitCode);
    expect(stderr).toMatch(told);
    expect(stderr).not.toMatch(/\n +at /);
  });
});

describe('a run that begins at a moment', () => {
  /** In a little more than the start of a process takes. */
  const soon = () => new Date(Date.now() + 8_000).toISOString();

  it('has its first record due then, and says until then what it waits for', { tags: 'long' }, async () => {
    await using emulator = await startEmulator('--stream', 's', '--limits', 'off');
    const startAt = soon();
    const target = ['--stream', 's', '--region', 'us-east-1', '--endpoint-url', emulator.endpoint];
    const args = ['--start-at', startAt, '--rps', '100', '--count', '20', '--no-dashboard'];
    const { code, stdout } = await kload(['run', ...target, ...args]);
    expect(code).toBe(0);
    expect(stdout).toContain(`starts at ${startAt}, in `);
    const arrived = (await readStream(emulator.endpoint, 's')).map(({ arrivedAtMs }) => arrivedAtMs);
    expect(arrived).toHaveLength(20);
    expect(Math.min(...arrived)).toBeGreaterThanOrEqual(Date.parse(startAt));
  });

  it('also without a schedule', { tags: 'long' }, async () => {
    await using emulator = await startEmulator('--stream', 's', '--limits', 'off');
    const startAt = soon();
    const target = ['--stream', 's', '--region', 'us-east-1', '--endpoint-url', emulator.endpoint];
    expect((await kload(['run', ...target, '--start-at', startAt, '--count', '20', '--quiet'])).code).toBe(0);
    const arrived = (await readStream(emulator.endpoint, 's')).map(({ arrivedAtMs }) => arrivedAtMs);
    expect(Math.min(...arrived)).toBeGreaterThanOrEqual(Date.parse(startAt));
  });

  it('ends cleanly by Ctrl-C while it waits', async () => {
    using dir = folder();
    const args = [
      '--target',
      'null',
      '--no-dashboard',
      '--start-at',
      '2099-01-01T00:00:00Z',
      '--report',
      dir.path('r.json'),
    ];
    await using run = startKload(['run', ...args]);
    await run.printed(/starts at 2099-01-01T00:00:00.000Z, in [\d,]+d \d\dh/);
    run.child.kill('SIGINT');
    const { code, stderr } = await run.ended;
    expect({ code, stderr }).toEqual({ code: 130, stderr: '' });
    expect(ledgerOf(readReport(dir.path('r.json')))).toMatchObject({ read: 0, sent: 0 });
  });

  it.each([
    [['--start-at', '2001-01-01T00:00:00Z'], /--start-at is in the past: it is now 20/],
    [['--start-at', '2099-01-01'], /--start-at takes a time with an offset .* not '2099-01-01'/],
    [['--start-at', 'tomorrow'], /--start-at takes a time with an offset .* not 'tomorrow'/],
  ])('%j is told to be a mistake', { tags: 'long' }, async (args, told) => {
    const { code, stderr } = await kload(['run', '--target', 'null', '--quiet', ...args]);
    expect(code).toBe(2);
    expect(stderr).toMatch(told);
  });
});

describe('a target that cannot follow', () => {
  /** More than a shard takes in a second, all recorded within one. */
  const burst = () => Array.from({ length: 5_000 }, (_, n) => `${n},${1_700_000_000_000 + Math.floor(n / 4)}`);

  it('is told as it happens: how far the run is behind the recording', { tags: 'long' }, async () => {
    using dir = folder();
    writeFileSync(dir.path('a.csv'), `n,ts\n${burst().join('\n')}\n`);
    const to = ['--target', 'embedded', '--shards', '1', '--limits', 'on', '--no-dashboard'];
    const args = ['--respect-timing', '--report', dir.path('r.json')];
    await using run = startKload(['run', dir.path('a.csv'), ...to, ...args]);
    await run.printed(/\d\.\d s behind the recording/);
    expect((await run.ended).code).toBe(0);
    expect(ledgerOf(readReport(dir.path('r.json')))).toMatchObject({ sent: 5_000 });
  });

  it('is told of a rate, too, and of no run without a schedule', { tags: 'long' }, async () => {
    const to = ['--target', 'embedded', '--shards', '1', '--limits', 'on', '--no-dashboard', '--count', '4000'];
    const [atRate, asFast] = await Promise.all([kload(['run', ...to, '--rps', '4000']), kload(['run', ...to])]);
    expect(atRate.stdout).toMatch(/\d\.\d s behind the schedule/);
    expect(asFast.stdout).not.toContain('behind');
  });
});
