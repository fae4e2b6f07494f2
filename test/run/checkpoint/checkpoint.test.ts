import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import {
  type Checkpoint,
  formatCheckpoint,
  hasBegun,
  isFinished,
  parseCheckpoint,
} from '../../../src/run/checkpoint/checkpoint.js';
import { CheckpointFile } from '../../../src/run/checkpoint/checkpoint-file.js';
import { Checkpointer } from '../../../src/run/checkpoint/checkpointer.js';
import { DeadLetterFile } from '../../../src/run/checkpoint/dead-letter-file.js';
import { moveLaterLines } from '../../../src/run/checkpoint/later-lines.js';
import { openCheckpoint } from '../../../src/run/checkpoint/open-checkpoint.js';
import { Ordinals } from '../../../src/run/checkpoint/ordinals.js';
import { errorOf } from '../../support/errors.js';
import { folder } from '../../support/kload.js';

const EMPTY: Checkpoint = {
  savedAt: '2026-01-02T03:04:05.678Z',
  files: [{ path: 'a "b"\n.csv', bytes: 12, head: 'ab', tail: 'cd' }],
  options: { '--data-field': '.鍵' },
  target: { kind: 'kinesis', stream: 's', endpoint: 'http://127.0.0.1:1', region: 'us-east-1' },
  dispatched: 0,
  legs: 1,
  next: 100,
  unsettled: Ordinals.none,
  atRisk: 0,
  inputEnded: false,
  scheduleMs: 0,
  mayBeDoubled: 0,
  records: { sent: 95, failed: 2, rejected: 3, maybeDuplicated: 4, inDoubt: 5 },
  deadLetters: { path: '/tmp/dead', bytes: 6 },
};
const ordinalsOf = (list: readonly number[]) => Ordinals.merged([Float64Array.from(list)]);
const SOME: Checkpoint = { ...EMPTY, next: 103, unsettled: ordinalsOf([3, 4, 9]), atRisk: 3 };
const upTo = (next: number): Checkpoint => ({ ...EMPTY, next, records: { ...EMPTY.records, sent: next - 5 } });
const plain = (checkpoint: Checkpoint) => ({ ...checkpoint, unsettled: checkpoint.unsettled.stretches() });

describe('a checkpoint', () => {
  const count = fc.nat({ max: Number.MAX_SAFE_INTEGER });
  const some = fc.record({ dispatched: count, legs: count, mayBeDoubled: count, inputEnded: fc.boolean() });
  const unsettled = fc.uniqueArray(fc.nat(99)).map((list) => ordinalsOf(list.sort((a, b) => a - b)));

  it('is JSON text, and is parsed from it', () => {
    fc.assert(
      fc.property(some, unsettled, (changes, set) => {
        const checkpoint = { ...EMPTY, ...changes, unsettled: set, next: 100 + set.count, atRisk: set.count };
        expect(plain(parseCheckpoint(formatCheckpoint(checkpoint))!)).toEqual(plain(checkpoint));
      }),
    );
  });

  it('is not parsed from a part of its text', () => {
    const text = formatCheckpoint(SOME);
    for (let length = 0; length < text.length; length++) expect(parseCheckpoint(text.slice(0, length))).toBeUndefined();
  });

  it('is not parsed if any byte has changed', () => {
    const text = formatCheckpoint({ ...SOME, dispatched: 1_234 });
    expect(parseCheckpoint(text)).toBeDefined();
    for (let at = 0; at < text.length; at++) {
      for (const other of ['0', '1', '7', ' ', '"', ',', 'x']) {
        if (text[at] === other) continue;
        expect(parseCheckpoint(text.slice(0, at) + other + text.slice(at + 1)), `${at}: ${other}`).toBeUndefined();
      }
    }
  });

  it.each<[string, Partial<Checkpoint>]>([
    ['counts that do not add up', { next: 104 }],
    ['a record counted twice', { records: { ...EMPTY.records, sent: 96 } }],
    ['more records at risk than are not settled', { atRisk: 4 }],
  ])('is not parsed with %s, even with a valid checksum', (_, changes) => {
    expect(parseCheckpoint(formatCheckpoint(SOME))).toBeDefined();
    expect(parseCheckpoint(formatCheckpoint({ ...SOME, ...changes }))).toBeUndefined();
  });

  it.each<[Partial<Checkpoint>, boolean]>([
    [{ next: 0 }, false],
    [{ next: 0, dispatched: 1 }, true],
    [{ next: 1 }, true],
    [{ next: 0, legs: 2 }, true],
  ])('%j: has begun: %s', (changes, begun) => {
    expect(hasBegun({ ...EMPTY, ...changes })).toBe(begun);
  });

  it.each<[Partial<Checkpoint>, number | undefined, boolean]>([
    [{ inputEnded: true }, undefined, true],
    [{}, undefined, false],
    [{}, 100, true],
    [{}, 101, false],
    [{ inputEnded: true, unsettled: ordinalsOf([5]) }, 100, false],
  ])('%j in a run of %s records: finished: %s', (changes, of, finished) => {
    expect(isFinished({ ...EMPTY, ...changes }, of)).toBe(finished);
  });
});

