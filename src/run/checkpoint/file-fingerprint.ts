import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { KloadError } from '../../core/errors.js';
import { fileError, statFile } from '../../input/bytes/open-bytes.js';

/** Hashed at each end of a file: enough to tell recordings apart, and quick to read from a large file. */
const HASHED_BYTES = 64 * 1024;

/** Identifies a file by its size and its ends, to detect that it has changed. */
export interface FileFingerprint {
  /** As the user wrote it. */
  readonly path: string;
  readonly bytes: number;
  /** SHA-256 of its first and of its last bytes, in hex. */
  readonly head: string;
  readonly tail: string;
}

/** @throws KloadError `usage` for a pipe or a device, which cannot be read again */
export async function fingerprintOf(path: string): Promise<FileFingerprint> {
  // Checked before the file is opened: opening a pipe waits for its writer.
  if (!(await statFile(path)).isFile()) {
    throw new KloadError(
      'usage',
      `--checkpoint needs files that can be read again, and ${path} is not a file`,
      'write its records to a file first',
    );
  }
  const file = await open(path).catch((error: unknown) => {
    throw fileError(path, error);
  });
  try {
    const stats = await file.stat();
    const length = Math.min(HASHED_BYTES, stats.size);
    const hashAt = async (position: number) => {
      const { buffer } = await file.read(Buffer.alloc(length), 0, length, position);
      return createHash('sha256').update(buffer).digest('hex');
    };
    return { path, bytes: stats.size, head: await hashAt(0), tail: await hashAt(stats.size - length) };
  } finally {
    await file.close();
  }
}
