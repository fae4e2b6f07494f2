import { fdatasync, fsync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import type { OpenFiles } from './open-files.js';

/** A file that was written to. */
export interface SyncedFile {
  readonly path: string;
  /** Its name may not be on the disk yet. */
  isNew: boolean;
  /** Why it could not be brought onto the disk: nobody knows what the disk holds of it. */
  failure: Error | undefined;
}

/**
 * Brings files onto the disk, one round after the other. All requests that come while a round is on its way share the
 * next one: the more of them wait, the less each costs.
 */
export class GroupSync {
  readonly #files: OpenFiles;
  #waiting = new Set<SyncedFile>();
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  constructor(files: OpenFiles) {
    this.#files = files;
  }

  /** Resolves once all that was written to the files is on the disk. Rejects where it may not be. */
  sync(files: Iterable<SyncedFile>): Promise<void> {
    const mine = [...files];
    for (const file of mine) this.#waiting.add(file);
    this.#next ??= this.#running.then(() => this.#round());
    return this.#next.then(() => {
      for (const { failure } of mine) if (failure !== undefined) throw failure;
    });
  }

  /** Resolves when nothing is on its way any more. */
  async idle(): Promise<void> {
    await (this.#next ?? this.#running);
  }

  #round(): Promise<void> {
    const files = this.#waiting;
    this.#waiting = new Set();
    this.#next = undefined;
    const folders = new Set([...files].filter(({ isNew }) => isNew).map(({ path }) => dirname(path)));
    const folderSyncs = new Map([...folders].map((folder) => [folder, syncFolder(folder)]));
    const all = [...files].map(async (file) => {
      try {
        await this.#files.use(file.path, (fd) => promisify(fdatasync)(fd));
        if (!file.isNew) return;
        const folderFailure = await folderSyncs.get(dirname(file.path));
        if (folderFailure !== undefined) throw folderFailure;
        file.isNew = false;
      } catch (error) {
        // A file that has left retention meanwhile needs no sync.
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') file.failure = error as Error;
      }
    });
    this.#running = Promise.all(all).then(() => {});
    return this.#running;
  }
}

/** Resolves with what kept it from happening. */
async function syncFolder(path: string): Promise<Error | undefined> {
  try {
    await using folder = await open(path, 'r');
    await promisify(fsync)(folder.fd);
    return undefined;
  } catch (error) {
    return error as Error;
  }
}
