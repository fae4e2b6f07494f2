import { existsSync, linkSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { HASH_KEY_RECORDS } from '../../../src/core/record.js';
import { DeadLetterFile } from '../../../src/run/checkpoint/dead-letter-file.js';
import { DeadLetterLines } from '../../../src/run/worker/dead-letter-lines.js';
import { errorOf } from '../../support/errors.js';
import { pendingOf } from '../records.js';

const directory = mkdtempSync(join(tmpdir(), 'kload-dead-letters-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

let made = 0;
function freshPath(): string {
  return join(directory, `dead-${made++}.ndjson`);
}

describe('the dead-letter file', () => {
  it('keeps the lines of an earlier run', () => {
    const path = freshPath();
    for (const line of ['one\n', 'two\n']) {
      const file = new DeadLetterFile(path, []);
      file.write(Buffer.from(line));
      expect(readFileSync(path, 'utf8')).toContain(line);
      file.close();
    }
    new DeadLetterFile(path, []).close();
    expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n');
  });

  it('ends an incomplete last line before a record is appended, and only then', () => {
    const path = freshPath();
    writeFileSync(path, 'one\n{"data":"to');
    new DeadLetterFile(path, []).close();
    expect(readFileSync(path, 'utf8')).toBe('one\n{"data":"to');
    const file = new DeadLetterFile(path, []);
    file.write(Buffer.from('two\n'));
    file.write(Buffer.from('three\n'));
    file.close();
    expect(readFileSync(path, 'utf8')).toBe('one\n{"data":"to\ntwo\nthree\n');
  });

  it('is deleted if nothing was written to it', () => {
    const path = freshPath();
    const file = new DeadLetterFile(path, []);
    expect(existsSync(path)).toBe(true);
    file.close();
    expect(existsSync(path)).toBe(false);
  });

  it('stays if another run wrote to it meanwhile', () => {
    const path = freshPath();
    const file = new DeadLetterFile(path, []);
    const other = new DeadLetterFile(path, []);
    other.write(Buffer.from('of the other run\n'));
    file.close();
    other.close();
    expect(existsSync(path)).toBe(true);
  });

  it('may be gone when the run ends', () => {
    const path = freshPath();
    const file = new DeadLetterFile(path, []);
    rmSync(path);
    expect(() => file.close()).not.toThrow();
  });

  it('must not be an input, by any name', () => {
    const input = freshPath();
    writeFileSync(input, 'data\n');
    const link = freshPath();
    symlinkSync(input, link);
    for (const name of [input, link, join(directory, '.', input.slice(directory.length + 1))]) {
      const error = errorOf(() => new DeadLetterFile(name, ['-', input]));
      expect(error.exit).toBe('usage');
      expect(error.message).toContain(`--dead-letter ${name} is also an input`);
    }
    expect(readFileSync(input, 'utf8')).toBe('data\n');
  });

  it('must not be a hard link to an input', () => {
    const input = freshPath();
    writeFileSync(input, 'data\n');
    const hardLink = freshPath();
    linkSync(input, hardLink);
    expect(errorOf(() => new DeadLetterFile(hardLink, [input])).exit).toBe('usage');
  });

  it('is refused before the run if it cannot be opened', () => {
    for (const path of [join(directory, 'missing', 'dead.ndjson'), directory]) {
      const error = errorOf(() => new DeadLetterFile(path, []));
      expect(error.exit).toBe('output');
      expect(error.message).toContain(`--dead-letter ${path} cannot be opened`);
    }
  });

  it.skipIf(!existsSync('/dev/full'))('reports a full disk', () => {
    const file = new DeadLetterFile('/dev/full', []);
    const error = errorOf(() => file.write(Buffer.from('x')));
    expect(error.exit).toBe('output');
    expect(error.message).toMatch(/--dead-letter \/dev\/full: .*ENOSPC/);
    file.close();
    expect(existsSync('/dev/full')).toBe(true);
  });
});

describe('the lines of records that were given up', () => {
  it('are JSON objects with key, data and reason, until they are taken', () => {
    const lines = new DeadLetterLines(HASH_KEY_RECORDS);
    expect(lines.take()).toBeUndefined();
    const failure = { kind: 'permanent', code: 'ValidationException', message: 'no' } as const;
    lines.add(pendingOf({ data: 'a\nb', key: '鍵', recordedAtMs: 1_767_323_045_000 }), failure);
    lines.add(pendingOf({ data: '', key: 'shared' }), failure);
    const taken = Buffer.from(lines.take()!).toString();
    const [first, second, end] = taken.split('\n');
    expect(JSON.parse(first!)).toMatchObject({
      partitionKey: '鍵',
      data: 'a\nb',
      timestamp: '2026-01-02T03:04:05.000000Z',
      error: { code: 'ValidationException', message: 'no' },
    });
    expect(JSON.parse(second!)).toMatchObject({ partitionKey: 'shared', data: '' });
    expect(end).toBe('');
    expect(lines.take()).toBeUndefined();
  });

  it('keep headers, null keys and null values for Kafka', () => {
    const lines = new DeadLetterLines({ ...HASH_KEY_RECORDS, attributes: 'headers' });
    const failure = { kind: 'permanent', code: 'MESSAGE_TOO_LARGE', message: '' } as const;
    lines.add(pendingOf({ data: 'v', key: 'k', hashKey: '{"a":"1"}' }), failure);
    lines.add(pendingOf({ data: '', hashKey: '-{"a":"1"}' }), failure);
    lines.add(pendingOf({ data: '', key: 'k', hashKey: '-' }), failure);
    lines.add(pendingOf({ data: 'v', key: 'k', hashKey: '{"a":1.50,"a":"2"}' }), failure);
    const [first, second, third, asSent] = Buffer.from(lines.take()!).toString().split('\n');
    expect(JSON.parse(asSent!).headers).toEqual({ a: ['1.50', '2'] });
    expect(JSON.parse(first!)).toMatchObject({ partitionKey: 'k', data: 'v', headers: { a: '1' } });
    expect(JSON.parse(second!)).toMatchObject({ partitionKey: null, data: null, headers: { a: '1' } });
    expect(JSON.parse(third!)).toMatchObject({ partitionKey: 'k', data: null });
    expect(JSON.parse(third!)).not.toHaveProperty('headers');
  });

  it('are full after some tens of kilobytes', () => {
    const lines = new DeadLetterLines(HASH_KEY_RECORDS);
    const failure = { kind: 'retriable', code: 'InternalFailure', message: '' } as const;
    expect(lines.full).toBe(false);
    for (let i = 0; i < 100; i++) lines.add(pendingOf({ data: 'x'.repeat(1000) }), failure);
    expect(lines.full).toBe(true);
    lines.take();
    expect(lines.full).toBe(false);
  });
});
