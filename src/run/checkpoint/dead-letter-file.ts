import { closeSync, fdatasync, fstatSync, openSync, readSync, rmSync, statSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { KloadError, messageOf } from '../../core/errors.js';
import type { DeadLetterPlace } from './checkpoint.js';

const LINE_FEED = Buffer.from('\n');

/**
 * The file of the records that were given up. It is added to, never written over: the records of an earlier run in it
 * are not lost. Written without buffering, so that nothing is held back when the run crashes.
 */
export class DeadLetterFile {
  readonly #path: string;
  readonly #file: number;
  readonly #wasEmpty: boolean;
  /** Its last line has no end, as when a full disk took only half of it: it would swallow the next record. */
  #isTorn: boolean;
  /** What is not on disk for sure. */
  #unsynced = false;

  /** @param inputs the run's own input: reading and adding to one file would never end */
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

  /** Throws a KloadError (output) when the disk takes no more. */
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

  /** Brings what was written until now to disk. Returns null for a pipe or a device, which keeps nothing. */
  async sync(): Promise<DeadLetterPlace | null> {
    const stats = fstatSync(this.#file);
    if (!stats.isFile()) return null;
    const place = { path: resolve(this.#path), bytes: stats.size };
    if (!this.#unsynced) return place;
    this.#unsynced = false;
    try {
      await promisify(fdatasync)(this.#file);
    } catch (error) {
      throw this.#failure(error);
    }
    return place;
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

  /** A file that began and stayed empty goes: there is nothing in it to send again. */
  close(): void {
    const stats = fstatSync(this.#file);
    closeSync(this.#file);
    if (this.#wasEmpty && stats.size === 0 && stats.isFile()) rmSync(this.#path, { force: true });
  }
}

/** Whether the last line of a file has no end, as when a full disk or a kill left only half of it. */
function isTorn(path: string): boolean {
  const stats = statSync(path);
  // A device or a pipe has no end to look at.
  if (stats.size === 0 || !stats.isFile()) return false;
  const file = openSync(path, 'r');
  try {
    const last = Buffer.alloc(1);
    readSync(file, last, 0, 1, stats.size - 1);
    return !last.equals(LINE_FEED);
  } finally {
    closeSync(file);
  }
}