describe('the checkpoint file', () => {
  it('always holds a complete checkpoint and the count of records dispatched since, and leaves no other file', async () => {
    using dir = folder();
    mkdirSync(dir.path('real'));
    symlinkSync(dir.path('real/c'), dir.path('link'));
    writeFileSync(dir.path('real/c'), '');
    const file = new CheckpointFile(dir.path('link'));
    await file.save(EMPTY, () => 7, nothing);
    expect((await CheckpointFile.read(dir.path('link')))?.dispatched).toBe(7);
    for (const dispatched of [8, 123_456, Number.MAX_SAFE_INTEGER, 0]) {
      file.noteDispatched(dispatched);
      expect(plain((await CheckpointFile.read(dir.path('real/c')))!)).toEqual(plain({ ...EMPTY, dispatched }));
    }
    await file.save(upTo(200), () => 0, nothing);
    file.noteDispatched(1);
    expect(await CheckpointFile.read(dir.path('link'))).toMatchObject({ next: 200, dispatched: 1 });
    expect(readdirSync(dir.path('real'))).toEqual(['c']);
    file.close();
  });

  it('reports when the count of dispatched records belongs to a new checkpoint', async () => {
    using dir = folder();
    const file = new CheckpointFile(dir.path('c'));
    const inForce: number[] = [];
    const save = (next: number) =>
      file.save(
        upTo(next),
        () => 0,
        () => inForce.push(next),
      );
    await save(100);
    renameSync(dir.path('c'), dir.path('moved'));
    // The next checkpoint is written to another file, which cannot replace a folder.
    mkdirSync(dir.path('c/folder'), { recursive: true });
    await expect(save(200)).rejects.toMatchObject({ message: expect.stringContaining('cannot be written') });
    expect(inForce).toEqual([100]);
    file.noteDispatched(5);
    expect(await CheckpointFile.read(dir.path('moved'))).toMatchObject({ next: 100, dispatched: 5 });
    file.close();
  });
});

function nothing(): void {}

