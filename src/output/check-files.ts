import { accessSync, constants, existsSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { KloadError, messageOf } from '../core/errors.js';
import { isNameOfStandardOutput, isStandardOutput } from './standard-output.js';

/**
 * Checks at the start that outputs can be written at the end, and that none overwrites an input or another output.
 *
 * @param reportFlag the option that names the reports
 * @throws KloadError `output` for a report that cannot be written, `usage` for an output that is also something else
 */
export function checkOutputFiles(
  reports: readonly string[],
  deadLetter: string | undefined,
  inputs: readonly string[],
  checkpoint?: string,
  reportFlag = '--report',
): void {
  const taken = new Map<string, string>();
  const take = (option: string, file: string, what: string) => {
    const identity = identityOf(file);
    const other = taken.get(identity);
    if (other !== undefined) throw new KloadError('usage', `${option} ${file} is also ${other}`, 'name another file');
    taken.set(identity, what);
  };
  for (const input of inputs) if (input !== '-') taken.set(identityOf(input), 'an input');
  if (deadLetter !== undefined) taken.set(identityOf(deadLetter), 'the dead-letter file');
  if (checkpoint !== undefined) take('--checkpoint', checkpoint, 'the checkpoint');
  for (const report of reports) {
    checkWritable(report, reportFlag);
    take(reportFlag, report, 'another report');
  }
}

/** The same text for all names of one file, through links as well. */
function identityOf(file: string): string {
  if (isStandardOutput(file)) return 'standard output';
  try {
    const stats = statSync(file, { bigint: true, throwIfNoEntry: false });
    if (stats !== undefined) return `${stats.dev}:${stats.ino}`;
    return join(realpathSync(dirname(file)), basename(file));
  } catch {
    // Opening the file will report why it cannot be read.
    return resolve(file);
  }
}

function checkWritable(file: string, flag: string): void {
  if (isNameOfStandardOutput(file)) return;
  try {
    if (existsSync(file) && statSync(file).isDirectory()) throw new Error('it is a directory');
    accessSync(existsSync(file) ? file : `${dirname(file)}/.`, constants.W_OK);
  } catch (error) {
    throw new KloadError('output', `${flag} ${file} cannot be written: ${messageOf(error)}`, 'name another file');
  }
}
