import { closeSync, fdatasync, fsync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import type { OpenFiles } from './open-files.js';
import { syncFolder } from './state-file.js';

/** A file that was written to. */
export interface SyncedFile {
  readonly path: string;
  /** How much of it counts. */
  readonly bytes: number;
  /** How much of that is known to be on the disk, bytes. */
  syncedBytes: number;
  /** Its name may not be on the disk yet. */
  isNew: boolean;
  /** Why it could not be brought onto the disk: nobody knows what the disk holds of it. */
  failure: Error | undefined;
}

/** Files that are synced at once: each is open meanwhile, and a process may not open that many. */
const SYNCED_AT_ONCE = 64;

export function isSynced({ isNew, syncedBytes, bytes }: SyncedFile): boolean {
  return !isNew && syncedBytes >= bytes;
}

/**
 * Brings files onto the disk, one round after the other. All requests that come while a round is on its way share the
 * next one: the more of them wait, the less each costs.
 */
export class GroupSync {
  readonly #files: OpenFiles;
  readonly #named: (file: SyncedFile) => void;
  #waiting = new Set<SyncedFile>();
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  /** @param named told of each file whose name, and what it began with, has got onto the disk */
  constructor(files: OpenFiles, named: (file: SyncedFile) => void) {
    this.#files = files;
    this.#named = named;
  }

  /** Resolves once all that was written to the files is on the disk. Rejects where it may not be. */
  sync(files: Iterable<SyncedFile>): Promise<void> {
    const mine = [...files];
    for (const file of mine) this.#waiting.add(file);
    this.#next ??= this.#running.then(() => this.#round());
    return this.#next.then(() => throwFailure(mine));
  }

  /** The same at once, for what must not go on before; throws where it may not be. */
  syncNow(files: readonly SyncedFile[]): void {
    throwFailure(files);
    for (const file of files) {
      const { bytes } = file;
      try {
        this.#files.sync(file.path);
        if (file.isNew) syncFolder(dirname(file.path));
      } catch (error) {
        file.failure = error as Error;
        throw error;
      }
      this.#synced(file, bytes);
    }
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
    const folderSyncs = new Map([...folders].map((folder) => [folder, syncFolderLater(folder)]));
    const left = files.values();
    const lane = async () => {
      for (const file of left) await this.#syncFile(file, folderSyncs);
    };
    this.#running = Promise.all(Array.from({ length: Math.min(SYNCED_AT_ONCE, files.size) }, lane)).then(() => {});
    return this.#running;
  }

  async #syncFile(file: SyncedFile, folderSyncs: ReadonlyMap<string, Promise<Error | undefined>>): Promise<void> {
    const { bytes } = file;
    try {
      await this.#files.use(file.path, (fd) => promisify(fdatasync)(fd));
      const folderFailure = await folderSyncs.get(dirname(file.path));
      if (folderFailure !== undefined) throw folderFailure;
      this.#synced(file, bytes);
    } catch (error) {
      // A file that has left retention meanwhile needs no sync.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') file.failure = error as Error;
    }
  }

  #synced(file: SyncedFile, bytes: number): void {
    file.syncedBytes = Math.max(file.syncedBytes, bytes);
    if (file.isNew) this.#named(file);
    file.isNew = false;
  }
}

/** Resolves with what kept it from happening. */
async function syncFolderLater(path: string): Promise<Error | undefined> {
  try {
    const fd = openSync(path, 'r');
    try {
      await promisify(fsync)(fd);
    } finally {
      closeSync(fd);
    }
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

function throwFailure(files: readonly SyncedFile[]): void {
  for (const { failure } of files) if (failure !== undefined) throw failure;
}
