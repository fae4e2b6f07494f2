import { realpathSync, statSync, writeFileSync } from 'node:fs';
import { KloadError, messageOf } from '../core/errors.js';
import type { Report } from '../core/report.js';
import { replaceFile } from '../system/replacement.js';
import { type Render, rendererOf } from './renderers.js';

/** Errors where the folder takes no other file, or the file is a mount point. */
const NOT_REPLACEABLE = new Set<unknown>(['EACCES', 'EPERM', 'EROFS', 'EBUSY', 'ENAMETOOLONG', 'ERR_FS_EISDIR']);

/** A report file to be written, with its renderer loaded: after hours of sending, no module can be missing. */
export interface ReportFile {
  readonly file: string;
  readonly render: Render;
}

export async function openReportFiles(files: readonly string[]): Promise<ReportFile[]> {
  return Promise.all(files.map(async (file) => ({ file, render: await rendererOf(file).load() })));
}

/**
 * Writes a report to all its files, also after one that could not be written.
 *
 * @returns a KloadError `output` for each file that was not written; what was there before is still there
 */
export function writeReports(files: readonly ReportFile[], report: Report): KloadError[] {
  return files.flatMap(({ file, render }) => {
    try {
      writeWhole(file, render(report));
      return [];
    } catch (error) {
      const message = `--report ${file} was not written: ${messageOf(error)}`;
      return [new KloadError('output', message, 'free some space, or name another file')];
    }
  });
}

function writeWhole(file: string, text: string): void {
  const before = statSync(file, { throwIfNoEntry: false });
  // A device or a pipe cannot be replaced.
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
