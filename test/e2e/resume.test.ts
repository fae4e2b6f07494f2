import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import { planRun } from '../../src/config/run-plan.js';
import { type Checkpoint, parseCheckpoint } from '../../src/run/checkpoint/checkpoint.js';
import { openRun } from '../../src/run/open-run.js';
import { folder, kload, ledgerOf, readReport, startEmulator, startKload } from '../support/kload.js';
import { readStream } from '../support/stream.js';

/**
 * Half of the records have the same key. Its shard throttles and the others do not, so records settle far out of order.
 */
function recording(count: number): string {
  const rows = Array.from({ length: count }, (_, n) => JSON.stringify({ n, key: n % 2 === 0 ? 'hot' : `k${n % 977}` }));
  return `${rows.join('\n')}\n`;
}

const inRegion = (endpoint: string) => ['--stream', 's', '--region', 'us-east-1', '--endpoint-url', endpoint];

const checkpointIn = (file: string): Checkpoint =>
  parseCheckpoint(readFileSync(file, 'utf8')) ?? expect.fail(`${file} holds no checkpoint`);

/** How often each record is there, by its number. */
function countsOf(data: readonly Buffer[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const bytes of data) {
    const { n } = JSON.parse(bytes.toString()) as { n: number };
    counts.set(n, (counts.get(n) ?? 0) + 1);
  }
  return counts;
}

const storedIn = async (endpoint: string) => (await readStream(endpoint, 's')).map(({ data }) => data);

describe('a run that is killed and resumed', () => {
  it('leaves each record in the stream or among the dead letters', { tags: 'long' }, async () => {
    using dir = folder();
    const [input, file, dead] = [dir.path('in.ndjson'), dir.path('run.ckpt'), dir.path('dead.ndjson')];
    writeFileSync(input, recording(16_000));
    await using emulator = await startEmulator('--stream', 's:2');
    const args = [
      ...['run', input, ...inRegion(emulator.endpoint), '--partition-key-field', 'key', '--rps', '4000'],
      ...['--max-attempts', '1', '--dead-letter', dead, '--checkpoint', file, '--checkpoint-interval', '500ms'],
    ];
    await using first = startKload(args);
    // Some records were given up before the checkpoint, and some after it.
    const isMidway = () => {
      const { records, deadLetters } = checkpointIn(file);
      return records.failed > 0 && statSync(dead).size > deadLetters!.bytes;
    };
    await vi.waitFor(() => expect(isMidway()).toBe(true), { timeout: 30_000, interval: 5 });
    first.child.kill('SIGKILL');
    await first.ended;
    const { atRisk: asked, dispatched, records } = checkpointIn(file);
    expect(records.failed).toBeGreaterThan(0);
    // An incomplete line, as a kill during a write leaves it.
    appendFileSync(dead, '{"partitionKey":"hot","data":"{\\"n\\":');
    const second = await kload([...args, '--resume', '--report', dir.path('r.json')]);
    expect(second.code).toBe(5);
    const lines = readFileSync(dead, 'utf8').trimEnd().split('\n');
    const given = lines.map((line) => Buffer.from((JSON.parse(line) as { data: string }).data));
    const counts = countsOf([...given, ...(await storedIn(emulator.endpoint))]);
    expect(counts.size).toBe(16_000);
    const copies = [...counts.values()].reduce((sum, count) => sum + count, 0);
    expect(copies - 16_000).toBeLessThanOrEqual(asked + dispatched);
    const { resumed, records: here } = readReport(dir.path('r.json'));
    // Records given up between the last checkpoint and the kill were sent again, and are not among these twice.
    expect(resumed!.earlier.failed + here.failed).toBe(lines.length);
    expect(new Set(given.map(String)).size).toBe(lines.length);
    const resent = existsSync(`${dead}.resent`) ? readFileSync(`${dead}.resent`, 'utf8').trimEnd().split('\n') : [];
    expect(resent.length).toBeLessThanOrEqual(asked + dispatched);
    if (resent.length > 0) {
      expect(second.stderr).toContain(
        `dead letters moved from ${dead} to ${dead}.resent, ` +
          `because their records are sent again: ${resent.length.toLocaleString('en-US')}\n`,
      );
    }
    for (const line of resent) expect(JSON.parse(line)).toMatchObject({ partitionKey: expect.any(String) });
    expect(resumed!.earlier.failed + resumed!.earlier.sent + here.failed + here.sent).toBe(16_000);
  });
});

