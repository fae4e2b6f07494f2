import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { checkOutputFiles, writeReport } from '../../src/report/write.js';
import { errorOf } from '../support/errors.js';
import { reportOf } from './reports.js';

const directory = mkdtempSync(join(tmpdir(), 'kload-report-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

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
    checkOutputFiles([file], undefined, []);
    writeReport(file, reportOf(), 'Value Percentile\n');
    expect(readFileSync(file, 'utf8')).toBe('Value Percentile\n');
  });

  it('through a link that stays one, and not through one that was put beside it', () => {
    const [file, link, victim] = ['real.json', 'link-to-real.json', 'victim'].map((name) => join(directory, name));
    writeFileSync(file!, 'old');
    writeFileSync(victim!, 'mine');
    symlinkSync(file!, link!);
    symlinkSync(victim!, `${file}.tmp`);
    writeReport(link!, reportOf(), '');
    expect(lstatSync(link!).isSymbolicLink()).toBe(true);
    expect(JSON.parse(readFileSync(file!, 'utf8'))).toEqual(reportOf());
    expect(readFileSync(victim!, 'utf8')).toBe('mine');
    expect(existsSync(`${file}.tmp`)).toBe(false);
  });

  it('in its place where nothing can be written beside it', () => {
    const file = join(directory, 'in-place.json');
    mkdirSync(`${file}.tmp`);
    writeFileSync(file, 'old');
    writeReport(file, reportOf(), '');
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(reportOf());
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
    checkOutputFiles([missing], undefined, []);
    expect(existsSync(missing)).toBe(false);
    const there = join(directory, 'there.json');
    writeFileSync(there, 'old');
    checkOutputFiles([there], undefined, []);
    expect(readFileSync(there, 'utf8')).toBe('old');
  });

  it('a name in a folder that is missing, or of a folder, is refused', () => {
    const folder = join(directory, 'folder.json');
    mkdirSync(folder);
    for (const name of [join(directory, 'missing', 'run.json'), folder]) {
      const error = errorOf(() => checkOutputFiles([name], undefined, []));
      expect(error.exit).toBe('output');
      expect(error.message).toContain(`--report ${name} cannot be written`);
    }
  });

  it('a name below a file is refused', () => {
    const file = join(directory, 'file.json');
    writeFileSync(file, '');
    expect(errorOf(() => checkOutputFiles([join(file, 'run.json')], undefined, [])).exit).toBe('output');
  });

  it.skipIf(process.getuid?.() === 0)('a folder that may not be written to is refused', () => {
    const folder = join(directory, 'read-only');
    mkdirSync(folder, { mode: 0o555 });
    expect(errorOf(() => checkOutputFiles([join(folder, 'run.json')], undefined, [])).exit).toBe('output');
  });
});

describe('a report never takes the place of', () => {
  const there = (name: string) => {
    const file = join(directory, name);
    writeFileSync(file, 'data');
    return file;
  };

  it('an input, by whatever name', () => {
    const input = there('input.json');
    const [link, hardLink] = [join(directory, 'link.json'), join(directory, 'hard-link.json')];
    symlinkSync(input, link);
    linkSync(input, hardLink);
    for (const name of [input, link, hardLink, `${directory}/./input.json`]) {
      const error = errorOf(() => checkOutputFiles([name], undefined, ['-', input]));
      expect(error.exit).toBe('usage');
      expect(error.message).toBe(`--report ${name} is also an input`);
      expect(error.hint).toBeDefined();
    }
  });

  it('the dead letters, there or not', () => {
    for (const file of [there('dead.json'), join(directory, 'no-dead-yet.json')]) {
      const error = errorOf(() => checkOutputFiles([file], `${directory}/./${file.slice(directory.length)}`, []));
      expect(error.exit).toBe('usage');
      expect(error.message).toBe(`--report ${file} is also the dead-letter file`);
    }
  });

  it('another report, there or not, also in a folder of two names', () => {
    const folder = join(directory, 'folder-link');
    symlinkSync(directory, folder);
    for (const name of ['twice.json', 'not-yet.json']) {
      if (name === 'twice.json') there(name);
      const [one, other] = [join(directory, name), join(folder, name)];
      const error = errorOf(() => checkOutputFiles([one, other], undefined, []));
      expect(error.exit).toBe('usage');
      expect(error.message).toBe(`--report ${other} is also another report`);
    }
  });

  it('but files of their own are fine, beside standard input too', () => {
    const reports = [join(directory, 'own.json'), join(directory, 'own.hgrm')];
    expect(() => checkOutputFiles(reports, join(directory, 'own.ndjson'), ['-', there('in.csv')])).not.toThrow();
  });
});
