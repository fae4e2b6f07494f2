import { constants, openSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { KloadError, messageOf } from '../core/errors.js';
import type { Report } from '../core/report.js';
import { replaceFile } from '../system/replacement.js';
import { rendererOf } from './renderers.js';
import { isOpenAs, isStandardOutput } from './standard-output.js';

/** Errors where the folder takes no other file, or the file is a mount point. */
const NOT_REPLACEABLE = new Set<unknown>(['EACCES', 'EPERM', 'EROFS', 'EBUSY', 'ENAMETOOLONG', 'ERR_FS_EISDIR']);
/** A reader of a named pipe that takes nothing for this long has stopped. */
const READER_TIMEOUT_MS = 10_000;

/** A file to be written, with its renderer loaded: after hours of sending, no module can be missing. */
export interface OutputFile<T> {
  /** The option that names it. */
  readonly flag: string;
  readonly file: string;
  readonly render: (what: T) => string;
}

export type ReportFile = OutputFile<Report>;

export async function openReportFiles(files: readonly string[], flag = '--report'): Promise<ReportFile[]> {
  return Promise.all(files.map(async (file) => ({ flag, file, render: await rendererOf(file, flag).load() })));
}

/**
 * Writes a report, or a comparison of reports, to all its files, also after one that could not be written.
 *
 * @returns a KloadError `output` for each file that was not written; what was there before is still there
 */
export async function writeReports<T>(files: readonly OutputFile<T>[], what: T): Promise<KloadError[]> {
  const errors: KloadError[] = [];
  for (const { flag, file, render } of files) {
    try {
      await writeWhole(file, render(what));
    } catch (error) {
      const hint =
        error instanceof NoReader
          ? 'start its reader first, and let it read to the end'
          : 'free some space, or name another file';
      errors.push(new KloadError('output', `${flag} ${file} was not written: ${messageOf(error)}`, hint));
    }
  }
  return errors;
}

/** A named pipe that nobody reads. */
class NoReader extends Error {}

async function writeWhole(file: string, text: string): Promise<void> {
  if (isStandardOutput(file)) return writeTo(process.stdout, text);
  if (isOpenAs(file, 2)) return writeTo(process.stderr, text);
  const before = statSync(file, { throwIfNoEntry: false });
  if (before?.isFIFO()) return writeToPipe(openPipe(file), text);
  // A device cannot be replaced.
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

/** Opens a named pipe only if it has a reader: otherwise the process would wait for one, deaf to Ctrl-C. */
function openPipe(file: string): Socket {
  let fd: number;
  try {
    fd = openSync(file, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ENXIO' ? new NoReader('nothing reads this pipe') : error;
  }
  const pipe = new Socket({ fd, readable: false, writable: true });
  return pipe.setTimeout(READER_TIMEOUT_MS, () => {
    pipe.destroy(new NoReader(`its reader has taken nothing for ${READER_TIMEOUT_MS / 1000} s`));
  });
}

async function writeToPipe(pipe: Socket, text: string): Promise<void> {
  try {
    await pipeline([text], pipe);
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'EPIPE' ? new NoReader('its reader left before the end') : error;
  }
}

/** Resolves once all of the text is written, or the reader has left (`| head`). */
async function writeTo(stream: NodeJS.WritableStream, text: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const ended = (error?: NodeJS.ErrnoException | null) => {
      if (error == null || error.code === 'EPIPE') resolve();
      else reject(error);
    };
    stream.once('error', ended);
    const written = (error?: Error | null) => {
      // After an error, its event follows.
      if (error == null) stream.off('error', ended);
      ended(error);
    };
    stream.write(text, written);
  });
}
