import { closeSync, existsSync, fsync, realpathSync, writeFile, writeSync } from 'node:fs';
import { type FileHandle, open, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { KloadError, messageOf } from '../../core/errors.js';
import { LockHeld, ProcessLock } from '../../system/process-lock.js';
import { Replacement } from '../../system/replacement.js';
import {
  type Checkpoint,
  DISPATCHED_AT,
  dispatchedText,
  formatCheckpoint,
  isCheckpoint,
  parseCheckpoint,
} from './checkpoint.js';

/**
 * The file of a run's checkpoints. It always holds a complete one: each is written to another file, which replaces this
 * one once it is on disk. Records dispatched afterwards are counted in it at once, so that the count survives a kill.
 */
export class CheckpointFile {
  readonly #path: string;
  /** The file that `#path` links to, if it is a link. Replacing that file keeps the link. */
  readonly #file: string;
  /** The open file of the current checkpoint; undefined before the first one. */
  #descriptor: number | undefined;

  constructor(path: string) {
    this.#path = path;
    this.#file = realFile(path);
  }

  /**
   * Reads the checkpoint in a file; undefined if there is no such file.
   *
   * @throws KloadError `input` for a file that holds no valid checkpoint, `output` for one that cannot be read
   */
  static async read(path: string): Promise<Checkpoint | undefined> {
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw new KloadError('output', `--checkpoint ${path} cannot be read: ${messageOf(error)}`, 'name another file');
    }
    const checkpoint = parseCheckpoint(text);
    if (checkpoint !== undefined) return checkpoint;
    const [what, hint] = isCheckpoint(text)
      ? ['is damaged, or of another version of kload', 'name another file, or delete it to start from the beginning']
      : ['is not a checkpoint of kload, and was left unchanged', 'name another file'];
    throw new KloadError('input', `--checkpoint ${path} ${what}`, hint);
  }

  /**
   * Makes a checkpoint the current one.
   *
   * @param dispatched returns how many records were dispatched since the moment of the checkpoint
   * @param onCurrent called when it has replaced the previous one: `noteDispatched` then counts from its moment
   * @throws KloadError `output` if it cannot be written; the previous one stays current then
   */
  async save(checkpoint: Checkpoint, dispatched: () => number, onCurrent: () => void): Promise<void> {
    let next: Replacement | undefined;
    try {
      next = new Replacement(this.#file);
      await promisify(writeFile)(next.fd, formatCheckpoint(checkpoint));
      await promisify(fsync)(next.fd);
      // No await between the count and the replacement: records dispatched in between would be counted in neither file.
      writeSync(next.fd, dispatchedText(dispatched()), DISPATCHED_AT);
      next.takePlace();
    } catch (error) {
      next?.discard();
      throw unwritable(this.#path, error);
    }
    this.close();
    this.#descriptor = next.fd;
    onCurrent();
    await syncFolder(dirname(this.#file));
  }

  /** Writes how many records were dispatched since the moment of the current checkpoint. @throws KloadError `output` */
  noteDispatched(dispatched: number): void {
    try {
      if (this.#descriptor !== undefined) writeSync(this.#descriptor, dispatchedText(dispatched), DISPATCHED_AT);
    } catch (error) {
      throw unwritable(this.#path, error);
    }
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }
}

/**
 * Locks a checkpoint file for this process. Two runs with the same file would send the same records, and overwrite each
 * other's checkpoints. The lock of a killed process does not hold.
 *
 * @throws KloadError `usage` if another run holds the lock, `output` if the lock cannot be written
 */
export async function lockCheckpoint(path: string): Promise<ProcessLock> {
  try {
    return await ProcessLock.take(`${realFile(path)}.lock`);
  } catch (error) {
    if (!(error instanceof LockHeld)) throw unwritable(path, error);
    throw new KloadError(
      'usage',
      `--checkpoint ${path} is ${error.message}`,
      'wait until that run has ended, or end it, then pass --resume; or name another file',
    );
  }
}

/** Resolves links, so that all names of a file have the same lock. */
function realFile(path: string): string {
  return existsSync(path) ? realpathSync(path) : join(realpathSync(dirname(path)), basename(path));
}

function unwritable(path: string, error: unknown): KloadError {
  const code = codeOf(error);
  const remedy = code === 'ENOENT' ? 'make its folder' : code === 'ENOTSOCK' ? 'move that away' : 'free some space';
  return new KloadError(
    'output',
    `--checkpoint ${path} cannot be written: ${messageOf(error)}`,
    `${remedy}, then continue with --resume; or name another file`,
  );
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

/** Syncs a folder to disk. Until then, a renamed file may still have its old name after a crash. */
async function syncFolder(path: string): Promise<void> {
  let folder: FileHandle | undefined;
  try {
    folder = await open(path);
    await folder.sync();
  } catch {
    // Not every system can sync a folder. The file holds either the old or the new checkpoint, complete in both cases.
  } finally {
    await folder?.close();
  }
}
