import { mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Checkpoint, formatCheckpoint, hasBegun, isFinished, parseCheckpoint } from '../../src/run/checkpoint.js';
import { CheckpointFile } from '../../src/run/checkpoint-file.js';
import { DeadLetterFile } from '../../src/run/dead-letter-file.js';
import { Ordinals } from '../../src/run/ordinals.js';
import { folder } from '../support/kload.js';

const EMPTY: Checkpoint = {
  savedAt: '2026-01-02T03:04:05.678Z',
  files: [{ path: 'a "b"\n.csv', bytes: 12, head: 'ab', tail: 'cd' }],
  options: { '--data-field': '.鍵' },
  target: { kind: 'kinesis', stream: 's', endpoint: 'http://127.0.0.1:1', region: 'us-east-1' },
  handed: 0,
  legs: 1,
  next: 100,
  unsettled: Ordinals.none,
  atRisk: 0,
  inputEnded: false,
  mayBeDoubled: 0,
  records: { sent: 1, failed: 2, rejected: 3, maybeDuplicated: 4, inDoubt: 5 },
  deadLetterBytes: 0,
};
const ordinalsOf = (list: readonly number[]) => Ordinals.merged([Float64Array.from(list)]);
const plain = (checkpoint: Checkpoint) => ({ ...checkpoint, unsettled: checkpoint.unsettled.stretches() });

describe('a checkpoint', () => {
  const count = fc.nat({ max: Number.MAX_SAFE_INTEGER });
  const some = fc.record({ handed: count, legs: count, atRisk: count, mayBeDoubled: count, inputEnded: fc.boolean() });
  const unsettled = fc.uniqueArray(fc.nat(99)).map((list) => ordinalsOf(list.sort((a, b) => a - b)));

  it('comes back from its text, which is JSON', () => {
    fc.assert(
      fc.property(some, unsettled, (changes, set) => {
        const checkpoint = { ...EMPTY, ...changes, unsettled: set };
        expect(plain(parseCheckpoint(formatCheckpoint(checkpoint))!)).toEqual(plain(checkpoint));
      }),
    );
  });

  it('is none in any part of its text', () => {
    const text = formatCheckpoint({ ...EMPTY, unsettled: ordinalsOf([3, 4, 9]) });
    for (let length = 0; length < text.length - 1; length++)
      expect(parseCheckpoint(text.slice(0, length))).toBeUndefined();
  });

  it.each<[Partial<Checkpoint>, boolean]>([
    [{ next: 0 }, false],
    [{ next: 0, handed: 1 }, true],
    [{ next: 1 }, true],
    [{ next: 0, legs: 2 }, true],
  ])('%j: something was sent: %s', (changes, begun) => {
    expect(hasBegun({ ...EMPTY, ...changes })).toBe(begun);
  });

  it.each<[Partial<Checkpoint>, number | undefined, boolean]>([
    [{ inputEnded: true }, undefined, true],
    [{}, undefined, false],
    [{}, 100, true],
    [{}, 101, false],
    [{ inputEnded: true, unsettled: ordinalsOf([5]) }, 100, false],
  ])('%j of a run of %s records: finished: %s', (changes, of, finished) => {
    expect(isFinished({ ...EMPTY, ...changes }, of)).toBe(finished);
  });
});

describe('the file of the checkpoints', () => {
  it('holds a whole one always, with what was handed over since, and leaves nothing beside it', async () => {
    using dir = folder();
    mkdirSync(dir.path('real'));
    symlinkSync(dir.path('real/c'), dir.path('link'));
    writeFileSync(dir.path('real/c'), '');
    const file = new CheckpointFile(dir.path('link'));
    await file.save(EMPTY, () => 7, nothing);
    expect((await CheckpointFile.read(dir.path('link')))?.handed).toBe(7);
    for (const handed of [8, 123_456, Number.MAX_SAFE_INTEGER, 0]) {
      file.noteHanded(handed);
      expect(plain((await CheckpointFile.read(dir.path('real/c')))!)).toEqual(plain({ ...EMPTY, handed }));
    }
    await file.save({ ...EMPTY, next: 200 }, () => 0, nothing);
    file.noteHanded(1);
    expect(await CheckpointFile.read(dir.path('link'))).toMatchObject({ next: 200, handed: 1 });
    expect(readdirSync(dir.path('real'))).toEqual(['c']);
    file.close();
  });

  it('says which checkpoint the count of what is handed over belongs to', async () => {
    using dir = folder();
    const file = new CheckpointFile(dir.path('c'));
    const inForce: number[] = [];
    const save = (next: number) =>
      file.save(
        { ...EMPTY, next },
        () => 0,
        () => inForce.push(next),
      );
    await save(100);
    renameSync(dir.path('c'), dir.path('moved'));
    // Written beside it, the next one can't take the place of a folder.
    mkdirSync(dir.path('c/folder'), { recursive: true });
    await expect(save(200)).rejects.toMatchObject({ message: expect.stringContaining('cannot be written') });
    expect(inForce).toEqual([100]);
    file.noteHanded(5);
    expect(await CheckpointFile.read(dir.path('moved'))).toMatchObject({ next: 100, handed: 5 });
    file.close();
  });
});

function nothing(): void {}

describe('the dead letters of a run that is resumed', () => {
  // Longer than what is read of a file at once.
  const long = 'x'.repeat(150_000);

  it.each<[string, string, number, string]>([
    ['a line that was torn behind the checkpoint goes', 'one\ntwo\nthr', 4, 'one\ntwo\nnew\n'],
    ['however long it is', `one\n${long}`, 4, 'one\nnew\n'],
    ['whole lines stay', `one\n${long}\n`, 0, `one\n${long}\nnew\n`],
    ['and so does what was there before', 'one\ntwo', 7, 'one\ntwo\nnew\n'],
    ['and a line that the checkpoint knew in part', 'one\ntwo and', 7, 'one\ntwo\nnew\n'],
    ['a file that was taken away begins anew', '', 100, 'new\n'],
  ])('%s', (_, before, keptBytes, after) => {
    using dir = folder();
    writeFileSync(dir.path('dead'), before);
    const file = new DeadLetterFile(dir.path('dead'), [], keptBytes);
    file.write(Buffer.from('new\n'));
    file.close();
    expect(readFileSync(dir.path('dead'), 'utf8')).toBe(after);
  });

  it('have the size that is on disk', async () => {
    using dir = folder();
    const file = new DeadLetterFile(dir.path('dead'), []);
    expect(await file.sync()).toBe(0);
    file.write(Buffer.from('new\n'));
    expect(await file.sync()).toBe(4);
    file.close();
  });
});
