import { fstatSync, statSync } from 'node:fs';

/** Names of standard output that say no form: it gets the full report. */
const NAMES = new Set(['-', '/dev/stdout', '/dev/fd/1']);

export function isNameOfStandardOutput(file: string): boolean {
  return NAMES.has(file);
}

/** Whether a file is standard output, also by a link to it, or because standard output is redirected to it. */
export function isStandardOutput(file: string): boolean {
  return NAMES.has(file) || isOpenAs(file, 1);
}

/** Whether a file is what the process has open under this number. */
export function isOpenAs(file: string, descriptor: 1 | 2): boolean {
  try {
    const [named, open] = [statSync(file, { bigint: true }), fstatSync(descriptor, { bigint: true })];
    return named.dev === open.dev && named.ino === open.ino;
  } catch {
    return false;
  }
}