describe('the dead letters after a checkpoint', () => {
  // Longer than one read from a file.
  const long = 'x'.repeat(150_000);

  it.each<[string, string, number, string, string | undefined, number]>([
    ['go to a file of their own', 'one\ntwo\nthree\n', 4, 'one\n', 'two\nthree\n', 2],
    ['go from the beginning', 'one\n', 0, '', 'one\n', 1],
    ['are moved at any length', `one\n${long}\n`, 4, 'one\n', `${long}\n`, 1],
    ['without a line that was torn', 'one\ntwo\nthr', 4, 'one\n', 'two\n', 1],
    ['without a long one', `one\ntwo\n${long}`, 4, 'one\n', 'two\n', 1],
    ['are none where only a torn line is', 'one\nthr', 4, 'one\n', undefined, 0],
    ['are none where nothing is', 'one\ntwo\n', 8, 'one\ntwo\n', undefined, 0],
    ['go behind a line that was torn before', 'one\ntw\nthree\n', 6, 'one\ntw', '\nthree\n', 1],
    ['stay if they begin in the middle of a line', 'other\nother\n', 3, 'other\nother\n', undefined, 0],
    ['stay in a file that was begun again', 'one\n', 100, 'one\n', undefined, 0],
  ])('%s', (_, before, bytes, kept, aside, count) => {
    using dir = folder();
    const path = dir.path('dead');
    writeFileSync(path, before);
    const moved = moveLaterLines({ path, bytes });
    expect(moved).toEqual(count === 0 ? undefined : { count, from: path, to: `${path}.resent` });
    expect(readFileSync(path, 'utf8')).toBe(kept);
    if (aside === undefined) expect(existsSync(`${path}.resent`)).toBe(false);
    else expect(readFileSync(`${path}.resent`, 'utf8')).toBe(aside);
    expect(moveLaterLines({ path, bytes })).toBeUndefined();
  });

  it('are appended to those that were moved before, never through a link', () => {
    using dir = folder();
    const path = dir.path('dead');
    expect(moveLaterLines({ path, bytes: 0 })).toBeUndefined();
    for (const line of ['one\n', 'two\n']) {
      writeFileSync(path, line);
      moveLaterLines({ path, bytes: 0 });
    }
    expect(readFileSync(`${path}.resent`, 'utf8')).toBe('one\ntwo\n');
    writeFileSync(dir.path('linked'), 'three\n');
    writeFileSync(dir.path('victim'), 'mine');
    symlinkSync(dir.path('victim'), dir.path('linked.resent'));
    expect(errorOf(() => moveLaterLines({ path: dir.path('linked'), bytes: 0 }))).toMatchObject({ exit: 'output' });
    expect(readFileSync(dir.path('linked'), 'utf8')).toBe('three\n');
    expect(readFileSync(dir.path('victim'), 'utf8')).toBe('mine');
  });

  it('are those that workers sent after they listed their unsettled records, in any order of workers', async () => {
    using dir = folder();
    writeFileSync(dir.path('in'), 'a\nb\n');
    const plan = { file: dir.path('c'), named: dir.path('c'), intervalMs: 0, resume: false, options: {} };
    const open = await openCheckpoint(plan, [dir.path('in')], undefined);
    const dead = new DeadLetterFile(dir.path('dead'), []);
    let asked = false;
    const checkpointer = new Checkpointer(
      open,
      { ...EMPTY.target, shards: 1, limits: true },
      {
        workers: 2,
        flush: nothing,
        listUnsettled: () => {
          asked = true;
        },
        feedPosition: () => ({ position: 4, rejected: 0, others: undefined, reachedEnd: false, scheduleMs: 0 }),
        counts: () => ({ sent: 0, failed: 1, maybeDuplicated: 0, inDoubt: 0 }),
        workerCounts: (workerId) => ({ sent: 0, failed: workerId }),
        writeDeadLetters: (lines) => dead.write(lines),
        saveDeadLetters: () => dead.sync(),
        failed: (error) => expect.fail(String(error)),
      },
    );
    await checkpointer.begin();
    checkpointer.start();
    await vi.waitFor(() => expect(asked).toBe(true), { timeout: 30_000 });
    checkpointer.unsettled(0, Float64Array.of(0, 2));
    checkpointer.deadLetters(0, Buffer.from('after\n'));
    checkpointer.deadLetters(1, Buffer.from('before\n'));
    checkpointer.unsettled(1, Float64Array.of(3));
    checkpointer.deadLetters(1, Buffer.from('after, too\n'));
    expect(readFileSync(dir.path('dead'), 'utf8')).toBe('before\nafter\nafter, too\n');
    const saved = await vi.waitFor(async () => {
      const checkpoint = (await CheckpointFile.read(dir.path('c')))!;
      expect(checkpoint.next).toBe(4);
      return checkpoint;
    }, 30_000);
    expect(saved.deadLetters).toEqual({ path: dir.path('dead'), bytes: 'before\n'.length });
    checkpointer.freeze();
    checkpointer.close();
    dead.close();
    await open.lock.release();
  });
});
