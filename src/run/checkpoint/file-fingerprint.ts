import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { KloadError } from '../../core/errors.js';
import { fileError, statFile } from '../../input/bytes/open-bytes.js';

/** Of each end of a file: enough to tell recordings apart, and little to read of a large one. */
const LOOKED_AT_BYTES = 64 * 1024;

/** What tells whether a file is the one that it was. */
export interface FileFingerprint {
  /** As the user wrote it. */
  readonly path: string;
  readonly bytes: number;
  /** SHA-256 of its beginning and of its end, in hex. */
  readonly head: string;
  readonly tail: string;
}

/** @throws KloadError `usage` for what is no file: it cannot be read again */
export async function fingerprintOf(path: string): Promise<FileFingerprint> {
  // A pipe that is opened waits for its other side.
  if (!(await statFile(path)).isFile()) {
    throw new KloadError(
      'usage',
      `--checkpoint needs files that can be read again, and ${path} is none`,
      'write its records to a file first',
    );
  }
  const file = await open(path).catch((error: unknown) => {
    throw fileError(path, error);
  });
  try {
    const stats = await file.stat();
    const length = Math.min(LOOKED_AT_BYTES, stats.size);
    const hashAt = async (position: number) => {
      const { buffer } = await file.read(Buffer.alloc(length), 0, length, position);
      return createHash('sha256').update(buffer).digest('hex');
    };
    return { path, bytes: stats.size, head: await hashAt(0), tail: await hashAt(stats.size - length) };
  } finally {
    await file.close();
  }
}
