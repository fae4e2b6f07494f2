import { closeSync, ftruncateSync, openSync, readSync, statSync } from 'node:fs';

const LINE_FEED = 10;
const CHUNK_BYTES = 64 * 1024;

/** Whether the last line of a file has no end, as when a full disk or a kill left only half of it. */
export function isTorn(path: string): boolean {
  const stats = statSync(path);
  // A device or a pipe has no end to look at.
  if (stats.size === 0 || !stats.isFile()) return false;
  return endOfLines(path, stats.size - 1, stats.size) < stats.size;
}

/**
 * Takes a torn last line away.
 *
 * @param keptBytes where the part of the file begins that may be cut: what stands before it stays
 */
export function cutTornLine(path: string, keptBytes: number): void {
  const stats = statSync(path);
  if (!stats.isFile() || stats.size <= keptBytes) return;
  const end = endOfLines(path, keptBytes, stats.size);
  if (end === stats.size) return;
  const file = openSync(path, 'r+');
  try {
    ftruncateSync(file, end);
  } finally {
    closeSync(file);
  }
}

/** The end of the last whole line between two places of a file; the first of them where there is none. */
function endOfLines(path: string, from: number, to: number): number {
  const file = openSync(path, 'r');
  const chunk = Buffer.alloc(CHUNK_BYTES);
  try {
    for (let end = to; end > from; ) {
      const start = Math.max(from, end - CHUNK_BYTES);
      const bytes = readSync(file, chunk, 0, end - start, start);
      const at = chunk.subarray(0, bytes).lastIndexOf(LINE_FEED);
      if (at !== -1) return start + at + 1;
      end = start;
    }
    return from;
  } finally {
    closeSync(file);
  }
}
