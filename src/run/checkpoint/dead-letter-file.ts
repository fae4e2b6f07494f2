import { closeSync, fdatasync, fstatSync, openSync, readSync, rmSync, statSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { KloadError, messageOf } from '../../core/errors.js';
import { withFile } from '../../system/open-file.js';
import type { DeadLetterPosition } from './checkpoint.js';

const LINE_FEED = Buffer.from('\n');

/**
 * The file of the records that were given up. Lines are appended, so that those of an earlier run are kept. They are
 * written without a buffer, so that a crash loses none.
 */
export class DeadLetterFile {
  readonly #path: string;
  readonly #file: number;
  readonly #wasEmpty: boolean;
  /** The last line is incomplete, for example after the disk was full. The next line must not be appended to it. */
  #isTorn: boolean;
  /** Something was written since the last sync. */
  #unsynced = false;

  /**
   * @param inputs the input files of the run: none may be this file, which would grow while it is read
   * @throws KloadError `output` if the file cannot be opened, `usage` if it is an input
   */
  constructor(path: string, inputs: readonly string[]) {
    this.#path = path;
    try {
      this.#file = openSync(path, 'a');
      this.#wasEmpty = fstatSync(this.#file).size === 0;
      this.#isTorn = isTorn(path);
    } catch (error) {
      throw new KloadError(
        'output',
        `--dead-letter ${path} cannot be opened: ${messageOf(error)}`,
        'name another file',
      );
    }
    const { dev, ino } = fstatSync(this.#file);
    const isSame = (input: string) => statSync(input).dev === dev && statSync(input).ino === ino;
    if (inputs.some((input) => input !== '-' && isSame(input))) {
      closeSync(this.#file);
      throw new KloadError('usage', `--dead-letter ${path} is also an input`, 'name another file');
    }
  }

  /** @throws KloadError `output` if the lines cannot be written */
  write(lines: Uint8Array): void {
    try {
      if (this.#isTorn) this.#append(LINE_FEED);
      this.#isTorn = false;
      this.#append(lines);
      this.#unsynced = true;
    } catch (error) {
      throw this.#failure(error);
    }
  }

  /** Syncs to disk what was written before the call. Returns null for a pipe or a device, which cannot be synced. */
  async sync(): Promise<DeadLetterPosition | null> {
    const stats = fstatSync(this.#file);
    if (!stats.isFile()) return null;
    const position = { path: resolve(this.#path), bytes: stats.size };
    if (!this.#unsynced) return position;
    this.#unsynced = false;
    try {
      await promisify(fdatasync)(this.#file);
    } catch (error) {
      throw this.#failure(error);
    }
    return position;
  }

  #failure(error: unknown): KloadError {
    return new KloadError(
      'output',
      `--dead-letter ${this.#path}: ${messageOf(error)}`,
      'free some space, or name another file',
    );
  }

  #append(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at);
  }

  /** Closes the file. Deletes it if it was empty when it was opened and still is. */
  close(): void {
    const stats = fstatSync(this.#file);
    closeSync(this.#file);
    if (this.#wasEmpty && stats.size === 0 && stats.isFile()) rmSync(this.#path, { force: true });
  }
}

/** Whether the last line of a file has no line feed: a full disk or a kill left it incomplete. */
function isTorn(path: string): boolean {
  const stats = statSync(path);
  // A device or a pipe has no last line to look at.
  if (stats.size === 0 || !stats.isFile()) return false;
  const last = Buffer.alloc(1);
  withFile(path, 'r', (file) => readSync(file, last, 0, 1, stats.size - 1));
  return !last.equals(LINE_FEED);
}
