import { describe, expect, it } from 'vitest';
import { planRun } from '../../src/config/run-plan.js';
import { KloadError } from '../../src/core/errors.js';

type Env = Readonly<Record<string, string>>;

const planned = (given: Readonly<Record<string, unknown>>, env: Env = {}, files: readonly string[] = []) =>
  planRun(given, files, env, 2);

const partOf = (part: string | undefined, env: Env = {}) => {
  const { number, of } = planned(part === undefined ? {} : { part }, env).part ?? {};
  return `${number}/${of}`;
};

function refusal(given: Readonly<Record<string, unknown>>, env: Env = {}, files: readonly string[] = []): string {
  try {
    planned(given, env, files);
  } catch (error) {
    if (error instanceof KloadError && error.exit === 'usage') return `${error.message} (${error.hint})`;
    throw error;
  }
  return 'no error';
}

describe('--part auto', () => {
  it.each<[string, Env, string]>([
    ['Kubernetes', { JOB_COMPLETION_INDEX: '0', KLOAD_PARTS: '8' }, '1/8'],
    ['Kubernetes, the last', { JOB_COMPLETION_INDEX: '7', KLOAD_PARTS: '8' }, '8/8'],
    ['AWS Batch', { AWS_BATCH_JOB_ARRAY_INDEX: '2', AWS_BATCH_JOB_ARRAY_SIZE: '4' }, '3/4'],
    ['Slurm from 0', { SLURM_ARRAY_TASK_ID: '3', SLURM_ARRAY_TASK_COUNT: '4', SLURM_ARRAY_TASK_MIN: '0' }, '4/4'],
    ['Slurm from 1', { SLURM_ARRAY_TASK_ID: '4', SLURM_ARRAY_TASK_COUNT: '4', SLURM_ARRAY_TASK_MIN: '1' }, '4/4'],
    [
      'Slurm in steps',
      {
        SLURM_ARRAY_TASK_ID: '14',
        SLURM_ARRAY_TASK_COUNT: '3',
        SLURM_ARRAY_TASK_MIN: '10',
        SLURM_ARRAY_TASK_STEP: '2',
      },
      '3/3',
    ],
    ['anything else', { KLOAD_PART: '2', KLOAD_PARTS: '3' }, '2/3'],
    ['anything else, in an array job', { KLOAD_PART: '2', KLOAD_PARTS: '3', JOB_COMPLETION_INDEX: '0' }, '2/3'],
  ])('is the part that %s names', (_name, env, part) => {
    expect(partOf('auto', env)).toBe(part);
  });

  it.each<[Env, string]>([
    [{}, 'none of KLOAD_PART, JOB_COMPLETION_INDEX, AWS_BATCH_JOB_ARRAY_INDEX and SLURM_ARRAY_TASK_ID is set'],
    [{ JOB_COMPLETION_INDEX: '1' }, 'JOB_COMPLETION_INDEX=1 is a part of unknown many: KLOAD_PARTS is not set'],
    [{ AWS_BATCH_JOB_ARRAY_INDEX: '1' }, 'AWS_BATCH_JOB_ARRAY_SIZE is not set'],
    [{ JOB_COMPLETION_INDEX: '8', KLOAD_PARTS: '8' }, 'JOB_COMPLETION_INDEX=8 is not one of the 8 parts'],
    [{ JOB_COMPLETION_INDEX: 'x', KLOAD_PARTS: '8' }, "JOB_COMPLETION_INDEX is 'x', which is not a whole number"],
    [{ SLURM_ARRAY_TASK_ID: '1', SLURM_ARRAY_TASK_COUNT: '2' }, 'SLURM_ARRAY_TASK_MIN is not set'],
    [
      { SLURM_ARRAY_TASK_ID: '7', SLURM_ARRAY_TASK_COUNT: '3', SLURM_ARRAY_TASK_MIN: '1' },
      'their numbers are 1 to 3 (give the array as many processes as parts',
    ],
    [
      { JOB_COMPLETION_INDEX: '1', KLOAD_PARTS: '8', SLURM_ARRAY_TASK_ID: '1', SLURM_ARRAY_TASK_COUNT: '2' },
      'JOB_COMPLETION_INDEX and SLURM_ARRAY_TASK_ID are set, and may name different parts',
    ],
    [{ KLOAD_PART: '4', KLOAD_PARTS: '3' }, 'KLOAD_PART=4 is not one of the 3 parts'],
  ])('%j is refused', (env, reason) => {
    expect(refusal({ part: 'auto' }, env)).toContain(reason);
  });
});

