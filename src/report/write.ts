import { accessSync, constants, existsSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { KloadError, messageOf } from '../core/errors.js';
import type { Report } from '../core/report.js';

/** Throws a KloadError (output) for a file that could not be written later: known now, it costs no run. */
export function checkReportFile(file: string): void {
  try {
    if (existsSync(file) && statSync(file).isDirectory()) throw new Error('it is a directory');
    accessSync(existsSync(file) ? file : `${dirname(file)}/.`, constants.W_OK);
  } catch (error) {
    throw new KloadError('output', `--report ${file} cannot be written: ${messageOf(error)}`, 'name another file');
  }
}

/** Writes a report in the form that the file's ending asks for. Throws a KloadError (output) when the disk does not take it. */
export function writeReport(file: string, report: Report, hgrm: string): void {
  try {
    writeFileSync(file, file.endsWith('.hgrm') ? hgrm : `${JSON.stringify(report, null, 2)}\n`);
  } catch (error) {
    throw new KloadError(
      'output',
      `--report ${file} was not written: ${messageOf(error)}`,
      'free some space, or name another file',
    );
  }
}
