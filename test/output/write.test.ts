import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { KloadError } from '../../src/core/errors.js';
import { openReportFiles, writeReports } from '../../src/output/write.js';
import { buildReport } from '../../src/report/build.js';
import { FACTS, reportOf, totalsOfTwoWorkers } from '../report/reports.js';

const directory = mkdtempSync(join(tmpdir(), 'kload-report-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

async function write(files: readonly string[], report = reportOf()): Promise<readonly KloadError[]> {
  return writeReports(await openReportFiles(files), report);
}

describe('a report is written', () => {
  it('as JSON that reads as the report', async () => {
    const file = join(directory, 'run.json');
    expect(await write([file])).toEqual([]);
    const text = readFileSync(file, 'utf8');
    expect(JSON.parse(text)).toEqual(reportOf());
    expect(text.endsWith('}\n')).toBe(true);
  });

  it('as JSON with lists of numbers on one line, and whatever looks like one in a text as it is', async () => {
    const file = join(directory, 'lists.json');
    const report = buildReport(FACTS, totalsOfTwoWorkers());
    const errors = { '[\n  1,\n  2\n]': 1, '[ 1, 2 ]': 2 };
    await write([file], { ...report, errors });
    const text = readFileSync(file, 'utf8');
    expect(JSON.parse(text)).toEqual({ ...report, errors });
    expect(text).toMatch(/"sent": \[\d+,\d+\]/);
  });

  it('as a latency distribution where the extension asks for it, in place of the old file', async () => {
    const file = join(directory, 'run.hgrm');
    writeFileSync(file, 'of an earlier run, and longer');
    await write([file], buildReport(FACTS, totalsOfTwoWorkers()));
    const text = readFileSync(file, 'utf8');
    expect(text).toMatch(/^ +Value +Percentile +TotalCount/);
    expect(text).toMatch(/#\[Max +=.* 50\.\d+, Total count +=.* 8\]/);
  });

  it('through a link, which stays a link, but not through one beside it', async () => {
    const [file, link, victim] = ['real.json', 'link-to-real.json', 'victim'].map((name) => join(directory, name));
    writeFileSync(file!, 'old');
    writeFileSync(victim!, 'mine');
    symlinkSync(file!, link!);
    symlinkSync(victim!, `${file}.tmp`);
    await write([link!]);
    expect(lstatSync(link!).isSymbolicLink()).toBe(true);
    expect(JSON.parse(readFileSync(file!, 'utf8'))).toEqual(reportOf());
    expect(readFileSync(victim!, 'utf8')).toBe('mine');
    expect(existsSync(`${file}.tmp`)).toBe(false);
  });

  it('to a named pipe, unless its reader leaves before the end', async () => {
    const pipe = join(directory, 'pipe.json');
    execFileSync('mkfifo', [pipe]);
    const report = reportOf({ errors: Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`E${i}`, i])) });
    const reader = spawn('head', ['-c', '1', pipe], { stdio: ['ignore', 'pipe', 'ignore'] });
    const held = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
    const writing = write([pipe], report);
    await once(reader, 'close');
    closeSync(held);
    const [error] = await writing;
    expect(error).toMatchObject({ exit: 'output', message: expect.stringMatching(/its reader left before the end/) });
  });

  it('in place where no file can be written beside it', async () => {
    const file = join(directory, 'in-place.json');
    mkdirSync(`${file}.tmp`);
    writeFileSync(file, 'old');
    await write([file]);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(reportOf());
  });

  it.skipIf(!existsSync('/dev/full'))('to the other files when a disk is full, which is reported', async () => {
    const full = join(directory, 'full.json');
    symlinkSync('/dev/full', full);
    const other = join(directory, 'other.json');
    const [error, ...more] = await write([full, other]);
    expect(error).toMatchObject({ exit: 'output', hint: expect.any(String) });
    expect(error!.message).toMatch(/--report .*full\.json was not written: .*ENOSPC/);
    expect(more).toEqual([]);
    expect(JSON.parse(readFileSync(other, 'utf8'))).toEqual(reportOf());
  });
});

it('an unknown extension is refused, with a list of the known ones', async () => {
  await expect(openReportFiles(['run.txt'])).rejects.toMatchObject({
    message: '--report run.txt: unknown format',
    hint: 'use a file name that ends in .json, .html, .xml, .md, .csv or .hgrm, or - for JSON on standard output',
  });
});