it('KLOAD_PART alone stands for --part', () => {
  expect(partOf(undefined, { KLOAD_PART: '2/3' })).toBe('2/3');
  expect(partOf(undefined, { KLOAD_PART: '3', KLOAD_PARTS: '3' })).toBe('3/3');
  expect(partOf(undefined, { JOB_COMPLETION_INDEX: '1', KLOAD_PARTS: '8' })).toBe('undefined/undefined');
});

it.each<[Readonly<Record<string, unknown>>, string]>([
  [{ part: '9/8' }, "--part takes auto, or the number of a part and how many there are, such as 2/8, not '9/8'"],
  [{ part: '0/8' }, "not '0/8'"],
  [{ part: '2' }, 'KLOAD_PARTS is not set'],
  [{ barrier: 'tcp://localhost:4600' }, '--barrier needs --part'],
  [{ part: '1/2', barrierTimeout: '5s' }, '--barrier-timeout needs --barrier or --barrier-dir'],
  [{ part: '1/2', barrier: 'localhost:4600' }, '--barrier takes tcp://HOST:PORT'],
  [{ part: '1/2', barrier: 'tcp://h:1', barrierDir: 'd' }, '--barrier and --barrier-dir cannot be used together'],
  [{ part: '1/2', partBy: 'file' }, '--part-by file cannot be used with generated records'],
])('%j is refused', (given, reason) => {
  expect(refusal(given)).toContain(reason);
});

it.each<[Readonly<Record<string, unknown>>, readonly string[], string]>([
  [{}, ['a'], '1 file cannot be dealt out to 2 parts'],
  [{}, ['a', '-'], 'standard input'],
  [{ count: '5' }, ['a', 'b'], '--count'],
  [{ loop: true }, ['a', 'b'], '--loop'],
  [{ respectTiming: true, maxGap: '1s' }, ['a', 'b'], '--max-gap'],
  [{ respectTiming: true, from: '+1m' }, ['a', 'b'], 'a time since the first record'],
])('--part-by file with %j of %j is refused', (given, files, reason) => {
  expect(refusal({ ...given, part: '1/2', partBy: 'file' }, {}, files)).toContain(reason);
});

it('files are dealt out in turn', () => {
  const filesOf = (part: string) => planned({ part, partBy: 'file' }, {}, ['a', 'b', 'c', 'd', 'e']).input;
  expect(filesOf('1/2')).toMatchObject({ files: ['a', 'c', 'e'] });
  expect(filesOf('2/2')).toMatchObject({ files: ['b', 'd'] });
});

it('each part writes files of its own', () => {
  const given = {
    part: '2/8',
    report: ['r.json', 'out/{part}/r.html', '-'],
    deadLetter: '/x.y/dead',
    checkpoint: 'c.k',
  };
  const { reports, deadLetter, checkpoint } = planned({ ...given, stream: 's' }, {}, ['in.csv']);
  expect(reports).toEqual(['r.2of8.json', 'out/2of8/r.html', '-']);
  expect(deadLetter).toBe('/x.y/dead.2of8');
  expect(checkpoint?.file).toBe('c.k.2of8');
  expect(checkpoint?.options).toMatchObject({ '--part': '2/8', '--part-by': 'key' });
});
