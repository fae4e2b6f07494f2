import { readFileSync } from 'node:fs';
import { basename, posix } from 'node:path';
import { KloadError, messageOf } from '../core/errors.js';
import { formatBytes } from '../core/units.js';
import type { NamedFile, RunArguments } from './run-arguments.js';

/** What every kind of job is made from. */
export interface JobRun {
  readonly parts: number;
  readonly name: string;
  readonly cpus: number;
  /** MiB. */
  readonly memory: number;
  readonly args: RunArguments;
}

/** A folder of the containers, and what is mounted there. */
export interface Mount {
  readonly source: string;
  readonly path: string;
}

/** A file that travels with the job. */
export interface CarriedFile {
  readonly name: string;
  readonly bytes: Buffer;
}

/** A ConfigMap takes 1 MiB; its other fields and base64 need some of that. */
const CARRIED_BYTES_MAX = 700 * 1024;
/** What each process gets from the job. */
const OF_THE_JOB = ['--part'];
/** Exit codes after which a part must not run again: it would send its records again, or fail in the same way. */
export const FINAL_EXIT_CODES = [1, 2, 3, 5, 6, 99];
export const ATTEMPTS = 3;

/** 'loads:/data' */
export function mountOf(text: string | undefined): Mount | undefined {
  if (text === undefined) return undefined;
  const colon = text.indexOf(':');
  return { source: text.slice(0, colon), path: text.slice(colon + 1) };
}

/** Refuses options that the job gives to each process by itself. @throws KloadError `usage` */
export function checkArguments({ args }: JobRun): void {
  const own = OF_THE_JOB.find((flag) => args.flags.has(flag));
  if (own === undefined) return;
  throw new KloadError('usage', `${own}: the job gives each process its part`, `leave ${own} out`);
}

/** Whether a part that was stopped can go on where it was, instead of sending its records again. */
export function canResume({ args }: JobRun): boolean {
  return args.flags.has('--checkpoint') && args.flags.has('--resume');
}

/** Whether the run says itself when its parts begin. */
export function hasStart({ args }: JobRun): boolean {
  return ['--start-at', '--barrier', '--barrier-dir'].some((flag) => args.flags.has(flag));
}

/**
 * Where containers find the files that a run reads: those below a mount stay where they are, others are carried by the
 * job in a folder.
 *
 * @param folder undefined: the job cannot carry files
 * @throws KloadError `usage` for a secret, or what is too large; `input` for a file that cannot be read
 */
export function placeFiles(
  { args }: JobRun,
  mounts: readonly (Mount | undefined)[],
  folder: string | undefined,
  volumeHint: string,
): { readonly args: string[]; readonly carried: CarriedFile[] } {
  const carried = new Map<string, { readonly from: string; readonly bytes: Buffer }>();
  let size = 0;
  const place = (named: NamedFile): string => {
    const { file, by, isSecret } = named;
    const what = by === '' ? file : `${by} ${file}`;
    if (mounts.some((mount) => mount !== undefined && posix.normalize(file).startsWith(`${mount.path}/`))) return file;
    if (file === '-') throw new KloadError('usage', 'a job has no standard input', volumeHint);
    if (isSecret) {
      throw new KloadError('usage', `${what} holds a secret, which a manifest must not`, 'mount it: --secret-volume');
    }
    if (folder === undefined) throw new KloadError('usage', `${what} is not on the volume`, volumeHint);
    const name = basename(file);
    const other = carried.get(name);
    if (other !== undefined && other.from !== file) {
      throw new KloadError('usage', `${other.from} and ${file} have the same name`, 'rename one of them');
    }
    if (other === undefined) {
      const bytes = read(file, what);
      size += bytes.length;
      carried.set(name, { from: file, bytes });
      if (size > CARRIED_BYTES_MAX) {
        const limit = `a ConfigMap takes ${formatBytes(CARRIED_BYTES_MAX)}`;
        throw new KloadError(
          'usage',
          `${what} is too large: the files have ${formatBytes(size)}, ${limit}`,
          volumeHint,
        );
      }
    }
    return `${folder}/${name}`;
  };
  const placed = args.with(place);
  return { args: placed, carried: [...carried].map(([name, { bytes }]) => ({ name, bytes })) };
}

function read(file: string, what: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new KloadError('input', `${what} cannot be read: ${messageOf(error)}`, 'name another file');
  }
}

/** Where each part writes its report, unless the run says so: kload puts the part's number into the name. */
export function reportArguments({ args, name }: JobRun, folder: string | undefined): string[] {
  if (args.flags.has('--report')) return [];
  return ['--report', folder === undefined ? '-' : `${folder}/${name}.json`];
}
