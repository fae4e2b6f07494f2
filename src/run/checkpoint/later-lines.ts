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
import { withFile } from '../../system/open-file.js';
import type { DeadLetterPosition } from './checkpoint.js';

const LINE_FEED = 10;
const CHUNK_BYTES = 64 * 1024;

/** Dead letters that a resumed run moved out of their file. */
export interface LaterLines {
  readonly count: number;
  readonly from: string;
  readonly to: string;
}

/**
 * Moves the dead letters that were written after a checkpoint to `FILE.resent`. The resumed run sends their records
 * again, so sending the dead-letter file afterwards would duplicate them. They are not deleted, because another run may
 * have appended lines to the file since. A line that a kill left incomplete is dropped.
 *
 * @returns undefined if there are none
 * @throws KloadError `output` if they cannot be moved
 */
export function moveLaterLines({ path, bytes }: DeadLetterPosition): LaterLines | undefined {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return undefined;
  try {
    return withFile(path, 'r+', (file) => {
      const { size } = fstatSync(file);
      // If no line ends at the checkpoint's size, this is not the file that the checkpoint is about.
      if (size <= bytes || !isBetweenLines(file, bytes)) return undefined;
      const to = `${path}.resent`;
      const count = appendLines(file, bytes, to);
      ftruncateSync(file, bytes);
      return count === 0 ? undefined : { count, from: path, to };
    });
  } catch (error) {
    throw new KloadError(
      'output',
      `the dead letters in ${path} that were written after the checkpoint cannot be moved: ${messageOf(error)}`,
      'make the file and its folder writable, then pass --resume again',
    );
  }
}

/** Whether a line begins at this position, or an incomplete line ended there and was completed by a line feed. */
function isBetweenLines(file: number, at: number): boolean {
  const around = Buffer.alloc(2);
  if (at === 0) return true;
  readSync(file, around, 0, 2, at - 1);
  return around.includes(LINE_FEED);
}

/** Appends the complete lines from a position of a file to another file. Returns how many there are. */
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
        // A line feed at the position itself ends an incomplete line before it. It is not a line of its own.
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
