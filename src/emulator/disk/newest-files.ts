import { rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parseLogFileName } from './log-file-name.js';
import { readStateFile, saveStateFile } from './state-file.js';

/** The name of the file in each stream's folder. */
export const NEWEST_NAME = 'logs.json';

/** For each shard, the first position of its newest log file. */
type Newest = Map<number, number>;

/**
 * Saves, in a file beside the logs, which log file of each shard is the newest on disk. If that file went missing
 * unnoticed, the shard would reuse its sequence numbers. An entry is only saved after its file is on disk.
 */
export class NewestFiles {
  readonly #folders = new Map<string, Newest>();
  readonly #changed = new Set<string>();
  #saving: Promise<void> | undefined;

  static path(folder: string): string {
    return join(folder, NEWEST_NAME);
  }

  /** Reads a folder's entries. Throws a DataDirError if their file is damaged. */
  read(folder: string, hint: string): void {
    const saved = readStateFile(NewestFiles.path(folder), hint) as [number, number][] | undefined;
    if (saved !== undefined) this.#folders.set(folder, new Map(saved));
  }

  /** The first position of a shard's newest file that is known to be on disk; 0 if none is. */
  of(folder: string, shardIndex: number): number {
    return this.#folders.get(folder)?.get(shardIndex) ?? 0;
  }

  /** Adds a log file that is on disk. */
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

  /** Removes a shard. Its entry stays on disk until the next save, which does no harm. */
  remove(folder: string, shardIndex: number): void {
    this.#folders.get(folder)?.delete(shardIndex);
  }

  /** Resolves once all entries are saved. */
  async idle(): Promise<void> {
    await this.#saving;
  }

  async #save(): Promise<void> {
    // Files that are synced together are saved together.
    await Promise.resolve();
    for (const folder of this.#changed) {
      this.#changed.delete(folder);
      const path = NewestFiles.path(folder);
      // A failure only means that the entry is saved later. It is expected if the stream was deleted with its folder.
      await saveStateFile(path, [...(this.#folders.get(folder) ?? [])]).catch(() =>
        rmSync(`${path}.tmp`, { force: true }),
      );
    }
    this.#saving = undefined;
  }
}
