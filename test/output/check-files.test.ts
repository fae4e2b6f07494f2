import {
  existsSync,
  linkSync,
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
import { checkOutputFiles } from '../../src/output/check-files.js';
import { errorOf } from '../support/errors.js';

const directory = mkdtempSync(join(tmpdir(), 'kload-outputs-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('before the run, an output', () => {
  it('that can be created or written is accepted, and is not touched', () => {
    const missing = join(directory, 'later.json');
    checkOutputFiles([missing], undefined, []);
    expect(existsSync(missing)).toBe(false);
    const there = join(directory, 'there.json');
    writeFileSync(there, 'old');
    checkOutputFiles([there], undefined, []);
    expect(readFileSync(there, 'utf8')).toBe('old');
  });

  it('in a missing folder, or with the name of a folder, is refused', () => {
    const folder = join(directory, 'folder.json');
    mkdirSync(folder);
    for (const name of [join(directory, 'missing', 'run.json'), folder]) {
      const error = errorOf(() => checkOutputFiles([name], undefined, []));
      expect(error.exit).toBe('output');
      expect(error.message).toContain(`--report ${name} cannot be written`);
    }
  });

  it('below a file is refused', () => {
    const file = join(directory, 'file.json');
    writeFileSync(file, '');
    expect(errorOf(() => checkOutputFiles([join(file, 'run.json')], undefined, [])).exit).toBe('output');
  });

  it.skipIf(process.getuid?.() === 0)('in a read-only folder is refused', () => {
    const folder = join(directory, 'read-only');
    mkdirSync(folder, { mode: 0o555 });
    expect(errorOf(() => checkOutputFiles([join(folder, 'run.json')], undefined, [])).exit).toBe('output');
  });
});

describe('a report never overwrites', () => {
  const there = (name: string) => {
    const file = join(directory, name);
    writeFileSync(file, 'data');
    return file;
  };

  it('an input, whatever its name', () => {
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

  it('the dead-letter file, existing or not', () => {
    for (const file of [there('dead.json'), join(directory, 'no-dead-yet.json')]) {
      const error = errorOf(() => checkOutputFiles([file], `${directory}/./${file.slice(directory.length)}`, []));
      expect(error.exit).toBe('usage');
      expect(error.message).toBe(`--report ${file} is also the dead-letter file`);
    }
  });

  it('another report, existing or not, through a link to its folder as well', () => {
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

  it('files that are used for nothing else are accepted, beside standard input as well', () => {
    const reports = [join(directory, 'own.json'), join(directory, 'own.hgrm')];
    expect(() => checkOutputFiles(reports, join(directory, 'own.ndjson'), ['-', there('in.csv')])).not.toThrow();
  });
});
