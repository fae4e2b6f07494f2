import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isReplacement } from '../../system/replacement.js';
import type { AccountState, AccountsState, StreamState } from '../store/stream-state.js';
import { damaged } from './data-dir-error.js';
import { parseLogFileName } from './log-file-name.js';
import { readStateFile, syncFolder, writeStateFile } from './state-file.js';

const STREAMS = 'streams';
const STREAM_FILE = 'stream.json';
const ACCOUNTS_FILE = 'accounts.json';
/** What a stream's folder is called once the stream is deleted. */
const DELETED = '.deleted';
/** A StreamId, or that of a stream that is being deleted. */
const STREAM_FOLDER = /^[a-z0-9]{20}-[a-z0-9]{3}(\.deleted)?$/;

/** What is in the folder of a stream. */
interface FoundStream {
  readonly state: StreamState;
  /** Paths of the log files by shard, oldest first. */
  readonly logs: Map<number, string[]>;
}

/**
 * Where things are in a data folder: `accounts.json`, and for each stream `streams/<StreamId>/` with `stream.json` and
 * the logs of its shards. A stream is there once its `stream.json` is, and gone once its folder has another name.
 */
export class StreamFolders {
  readonly #root: string;
  readonly #streams: string;
  /** Streams whose folder's name is on the disk. */
  readonly #known = new Set<string>();
  #removals = Promise.resolve();

  constructor(root: string) {
    this.#root = root;
    this.#streams = join(root, STREAMS);
    mkdirSync(this.#streams, { recursive: true });
    // What is written below counts only where the way to it is on the disk; an earlier process may have been killed before.
    syncFolder(root);
    syncFolder(this.#streams);
  }

  folder(streamId: string): string {
    return join(this.#streams, streamId);
  }

  /** What the user may do about a stream that is damaged. */
  hint(streamId: string): string {
    return `put a copy of ${this.#root} back, or delete ${this.folder(streamId)} to go on without this stream`;
  }

  saveAccounts(accounts: readonly AccountState[]): void {
    writeStateFile(join(this.#root, ACCOUNTS_FILE), accounts);
  }

  saveStream(state: Readonly<StreamState>): void {
    const folder = this.folder(state.id);
    if (!this.#known.has(state.id)) {
      mkdirSync(folder, { recursive: true });
      syncFolder(this.#streams);
      this.#known.add(state.id);
    }
    writeStateFile(join(folder, STREAM_FILE), state);
  }

  /** It is gone when this returns; its files follow. */
  removeStream(streamId: string): void {
    const folder = this.folder(streamId);
    this.#known.delete(streamId);
    if (!existsSync(folder)) return;
    const deleted = `${folder}${DELETED}`;
    renameSync(folder, deleted);
    syncFolder(this.#streams);
    this.#removals = Promise.all([this.#removals, rm(deleted, { recursive: true, force: true }).catch(() => {})]).then(
      () => {},
    );
  }

  /** Resolves once the files of all streams that were removed are, too. */
  async idle(): Promise<void> {
    await this.#removals;
  }

  /** Throws a DataDirError where something that should be there is not, or not as it was written. */
  readAll(): AccountsState & { readonly logs: Map<string, Map<number, string[]>> } {
    const hint = `put a copy of ${this.#root} back, or delete the file to go on without what accounts have set`;
    const accounts = readStateFile(join(this.#root, ACCOUNTS_FILE), hint) as AccountState[] | undefined;
    const logs = new Map<string, Map<number, string[]>>();
    const streams: StreamState[] = [];
    for (const entry of readdirSync(this.#streams, { withFileTypes: true })) {
      // Whatever else is there is not kload's: it is left alone.
      if (!entry.isDirectory() || !STREAM_FOLDER.test(entry.name)) continue;
      const found = entry.name.endsWith(DELETED) ? undefined : this.#readStream(entry.name);
      if (found === undefined) {
        // It was being deleted, or made, when kload ended.
        rmSync(this.folder(entry.name), { recursive: true, force: true });
        continue;
      }
      streams.push(found.state);
      logs.set(found.state.id, found.logs);
    }
    return { accounts: accounts ?? [], streams, logs };
  }

  /** Undefined where the stream was never whole. */
  #readStream(streamId: string): FoundStream | undefined {
    const folder = this.folder(streamId);
    const names = readdirSync(folder).sort();
    const logs = new Map<number, string[]>();
    for (const name of names) {
      const log = parseLogFileName(name);
      if (log !== undefined) logs.set(log.shardIndex, [...(logs.get(log.shardIndex) ?? []), join(folder, name)]);
      if (isReplacement(name)) rmSync(join(folder, name), { force: true });
    }
    const path = join(folder, STREAM_FILE);
    const state = readStateFile(path, this.hint(streamId)) as StreamState | undefined;
    if (state === undefined && logs.size === 0) return undefined;
    if (state?.id === streamId) return { state, logs };
    throw damaged(
      path,
      undefined,
      state === undefined ? 'it is missing' : 'it is of another stream',
      this.hint(streamId),
    );
  }
}
