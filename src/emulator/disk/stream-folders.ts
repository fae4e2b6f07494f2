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
/** Suffix of a stream's folder once the stream is deleted. */
const DELETED = '.deleted';
/** Names of streams' folders: the StreamId, with the suffix once the stream is deleted. */
const STREAM_FOLDER = /^[a-z0-9]{20}-[a-z0-9]{3}(\.deleted)?$/;

/** The contents of a stream's folder. */
interface FoundStream {
  readonly state: StreamState;
  /** Paths of the log files by shard, oldest first. */
  readonly logs: Map<number, string[]>;
}

/**
 * The layout of a data folder: `accounts.json`, and for each stream `streams/<StreamId>/` with `stream.json` and the
 * logs of its shards. A stream exists from when its `stream.json` is written until its folder is renamed.
 */
export class StreamFolders {
  readonly #root: string;
  readonly #streams: string;
  /** Streams whose folder's name is on disk. */
  readonly #known = new Set<string>();
  #removals = Promise.resolve();

  constructor(root: string) {
    this.#root = root;
    this.#streams = join(root, STREAMS);
    mkdirSync(this.#streams, { recursive: true });
    // These names must be on disk before anything inside is. An earlier process may have been killed before its sync.
    syncFolder(root);
    syncFolder(this.#streams);
  }

  folder(streamId: string): string {
    return join(this.#streams, streamId);
  }

  /** What the user can do about a damaged stream. */
  hint(streamId: string): string {
    return `restore a copy of ${this.#root}, or delete ${this.folder(streamId)} to continue without this stream`;
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

  /** Removes the stream for good when it returns, and deletes its files afterwards. */
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

  /** Resolves once the files of all removed streams are deleted. */
  async idle(): Promise<void> {
    await this.#removals;
  }

  /** Reads all saved state. Throws a DataDirError if a file is missing or damaged. */
  readAll(): AccountsState & { readonly logs: Map<string, Map<number, string[]>> } {
    const hint = `restore a copy of ${this.#root}, or delete the file to continue without the settings of accounts`;
    const accounts = readStateFile(join(this.#root, ACCOUNTS_FILE), hint) as AccountState[] | undefined;
    const logs = new Map<string, Map<number, string[]>>();
    const streams: StreamState[] = [];
    for (const entry of readdirSync(this.#streams, { withFileTypes: true })) {
      // Anything else is not kload's, and is left alone.
      if (!entry.isDirectory() || !STREAM_FOLDER.test(entry.name)) continue;
      const found = entry.name.endsWith(DELETED) ? undefined : this.#readStream(entry.name);
      if (found === undefined) {
        // The stream was being created or deleted when kload ended.
        rmSync(this.folder(entry.name), { recursive: true, force: true });
        continue;
      }
      streams.push(found.state);
      logs.set(found.state.id, found.logs);
    }
    return { accounts: accounts ?? [], streams, logs };
  }

  /** Undefined if the stream was never saved. */
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
    const what = state === undefined ? 'it is missing' : 'it belongs to another stream';
    throw damaged(path, undefined, what, this.hint(streamId));
  }
}