describe('a run that is stopped and resumed', () => {
  it('goes on at its place in the stages, and sends as many records as they ask for', { tags: 'long' }, async () => {
    using dir = folder();
    const [input, file] = [dir.path('in.ndjson'), dir.path('run.ckpt')];
    writeFileSync(input, recording(10_000));
    await using emulator = await startEmulator('--stream', 's:4');
    const args = [
      ...['run', input, ...inRegion(emulator.endpoint), '--stages', '500@2s, 1500..500@2s'],
      ...['--checkpoint', file, '--checkpoint-interval', '50ms', '--report', dir.path('r.json')],
    ];
    await using first = startKload(args);
    await first.printed(/sent [1-9]/);
    first.child.kill('SIGKILL');
    await first.ended;
    const { scheduleMs, next, unsettled } = checkpointIn(file);
    expect(scheduleMs).toBeGreaterThan(0);
    expect(scheduleMs).toBeLessThan(4000);
    const second = await kload([...args, '--resume']);
    expect(second.code).toBe(0);
    const report = readReport(dir.path('r.json'));
    expect(ledgerOf(report).sent).toBe(3000 - next + unsettled.count);
    expect(report.checkpoint).toMatchObject({ finished: true });
    // The peak of the stages is still to come, or was in the killed leg: it is no more than what is left of them.
    const asked = report.intervals.reduce((sum, { target }) => sum + target!, 0);
    expect(Math.abs(asked - (3000 - next))).toBeLessThan(1.1);
    expect(countsOf(await storedIn(emulator.endpoint)).size).toBe(3000);
    const third = await kload([...args, '--resume']);
    expect(third).toMatchObject({ code: 0, stderr: expect.stringContaining('the run is finished') });
  });

  it('sends each record once if it could drain', { tags: 'long' }, async () => {
    using dir = folder();
    const [input, file] = [dir.path('in.ndjson.gz'), dir.path('run.ckpt')];
    writeFileSync(input, gzipSync(recording(12_000)));
    await using emulator = await startEmulator('--stream', 's:4', '--limits', '4x');
    const args = [
      ...['run', input, ...inRegion(emulator.endpoint), '--partition-key-field', 'key', '--rps', '4000'],
      ...['--workers', '2', '--checkpoint', file, '--report', dir.path('r.json')],
    ];
    await using first = startKload(args);
    await first.printed(/sent [1-9]/);
    first.child.kill('SIGINT');
    const stopped = await first.ended;
    expect(stopped.code).toBe(130);
    expect(stopped.stdout).toMatch(/checkpoint +\S+: not finished: --resume goes on from there/);
    const one = readReport(dir.path('r.json'));
    expect(one.checkpoint).toEqual({ file, finished: false });
    const { sent } = ledgerOf(one);

    const second = await kload([...args, '--resume', '--rps', '20000']);
    expect(second).toMatchObject({ code: 0 });
    expect(second.stderr).toBe(
      `kload: resumes from ${file}: ${sent.toLocaleString('en-US')} ` +
        `records are settled and skipped; none of the others was sent\n`,
    );
    const two = readReport(dir.path('r.json'));
    expect(ledgerOf(two)).toMatchObject({ read: 12_000 - sent, sent: 12_000 - sent });
    const earlier = { sent, failed: 0, rejected: 0, maybeDuplicated: 0, inDoubt: 0 };
    expect(two.resumed).toEqual({ legs: 1, skipped: sent, maybeDuplicated: 0, earlier });
    const counts = countsOf(await storedIn(emulator.endpoint));
    expect([counts.size, Math.max(...counts.values())]).toEqual([12_000, 1]);

    const nothing = await kload([...args, '--resume']);
    expect(nothing).toMatchObject({
      code: 0,
      stderr: `kload: ${file}: the run is finished, nothing is left to send\n`,
    });
    expect(ledgerOf(readReport(dir.path('r.json')))).toMatchObject({ read: 0, sent: 0 });
    const again = await kload([...args, '--count', '10']);
    expect(again).toMatchObject({ code: 0, stderr: '' });
    expect(checkpointIn(file)).toMatchObject({ legs: 1, next: 10, records: { sent: 10 } });
  });

  it('duplicates at most the records in flight when it was stopped at once', { tags: 'long' }, async () => {
    using dir = folder();
    const [input, file] = [dir.path('in.ndjson'), dir.path('run.ckpt')];
    writeFileSync(input, recording(40_000));
    await using emulator = await startEmulator('--stream', 's:2', '--limits', '4x');
    const args = [
      ...['run', input, ...inRegion(emulator.endpoint), '--partition-key-field', 'key'],
      ...['--workers', '2', '--checkpoint', file, '--report', dir.path('r.json')],
    ];
    await using first = startKload(args);
    await first.printed(/sent [1-9]/);
    first.child.kill('SIGINT');
    await first.printed(/stop again to end at once/);
    first.child.kill('SIGINT');
    expect((await first.ended).code).toBe(130);
    const one = ledgerOf(readReport(dir.path('r.json')));
    expect(one.unsent).toBeGreaterThan(0);
    const left = checkpointIn(file);
    expect(left).toMatchObject({ dispatched: 0, atRisk: one.inDoubt, records: { sent: one.sent } });
    expect(left.unsettled.count).toBe(one.unsent);

    expect(await kload([...args, '--resume', '--quiet'])).toMatchObject({ code: 0, stderr: '' });
    const counts = countsOf(await storedIn(emulator.endpoint));
    expect(counts.size).toBe(40_000);
    const doubled = [...counts.values()].filter((count) => count > 1).length;
    expect(doubled).toBeLessThanOrEqual(left.atRisk);
    expect(readReport(dir.path('r.json')).resumed).toMatchObject({ maybeDuplicated: left.atRisk });
  });

  it('counts --count over all legs, and continues after a bad record if these are skipped', {
    tags: 'long',
  }, async () => {
    using dir = folder();
    const [input, file] = [dir.path('in.ndjson'), dir.path('run.ckpt')];
    const rows = recording(1_000).split('\n');
    rows[600] = '{"n":';
    writeFileSync(input, rows.join('\n'));
    const args = ['run', input, '--target', 'null', '--checkpoint', file, '--resume', '--report', dir.path('r.json')];
    const first = await kload([...args, '--count', '500']);
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(readReport(dir.path('r.json')).checkpoint).toMatchObject({ finished: true });
    const second = await kload([...args, '--count', '800']);
    expect(second.code).toBe(3);
    expect(second.stderr).toContain(`${input}:601: `);
    expect(checkpointIn(file)).toMatchObject({ next: 600, records: { sent: 600, rejected: 0 } });
    const third = await kload([...args, '--count', '800', '--on-bad-record', 'skip']);
    expect(third.code).toBe(0);
    expect(ledgerOf(readReport(dir.path('r.json')))).toMatchObject({ read: 200, sent: 199, rejected: 1 });
    expect(checkpointIn(file)).toMatchObject({ next: 800, records: { sent: 799, rejected: 1 } });
  });
});

