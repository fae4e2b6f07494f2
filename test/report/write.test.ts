import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { KloadError } from '../../src/core/errors.js';
import { checkReportFile, writeReport } from '../../src/report/write.js';
import { reportOf } from './reports.js';

const directory = mkdtempSync(join(tmpdir(), 'kload-report-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function errorOf(action: () => void): KloadError {
  try {
    action();
  } catch (error) {
    if (error instanceof KloadError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('a report is written', () => {
  it('as JSON that reads as the report', () => {
    const file = join(directory, 'run.json');
    writeReport(file, reportOf(), 'hgrm');
    const text = readFileSync(file, 'utf8');
    expect(JSON.parse(text)).toEqual(reportOf());
    expect(text.endsWith('}\n')).toBe(true);
  });

  it('as a latency distribution where the name asks for it, in place of what was there', () => {
    const file = join(directory, 'run.hgrm');
    writeFileSync(file, 'of an earlier run, and longer');
    checkReportFile(file);
    writeReport(file, reportOf(), 'Value Percentile\n');
    expect(readFileSync(file, 'utf8')).toBe('Value Percentile\n');
  });

  it.skipIf(!existsSync('/dev/full'))('and a disk that is full is told', () => {
    const error = errorOf(() => writeReport('/dev/full', reportOf(), ''));
    expect(error.exit).toBe('output');
    expect(error.message).toMatch(/--report \/dev\/full was not written: .*ENOSPC/);
    expect(error.hint).toBeDefined();
  });
});

describe('before the run', () => {
  it('a file that can be made or written is fine, and is not touched', () => {
    const missing = join(directory, 'later.json');
    checkReportFile(missing);
    expect(existsSync(missing)).toBe(false);
    const there = join(directory, 'there.json');
    writeFileSync(there, 'old');
    checkReportFile(there);
    expect(readFileSync(there, 'utf8')).toBe('old');
  });

  it('a name in a folder that is missing, or of a folder, is refused', () => {
    const folder = join(directory, 'folder.json');
    mkdirSync(folder);
    for (const name of [join(directory, 'missing', 'run.json'), folder]) {
      const error = errorOf(() => checkReportFile(name));
      expect(error.exit).toBe('output');
      expect(error.message).toContain(`--report ${name} cannot be written`);
    }
  });

  it('a name below a file is refused', () => {
    const file = join(directory, 'file.json');
    writeFileSync(file, '');
    expect(errorOf(() => checkReportFile(join(file, 'run.json'))).exit).toBe('output');
  });

  it.skipIf(process.getuid?.() === 0)('a folder that may not be written to is refused', () => {
    const folder = join(directory, 'read-only');
    mkdirSync(folder, { mode: 0o555 });
    expect(errorOf(() => checkReportFile(join(folder, 'run.json'))).exit).toBe('output');
  });
});
