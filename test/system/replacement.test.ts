import { closeSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync, writeSync } from 'node:fs';
import { expect, it } from 'vitest';
import { Replacement } from '../../src/system/replacement.js';
import { folder } from '../support/kload.js';

it('a replacement takes the place of a file when it is whole, and not before', () => {
  using dir = folder();
  writeFileSync(dir.path('f'), 'old', { mode: 0o600 });
  const replacement = new Replacement(dir.path('f'));
  writeSync(replacement.fd, 'new');
  expect(readFileSync(dir.path('f'), 'utf8')).toBe('old');
  replacement.takePlace();
  closeSync(replacement.fd);
  expect(readFileSync(dir.path('f'), 'utf8')).toBe('new');
  expect(statSync(dir.path('f')).mode & 0o777).toBe(0o600);
  expect(readdirSync(dir.path('.'))).toEqual(['f']);
});

it('a replacement that is discarded leaves the file as it was', () => {
  using dir = folder();
  writeFileSync(dir.path('f'), 'old');
  const replacement = new Replacement(dir.path('f'));
  writeSync(replacement.fd, 'half');
  replacement.discard();
  expect(readFileSync(dir.path('f'), 'utf8')).toBe('old');
  expect(readdirSync(dir.path('.'))).toEqual(['f']);
});

it.each(['a link to another file', 'what a kill left behind'])(
  '%s under its name is replaced, not written to',
  (what) => {
    using dir = folder();
    writeFileSync(dir.path('victim'), 'mine');
    if (what.startsWith('a link')) symlinkSync(dir.path('victim'), dir.path('f.tmp'));
    else writeFileSync(dir.path('f.tmp'), 'half of a longer one');
    const replacement = new Replacement(dir.path('f'));
    writeSync(replacement.fd, 'new');
    replacement.takePlace();
    closeSync(replacement.fd);
    expect(readFileSync(dir.path('f'), 'utf8')).toBe('new');
    expect(readFileSync(dir.path('victim'), 'utf8')).toBe('mine');
    expect(readdirSync(dir.path('.')).sort()).toEqual(['f', 'victim']);
  },
);
