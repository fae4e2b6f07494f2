import { rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parseLogFileName } from './log-file-name.js';
import { readStateFile, saveStateFile } from './state-file.js';

/** The name of the notes in a stream's folder. */
export const NEWEST_NAME = 'logs.json';

/** For each shard, the position that its newest log file begins with. */
type Newest = Map<number, number>;

/**
 * Notes, in a file beside the logs, the newest log file of each shard that is on the disk. Where that one is missing, the
 * shard would give its numbers a second time. A note may be late, never early: it is written once its file is there.
 */
export class NewestFiles {
  readonly #folders = new Map<string, Newest>();
  readonly #changed = new Set<string>();
  #saving: Promise<void> | undefined;

  static path(folder: string): string {
    return join(folder, NEWEST_NAME);
  }

  /** Throws a DataDirError where a folder's notes are not as they were written. */
  read(folder: string, hint: string): void {
    const noted = readStateFile(NewestFiles.path(folder), hint) as [number, number][] | undefined;
    if (noted !== undefined) this.#folders.set(folder, new Map(noted));
  }

  /** The position with which the newest file of a shard begins that is known to be there; 0: none is. */
  of(folder: string, shardIndex: number): number {
    return this.#folders.get(folder)?.get(shardIndex) ?? 0;
  }

  /** The file is on the disk. */
  add({ path }: { readonly path: string }): void {
    const log = parseLogFileName(basename(path));
    if (log === undefined) return;
    const folder = dirname(path);
    const newest = this.#folders.get(folder) ?? new Map();
    this.#folders.set(folder, newest);
    if ((newest.get(log.shardIndex) ?? 0) >= log.firstPosition) return;
    newest.set(log.shardIndex, log.firstPosition);
    this.#changed.add(folder);
    this.#saving ??= this.#save();
  }

  /** The shard is gone. Its note stays until the next one is written: nobody asks for it. */
  remove(folder: string, shardIndex: number): void {
    this.#folders.get(folder)?.delete(shardIndex);
  }

  /** Resolves once all is noted. */
  async idle(): Promise<void> {
    await this.#saving;
  }

  async #save(): Promise<void> {
    // What is synced in one go is noted in one go.
    await Promise.resolve();
    for (const folder of this.#changed) {
      this.#changed.delete(folder);
      const path = NewestFiles.path(folder);
      // A note that cannot be written is late, no more; the folder of a stream that was deleted is gone.
      await saveStateFile(path, [...(this.#folders.get(folder) ?? [])]).catch(() =>
        rmSync(`${path}.tmp`, { force: true }),
      );
    }
    this.#saving = undefined;
  }
}
