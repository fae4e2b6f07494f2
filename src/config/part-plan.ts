import { KloadError } from '../core/errors.js';
import { type Part, type PartBy, partName, partText } from '../core/part.js';
import type { PartChoice } from '../options/values.js';
import { isNameOfStandardOutput, isStandardOutput } from '../output/standard-output.js';
import type { RunValues } from './run-options.js';

/** How the parts of a run begin together. */
export type BarrierPlan = { readonly timeoutMs: number } & (
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'dir'; readonly dir: string }
);

/** Which part of a run this process does. */
export interface PartPlan extends Part {
  readonly by: PartBy;
  /** undefined: each part begins when it is ready, or at `--start-at`. */
  readonly barrier: BarrierPlan | undefined;
  /** The files of the whole run. */
  readonly files: readonly string[];
}

const PARTS_MAX = 100_000;
const COUNT = 'KLOAD_PARTS';

/** Variables that say which process of an array this is. */
interface Engine {
  readonly index: string;
  /** The variable with the number of processes. */
  readonly count: string;
  /** The number of the first process, or the variable with it. */
  readonly first: number | string;
  /** The variable with the distance between two numbers. */
  readonly step?: string;
}

/** KLOAD_PART counts from 1, as `--part` does. */
const OWN: Engine = { index: 'KLOAD_PART', count: COUNT, first: 1 };

const ENGINES: readonly Engine[] = [
  { index: 'JOB_COMPLETION_INDEX', count: COUNT, first: 0 },
  { index: 'AWS_BATCH_JOB_ARRAY_INDEX', count: 'AWS_BATCH_JOB_ARRAY_SIZE', first: 0 },
  {
    index: 'SLURM_ARRAY_TASK_ID',
    count: 'SLURM_ARRAY_TASK_COUNT',
    first: 'SLURM_ARRAY_TASK_MIN',
    step: 'SLURM_ARRAY_TASK_STEP',
  },
];

/**
 * The part that `--part` selects; undefined without it.
 *
 * @throws KloadError `usage` if the environment does not say which part this is, or contradicts itself
 */
export function partPlanOf(values: RunValues, files: readonly string[], env: NodeJS.ProcessEnv): PartPlan | undefined {
  const { part, partBy: by, barrier, barrierDir: dir, barrierTimeout: timeoutMs } = values;
  if (part === undefined) return undefined;
  const plan: BarrierPlan | undefined =
    barrier !== undefined
      ? { kind: 'tcp', ...barrier, timeoutMs }
      : dir !== undefined
        ? { kind: 'dir', dir, timeoutMs }
        : undefined;
  return { ...chosenPart(part, env), by, barrier: plan, files };
}

function chosenPart(choice: PartChoice, env: NodeJS.ProcessEnv): Part {
  if (choice === 'auto') return partOfArray(env);
  const { number, of } = choice;
  if (of !== undefined) return { number, of };
  return checked(number, countIn(env, OWN, `part ${number}`), `--part ${number}`);
}

/** The part of a process in an array job. */
function partOfArray(env: NodeJS.ProcessEnv): Part {
  const own = env[OWN.index];
  const [, number, of] = /^(\d+)\/(\d+)$/.exec(own ?? '') ?? [];
  if (of !== undefined) return checked(Number(number), Number(of), `${OWN.index}=${own}`);
  if (own && own !== 'auto') return partIn(env, OWN);
  const found = ENGINES.filter(({ index }) => env[index]);
  if (found.length === 1) return partIn(env, found[0]!);
  const names = (engines: readonly Engine[], word: string) =>
    engines
      .map(({ index }) => index)
      .join(', ')
      .replace(/, ([^,]*)$/, ` ${word} $1`);
  const reason =
    found.length === 0
      ? `none of ${names([OWN, ...ENGINES], 'and')} is set`
      : `${names(found, 'and')} are set, and may name different parts`;
  throw new KloadError(
    'usage',
    `--part auto does not know which part this is: ${reason}`,
    'name the part, such as --part 2/8, or set KLOAD_PART (from 1) and KLOAD_PARTS',
  );
}

function partIn(env: NodeJS.ProcessEnv, engine: Engine): Part {
  const index = wholeIn(env, engine.index);
  const first = typeof engine.first === 'number' ? engine.first : wholeIn(env, engine.first);
  const step = engine.step !== undefined && env[engine.step] ? wholeIn(env, engine.step) : 1;
  const number = (index - first) / Math.max(1, step) + 1;
  return checked(number, countIn(env, engine, `${engine.index}=${index}`), `${engine.index}=${index}`, first, step);
}

function countIn(env: NodeJS.ProcessEnv, { count }: Engine, what: string): number {
  if (env[count]) return wholeIn(env, count);
  const hint = `set ${count} to the number of parts, or name the part with it, such as --part 2/8`;
  throw new KloadError('usage', `${what} is a part of unknown many: ${count} is not set`, hint);
}

function wholeIn(env: NodeJS.ProcessEnv, name: string): number {
  const text = env[name] ?? '';
  if (/^\d{1,9}$/.test(text)) return Number(text);
  const problem = text === '' ? 'is not set' : `is '${text}', which is not a whole number`;
  throw new KloadError('usage', `${name} ${problem}`, 'name the part, such as --part 2/8');
}

/** @param first,step of the numbers that the environment gives to the parts */
function checked(number: number, of: number, what: string, first = 1, step = 1): Part {
  if (of < 1 || of > PARTS_MAX) {
    throw new KloadError('usage', `${what}: a run has 1 to ${PARTS_MAX} parts, not ${of}`);
  }
  if (Number.isInteger(number) && number >= 1 && number <= of) return { number, of };
  const last = first + (of - 1) * step;
  const numbers = `${first} to ${last}${step > 1 ? ` in steps of ${step}` : ''}`;
  throw new KloadError(
    'usage',
    `${what} is not one of the ${of} parts: their numbers are ${numbers}`,
    'give the array as many processes as parts, with numbers that follow each other',
  );
}

/** Files of a part that is rescheduled on another machine, or that shares a folder with others, have its number. */
const PLACEHOLDER = '{part}';

/**
 * The file that a part writes in place of one that the whole run names: '{part}' becomes '2of8'. Without it, that goes
 * before the extension, or to the end if `atEnd`.
 */
export function fileOfPart<T extends string | undefined>(file: T, part: Part | undefined, atEnd = false): T | string {
  if (file === undefined || part === undefined) return file;
  const name = partName(part);
  if (file.includes(PLACEHOLDER)) return file.replaceAll(PLACEHOLDER, name);
  if (isNameOfStandardOutput(file) || isStandardOutput(file)) return file;
  const extension = atEnd ? '' : (/(?<=[^/])\.[^./]+$/.exec(file)?.[0] ?? '');
  return `${file.slice(0, file.length - extension.length)}.${name}${extension}`;
}

/** What `--part` was, to be compared when a part resumes: `auto` may stand for another one then. */
export function partOption(part: PartPlan | undefined): Record<string, string> {
  return part === undefined ? {} : { '--part': partText(part), '--part-by': part.by };
}