describe('a run that fails in the middle', () => {
  it('is resumed after a worker died', { tags: 'long' }, async () => {
    using dir = folder();
    const [input, file] = [dir.path('in.ndjson'), dir.path('run.ckpt')];
    writeFileSync(input, recording(20_000));
    const given = { target: 'null', rps: '4000', workers: '2', checkpoint: file, checkpointInterval: '50ms' };
    const dying = fileURLToPath(new URL('../support/dying-sender.js', import.meta.url));
    const run = await openRun(planRun(given, [input], {}, 2), () => {}, { workerModule: dying });
    const report = await run.execute();
    expect(report).toMatchObject({ outcome: { exitCode: 1 }, checkpoint: { file, finished: false } });
    const left = checkpointIn(file);
    expect(left.records.sent + left.unsettled.count).toBe(left.next);
    // The records dispatched to the dead worker count as at risk: every record that was read is settled or at risk.
    expect(left.next + left.dispatched).toBeGreaterThanOrEqual(ledgerOf(report).read);
    const args = ['run', input, '--target', 'null', '--checkpoint', file, '--resume', '--report', dir.path('r.json')];
    expect(await kload([...args, '--quiet'])).toMatchObject({ code: 0 });
    const { resumed, records } = readReport(dir.path('r.json'));
    expect(resumed!.earlier.sent + records.sent).toBe(20_000);
    expect(resumed!.maybeDuplicated).toBe(left.atRisk + left.dispatched);
  });

  it('is resumed from the last checkpoint that could be written', { tags: 'long' }, async () => {
    using dir = folder();
    mkdirSync(dir.path('kept'));
    const [input, file] = [dir.path('in.ndjson'), dir.path('kept/run.ckpt')];
    writeFileSync(input, recording(20_000));
    const args = (name: string) => [
      ...['run', input, '--target', 'null', '--rps', '4000', '--checkpoint', name, '--checkpoint-interval', '200ms'],
      ...['--report', dir.path('r.json')],
    ];
    await using run = startKload(args(file));
    await run.printed(/sent [1-9]/);
    renameSync(dir.path('kept'), dir.path('moved'));
    const { code, stderr } = await run.ended;
    expect(code).toBe(6);
    expect(stderr).toMatch(
      /--checkpoint \S+ cannot be written: ENOENT.*\n.*make its folder, then continue with --resume/,
    );
    const first = ledgerOf(readReport(dir.path('r.json')));
    const left = checkpointIn(dir.path('moved/run.ckpt'));
    expect(left.records.sent).toBeLessThanOrEqual(first.sent);
    expect(left.next + left.dispatched).toBeGreaterThanOrEqual(first.sent);
    expect(await kload([...args(dir.path('moved/run.ckpt')), '--resume', '--quiet'])).toMatchObject({ code: 0 });
    const { resumed, records } = readReport(dir.path('r.json'));
    expect(resumed!.earlier.sent + records.sent).toBe(20_000);
  });
});

