import { accessSync, constants, existsSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { KloadError, messageOf } from '../core/errors.js';
import type { Report } from '../core/report.js';
import { replaceFile } from '../system/replacement.js';

/** The folder takes no other file, or the file is a mount point. */
const NOT_REPLACEABLE = new Set<unknown>(['EACCES', 'EPERM', 'EROFS', 'EBUSY', 'ENAMETOOLONG', 'ERR_FS_EISDIR']);

/**
 * Throws a KloadError for a report that could not be written later (output), or for an output that would write over an
 * input or another output (usage): known now, it costs no run.
 */
export function checkOutputFiles(
  reports: readonly string[],
  deadLetter: string | undefined,
  inputs: readonly string[],
  checkpoint?: string,
): void {
  const taken = new Map<string, string>();
  for (const input of inputs) if (input !== '-') taken.set(identityOf(input), 'an input');
  if (deadLetter !== undefined) taken.set(identityOf(deadLetter), 'the dead-letter file');
  if (checkpoint !== undefined) {
    const identity = identityOf(checkpoint);
    const other = taken.get(identity);
    if (other !== undefined) {
      throw new KloadError('usage', `--checkpoint ${checkpoint} is also ${other}`, 'name another file');
    }
    taken.set(identity, 'the checkpoint');
  }
  for (const report of reports) {
    checkWritable(report);
    const identity = identityOf(report);
    const other = taken.get(identity);
    if (other !== undefined) throw new KloadError('usage', `--report ${report} is also ${other}`, 'name another file');
    taken.set(identity, 'another report');
  }
}

/** The same text for all names of one file, also through links. */
function identityOf(file: string): string {
  try {
    const stats = statSync(file, { bigint: true, throwIfNoEntry: false });
    if (stats !== undefined) return `${stats.dev}:${stats.ino}`;
    return join(realpathSync(dirname(file)), basename(file));
  } catch {
    // Why it can't be looked at is told by what opens it.
    return resolve(file);
  }
}

function checkWritable(file: string): void {
  try {
    if (existsSync(file) && statSync(file).isDirectory()) throw new Error('it is a directory');
    accessSync(existsSync(file) ? file : `${dirname(file)}/.`, constants.W_OK);
  } catch (error) {
    throw new KloadError('output', `--report ${file} cannot be written: ${messageOf(error)}`, 'name another file');
  }
}

/**
 * Writes a report in the form that the file's ending asks for.
 *
 * @throws KloadError `output` when the disk does not take it; the file that was there stays as it was
 */
export function writeReport(file: string, report: Report, hgrm: string): void {
  try {
    writeWhole(file, file.endsWith('.hgrm') ? hgrm : `${JSON.stringify(report, null, 2)}\n`);
  } catch (error) {
    throw new KloadError(
      'output',
      `--report ${file} was not written: ${messageOf(error)}`,
      'free some space, or name another file',
    );
  }
}

function writeWhole(file: string, text: string): void {
  const before = statSync(file, { throwIfNoEntry: false });
  // Nothing can take the place of a device or a pipe.
  if (before?.isFile() === false) {
    writeFileSync(file, text);
    return;
  }
  try {
    replaceFile(before === undefined ? file : realpathSync(file), text);
  } catch (error) {
    if (!NOT_REPLACEABLE.has((error as NodeJS.ErrnoException).code)) throw error;
    writeFileSync(file, text);
  }
}
