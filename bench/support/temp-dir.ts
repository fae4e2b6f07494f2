import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atExit } from './cleanup.js';

/** Creates a directory for the duration of `use`. It is also removed if the process is ended meanwhile. */
export async function withTempDir<T>(use: (directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'kload-bench-'));
  const remove = () => rmSync(directory, { recursive: true, force: true });
  const removed = atExit(remove);
  try {
    return await use(directory);
  } finally {
    remove();
    removed();
  }
}
