import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { KloadError, messageOf } from '../../core/errors.js';
import type { DeadLetterPlace } from './checkpoint.js';

const LINE_FEED = 10;
const CHUNK_BYTES = 64 * 1024;

/** Dead letters that a resumed run moved out of their file. */
export interface LaterLines {
  readonly count: number;
  readonly from: string;
  readonly to: string;
}

/**
 * Moves the dead letters that were written after a checkpoint to `FILE.resent`: the run that goes on from the
 * checkpoint sends these records again, and sending the file afterwards would double them. They are not deleted,
 * because another run may have added lines to the file since. A line that a kill tore is dropped.
 *
 * @returns undefined where there is none
 */
export function setLaterLinesAside({ path, bytes }: DeadLetterPlace): LaterLines | undefined {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return undefined;
  try {
    const file = openSync(path, 'r+');
    try {
      const { size } = fstatSync(file);
      // Lines that do not begin where the checkpoint says are those of another file.
      if (size <= bytes || !isBetweenLines(file, bytes)) return undefined;
      const to = `${path}.resent`;
      const count = appendLines(file, bytes, to);
      ftruncateSync(file, bytes);
      return count === 0 ? undefined : { count, from: path, to };
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw new KloadError(
      'output',
      `the dead letters in ${path} that were written after the checkpoint cannot be moved: ${messageOf(error)}`,
      'make the file and its folder writable, then pass --resume again',
    );
  }
}

/** Whether a line ends before this place, or a torn one got its end there. */
function isBetweenLines(file: number, at: number): boolean {
  const around = Buffer.alloc(2);
  if (at === 0) return true;
  readSync(file, around, 0, 2, at - 1);
  return around.includes(LINE_FEED);
}

/** Adds the whole lines behind a place in a file to another one. Returns how many there are. */
function appendLines(file: number, from: number, to: string): number {
  const { O_APPEND, O_CREAT, O_NOFOLLOW, O_RDWR } = constants;
  const into = openSync(to, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW, 0o666);
  try {
    const chunk = Buffer.alloc(CHUNK_BYTES);
    let end = fstatSync(into).size;
    let written = end;
    let count = 0;
    for (let at = from; ; ) {
      const bytes = chunk.subarray(0, readSync(file, chunk, 0, CHUNK_BYTES, at));
      if (bytes.length === 0) break;
      for (let feed = bytes.indexOf(LINE_FEED); feed !== -1; feed = bytes.indexOf(LINE_FEED, feed + 1)) {
        // The line feed that ended a torn line before this place does not count as a line.
        if (at + feed > from) count++;
        end = written + feed + 1;
      }
      for (let done = 0; done < bytes.length; ) done += writeSync(into, bytes, done);
      written += bytes.length;
      at += bytes.length;
    }
    ftruncateSync(into, end);
    if (end === 0) rmSync(to);
    return count;
  } finally {
    closeSync(into);
  }
}