describe('a run is not resumed', () => {
  /** A run to the null target that was stopped in the middle. */
  async function stopped(dir: ReturnType<typeof folder>) {
    const [input, file] = [dir.path('in.ndjson'), dir.path('run.ckpt')];
    writeFileSync(input, recording(100));
    const args = ['run', input, '--target', 'null', '--quiet', '--checkpoint', file];
    await using run = startKload([...args.filter((arg) => arg !== '--quiet'), '--rps', '10']);
    await run.printed(/sent [1-9]/);
    run.child.kill('SIGINT');
    await run.ended;
    return { input, file, args };
  }

  it('with another input, with options that change the records, or without --resume', { tags: 'long' }, async () => {
    using dir = folder();
    const { input, file, args } = await stopped(dir);
    const kept = readFileSync(file, 'utf8');
    const refused = async (more: readonly string[], message: RegExp | string) => {
      const { code, stderr } = await kload([...args, ...more]);
      expect(stderr).toMatch(message);
      expect(code).toBe(2);
      expect(readFileSync(file, 'utf8')).toBe(kept);
      expect(existsSync(`${file}.lock`)).toBe(false);
    };
    await refused(
      [],
      /is the checkpoint of an unfinished run\n.*pass --resume to continue it, or delete the checkpoint/,
    );
    await refused(['--resume', '--data-field', 'n'], /--data-field was left out and is n\n.*original settings/);
    await refused(
      ['--resume', '--no-header', '--unwrap', 'none'],
      /--unwrap was auto and is none; --no-header was left/,
    );
    await refused(['--resume', input], /its input was \S+ and is \S+, \S+\n/);
    appendFileSync(input, 'x');
    await refused(['--resume'], /in\.ndjson had [\d,]+ bytes and has [\d,]+/);
    writeFileSync(input, recording(100).replace('"n":99', '"n":98'));
    await refused(['--resume'], /in\.ndjson has other contents/);
    // The rate and other options that do not change the records may differ.
    writeFileSync(input, recording(100));
    const { code, stderr } = await kload([...args, '--resume', '--rps', '5000', '--workers', '2', '--batch-size', '7']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(checkpointIn(file)).toMatchObject({ legs: 2, records: { sent: 100 } });
  });

  it('to another stream', { tags: 'long' }, async () => {
    using dir = folder();
    const { args } = await stopped(dir);
    await using emulator = await startEmulator('--stream', 's:1');
    const to = inRegion(emulator.endpoint);
    const { code, stderr } = await kload([...args, '--resume', '--target', 'kinesis', ...to]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/the target's kind was null and is kinesis; the target's stream was none and is s/);
  });

  it('from a file that is not a checkpoint, and leaves it unchanged', { tags: 'long' }, async () => {
    using dir = folder();
    const { file, args } = await stopped(dir);
    const whole = readFileSync(file, 'utf8');
    for (const [text, message] of [
      ['{"a":1}\n', /is not a checkpoint of kload, and was left unchanged/],
      ['', /is not a checkpoint of kload/],
      [whole.slice(0, 200), /is damaged, or of another version/],
      [whole.replace('checkpoint/2', 'checkpoint/1'), /is damaged, or of another version/],
      [whole.replace('"next":', '"next":-'), /is damaged/],
      [whole.replace('"next":', '"next":9'), /is damaged/],
      [whole.replace(/"unsettled":\[/, '"unsettled":[1,1,'), /is damaged/],
    ] as const) {
      for (const more of [[], ['--resume']]) {
        writeFileSync(file, text);
        const { code, stderr } = await kload([...args, ...more]);
        expect(code).toBe(3);
        expect(stderr).toMatch(message);
        expect(readFileSync(file, 'utf8')).toBe(text);
      }
    }
  });
});

describe('a checkpoint file', () => {
  it.each<[string[], RegExp]>([
    [['-', '--target', 'null'], /--checkpoint cannot read standard input twice/],
    [['--target', 'null'], /--checkpoint needs --count for generated records, which have no end/],
    [['in', '--target', 'null', '--loop'], /--checkpoint and --loop cannot be used together: a loop never finishes/],
    [['in', '--target', 'null', '--duration', '3s'], /--checkpoint and --duration cannot be used together: a duration/],
    [['in'], /--checkpoint needs a stream that outlives the run; the embedded one does not/],
    [['pipe', '--target', 'null'], /--checkpoint needs files that can be read again, and \S+pipe is not a file/],
  ])('is refused with %j', { tags: 'long' }, async (args, message) => {
    using dir = folder();
    writeFileSync(dir.path('in'), recording(10));
    execFileSync('mkfifo', [dir.path('pipe')]);
    const named = args.map((arg) => (arg === 'in' || arg === 'pipe' ? dir.path(arg) : arg));
    const { code, stderr } = await kload(['run', ...named, '--checkpoint', dir.path('run.ckpt')]);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
    expect(existsSync(dir.path('run.ckpt'))).toBe(false);
  });

  it('is locked by a run until it ends in any way', { tags: 'long' }, async () => {
    using dir = folder();
    const [input, file, dead] = [dir.path('in.ndjson'), dir.path('run.ckpt'), dir.path('dead.ndjson')];
    writeFileSync(input, recording(2_000));
    const args = ['run', input, '--target', 'null', '--dead-letter', dead, '--checkpoint', file];
    await using first = startKload([...args, '--rps', '20']);
    await first.printed(/sent [1-9]/);
    symlinkSync(file, dir.path('link.ckpt'));
    for (const more of [[], ['--resume'], ['--checkpoint', dir.path('link.ckpt')]]) {
      const { code, stderr } = await kload([...args, ...more]);
      expect(stderr).toMatch(
        new RegExp(`--checkpoint \\S+ckpt is in use by another kload, process ${first.child.pid}\n`),
      );
      expect(code).toBe(2);
    }
    first.child.kill('SIGSTOP');
    expect((await kload([...args, '--resume'])).stderr).toContain(`${file} is in use by another kload, which does not`);
    first.child.kill('SIGKILL');
    await first.ended;
    expect(checkpointIn(file)).toMatchObject({ legs: 1 });

    expect(existsSync(`${file}.lock`)).toBe(true);
    const second = await kload([...args, '--resume']);
    expect(second.stderr).toContain(`resumes from ${file}`);
    expect(second.code).toBe(0);
    expect(readdirSync(dir.path('.')).sort()).toEqual(['in.ndjson', 'link.ckpt', 'run.ckpt']);
  });

  it('cannot be locked if its lock path is another kind of file, which stays unchanged', async () => {
    using dir = folder();
    writeFileSync(dir.path('in'), recording(10));
    writeFileSync(dir.path('run.ckpt.lock'), 'mine');
    const { code, stderr } = await kload([
      'run',
      dir.path('in'),
      '--target',
      'null',
      '--checkpoint',
      dir.path('run.ckpt'),
    ]);
    expect(code).toBe(6);
    expect(stderr).toMatch(
      /--checkpoint \S+ cannot be written: \S+run\.ckpt\.lock is not a lock of kload, so it is left alone/,
    );
    expect(readFileSync(dir.path('run.ckpt.lock'), 'utf8')).toBe('mine');
    expect(readdirSync(dir.path('.')).sort()).toEqual(['in', 'run.ckpt.lock']);
  });

  it('must not be another file of the run', { tags: 'long' }, async () => {
    using dir = folder();
    writeFileSync(dir.path('in'), recording(10));
    copyFileSync(dir.path('in'), dir.path('other'));
    const run = ['run', dir.path('in'), '--target', 'null', '--checkpoint'];
    const input = await kload([...run, dir.path('in')]);
    expect(input).toMatchObject({ code: 2 });
    expect(input.stderr).toContain(`--checkpoint ${dir.path('in')} is also an input`);
    const both = await kload([...run, dir.path('r.json'), '--report', dir.path('r.json')]);
    expect(both.stderr).toContain(`--report ${dir.path('r.json')} is also the checkpoint`);
    const alone = await kload(['run', dir.path('in'), '--target', 'null', '--resume']);
    expect(alone.stderr).toContain('--resume needs --checkpoint');
  });

  it('is reported before anything is sent if it cannot be written', async () => {
    using dir = folder();
    writeFileSync(dir.path('in'), recording(10));
    const { code, stderr } = await kload(['run', dir.path('in'), '--target', 'null', '--checkpoint', dir.path('no/c')]);
    expect(code).toBe(6);
    expect(stderr).toMatch(/--checkpoint \S+no\/c cannot be written: .*ENOENT/);
  });
});
