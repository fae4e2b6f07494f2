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
 * The file of a run's checkpoints. It always holds a whole one: each is written beside it and takes its place when it is
 * on disk. What workers are given afterwards is counted in it at once, so that a kill leaves the count behind.
 */
export class CheckpointFile {
  readonly #path: string;
  /** A link stays one. */
  readonly #file: string;
  /** Of the checkpoint in force; undefined before the first one. */
  #descriptor: number | undefined;

  constructor(path: string) {
    this.#path = path;
    this.#file = realFile(path);
  }

  /** Reads the checkpoint that is there. @throws KloadError `input` for a file that holds none */
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
      : ['is no checkpoint of kload, and stays as it is', 'name another file'];
    throw new KloadError('input', `--checkpoint ${path} ${what}`, hint);
  }

  /**
   * Puts a checkpoint in force.
   *
   * @param dispatched how many records workers were given since its moment, until now
   * @param inForce called when it has taken the place of the one before: from then on these are what is to be counted
   * @throws KloadError `output` when the disk does not take it; the one before stays in force then
   */
  async save(checkpoint: Checkpoint, dispatched: () => number, inForce: () => void): Promise<void> {
    let next: Replacement | undefined;
    try {
      next = new Replacement(this.#file);
      await promisify(writeFile)(next.fd, formatCheckpoint(checkpoint));
      await promisify(fsync)(next.fd);
      // From here on without a pause, in which records could be handed over and be counted in neither file.
      writeSync(next.fd, dispatchedText(dispatched()), DISPATCHED_AT);
      next.takePlace();
    } catch (error) {
      next?.discard();
      throw unwritable(this.#path, error);
    }
    this.close();
    this.#descriptor = next.fd;
    inForce();
    await syncFolder(dirname(this.#file));
  }

  /** @throws KloadError `output` */
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
 * Takes a checkpoint file for this process: of two runs with the same one, each would send what the other does, and leave
 * its own word of what is settled. Whoever is killed has it no longer.
 *
 * @throws KloadError `usage` where another run has it, `output` where its folder takes no file
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

/** The same for all names of a file: a link stays one. */
function realFile(path: string): string {
  return existsSync(path) ? realpathSync(path) : join(realpathSync(dirname(path)), basename(path));
}

function unwritable(path: string, error: unknown): KloadError {
  const code = codeOf(error);
  const remedy = code === 'ENOENT' ? 'make its folder' : code === 'ENOTSOCK' ? 'move that away' : 'free some space';
  return new KloadError(
    'output',
    `--checkpoint ${path} cannot be written: ${messageOf(error)}`,
    `${remedy}, then go on with --resume; or name another file`,
  );
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

/** A new name is on disk only when its folder is. */
async function syncFolder(path: string): Promise<void> {
  let folder: FileHandle | undefined;
  try {
    folder = await open(path);
    await folder.sync();
  } catch {
    // Not every system syncs a folder. The file is whole either way, under its old or its new content.
  } finally {
    await folder?.close();
  }
}
