import { closeSync, fdatasync, fsync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import type { OpenFiles } from './open-files.js';
import { syncFolder } from './state-file.js';

/** A file that has to be synced to disk. */
export interface SyncedFile {
  readonly path: string;
  /** Size of the part that is in use. */
  readonly bytes: number;
  /** How much of that is known to be on disk. */
  syncedBytes: number;
  /** Whether its name may not be on disk yet. */
  isNew: boolean;
  /** Why a sync of it failed, after which it is unknown how much of it is on disk. */
  failure: Error | undefined;
}

/** The most files that are synced at once: each is open meanwhile, and a process has a limit of open files. */
const SYNCED_AT_ONCE = 64;

export function isSynced({ isNew, syncedBytes, bytes }: SyncedFile): boolean {
  return !isNew && syncedBytes >= bytes;
}

/**
 * Syncs files to disk in rounds. All requests that arrive during a round share the next one, so that many requests cost
 * little more than one.
 */
export class GroupSync {
  readonly #files: OpenFiles;
  readonly #onFirstSync: (file: SyncedFile) => void;
  #waiting = new Set<SyncedFile>();
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  /** @param onFirstSync called for each new file once its name and its first bytes are on disk */
  constructor(files: OpenFiles, onFirstSync: (file: SyncedFile) => void) {
    this.#files = files;
    this.#onFirstSync = onFirstSync;
  }

  /** Resolves once everything that was written to the files is on disk. Rejects if it may not be. */
  sync(files: Iterable<SyncedFile>): Promise<void> {
    const mine = [...files];
    for (const file of mine) this.#waiting.add(file);
    this.#next ??= this.#running.then(() => this.#round());
    return this.#next.then(() => throwFailure(mine));
  }

  /** Syncs the files before it returns. Throws if one of them may not be on disk. */
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

  /** Resolves when no sync is under way. */
  async idle(): Promise<void> {
    await (this.#next ?? this.#running);
  }

  #round(): Promise<void> {
    const files = this.#waiting;
    this.#waiting = new Set();
    this.#next = undefined;
    const folders = new Set([...files].filter(({ isNew }) => isNew).map(({ path }) => dirname(path)));
    const folderSyncs = new Map([...folders].map((folder) => [folder, syncFolderLater(folder)]));
    const remaining = files.values();
    const syncRemaining = async () => {
      for (const file of remaining) await this.#syncFile(file, folderSyncs);
    };
    const concurrent = Array.from({ length: Math.min(SYNCED_AT_ONCE, files.size) }, syncRemaining);
    this.#running = Promise.all(concurrent).then(() => {});
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
      // The file may have been deleted meanwhile, because its records left retention. Then it needs no sync.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') file.failure = error as Error;
    }
  }

  #synced(file: SyncedFile, bytes: number): void {
    file.syncedBytes = Math.max(file.syncedBytes, bytes);
    if (file.isNew) this.#onFirstSync(file);
    file.isNew = false;
  }
}

/** Resolves with the error if it fails. */
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
