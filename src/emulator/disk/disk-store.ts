import { fdatasyncSync, ftruncateSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { withFile } from '../../system/open-file.js';
import { ServiceError } from '../protocol/service-error.js';
import { type AccountsListener, regionKey } from '../store/accounts.js';
import type { DirtyLog, DurableLog, LogStorage } from '../store/durable-log.js';
import type { AccountState, AccountsState, ShardState, StreamState } from '../store/stream-state.js';
import { DataDir } from './data-dir.js';
import { damaged } from './data-dir-error.js';
import { GroupSync } from './group-sync.js';
import { logFileName } from './log-file-name.js';
import { NEWEST_NAME, NewestFiles } from './newest-files.js';
import { OpenFiles } from './open-files.js';
import { FileReader, type LogFile, LogRecovery, type RecoveredLog, type TornTail } from './recovery.js';
import { Scratch, ShardLog } from './shard-log.js';
import { syncFolder } from './state-file.js';
import { StreamFolders } from './stream-folders.js';

/**
 * When a write is acknowledged. 'os': once the operating system has it, so that it survives a crash of this process.
 * 'always': once it is on disk, so that it survives a crash of the machine.
 */
export type SyncPolicy = 'os' | 'always';

const FILE_BYTES_MAX = 16 * 1024 * 1024;

export interface DiskStoreSettings {
  readonly folder: string;
  readonly sync: SyncPolicy;
  /** Size at which a log continues in a new file. Default: 16 MiB. Retention deletes whole files. */
  readonly fileBytesMax?: number;
  /** Reports what was found and repaired. */
  readonly notice: (text: string) => void;
}

/**
 * Keeps streams, accounts and records in a folder. It collects the changes that it is notified of and the logs that
 * have new records. `commit` saves them all before the response to the request is sent, or removes the records again.
 */
export class DiskStore implements LogStorage, AccountsListener {
  /** The state that the folder held when it was opened. `Accounts` takes ownership of it. */
  readonly saved: AccountsState;
  readonly #settings: DiskStoreSettings;
  readonly #dir: DataDir;
  readonly #folders: StreamFolders;
  readonly #reader = new FileReader();
  readonly #files = new OpenFiles();
  readonly #newest = new NewestFiles();
  readonly #sync = new GroupSync(this.#files, (file) => this.#newest.add(file));
  readonly #scratch = new Scratch();
  /** Paths of log files that were not opened yet, by stream and shard. */
  readonly #found: Map<string, Map<number, string[]>>;
  /** Open logs, by stream and shard. */
  readonly #logs = new Map<string, Map<number, ShardLog>>();
  readonly #accounts = new Map<string, Readonly<AccountState>>();
  /** Streams to save. */
  readonly #changed = new Map<string, Readonly<StreamState>>();
  readonly #deleted = new Set<string>();
  #accountsChanged = false;
  /** Whether anything changed since the last commit. What a commit cannot save is saved with the next change. */
  #isDirty = false;
  #isClosed = false;
  readonly #dirtyLogs: DirtyLog[] = [];
  readonly #writtenFiles = new Set<LogFile>();
  #obsolete: string[] = [];

  private constructor(dir: DataDir, settings: DiskStoreSettings) {
    this.#dir = dir;
    this.#settings = settings;
    this.#folders = new StreamFolders(dir.path);
    const { accounts, streams, logs } = this.#folders.readAll();
    this.saved = { accounts, streams };
    this.#found = logs;
    for (const { id } of streams) this.#newest.read(this.#folders.folder(id), this.#folders.hint(id));
    for (const account of accounts) this.#accounts.set(regionKey(account), account);
  }

  /** Locks the folder and reads the saved state. Rejects with a DataDirError if that is not possible. */
  static async open(settings: DiskStoreSettings): Promise<DiskStore> {
    const dir = await DataDir.take(settings.folder);
    try {
      return new DiskStore(dir, settings);
    } catch (error) {
      await dir.release();
      throw error;
    }
  }

  open(streamId: string, shard: ShardState, extentBytesMax: number): DurableLog {
    const paths = this.#found.get(streamId)?.get(shard.index) ?? [];
    this.#found.get(streamId)?.delete(shard.index);
    const recovered = this.#recover(streamId, shard, extentBytesMax, paths);
    const logs = this.#logs.get(streamId) ?? new Map<number, ShardLog>();
    const folder = this.#folders.folder(streamId);
    const log = new ShardLog(
      {
        ...{ folder, streamId, shardIndex: shard.index, syncsWrites: this.#settings.sync === 'always' },
        fileBytesMax: this.#settings.fileBytesMax ?? FILE_BYTES_MAX,
        ...{ files: this.#files, scratch: this.#scratch },
        markDirty: (dirty) => {
          this.#dirtyLogs.push(dirty);
          this.#isDirty = true;
        },
        written: (files) => this.#written(files),
        sync: (file) =>
          this.#sync.sync([file]).then(
            () => true,
            () => false,
          ),
        syncNow: (file) => this.#sync.syncNow([file]),
        remove: (path) => this.#remove(path),
        obsolete: (paths) => {
          logs.delete(shard.index);
          this.#newest.remove(folder, shard.index);
          this.#obsolete.push(...paths);
          this.#isDirty = true;
        },
      },
      recovered,
    );
    this.#logs.set(streamId, logs.set(shard.index, log));
    return log;
  }

  streamChanged(state: Readonly<StreamState>): void {
    this.#changed.set(state.id, state);
    this.#isDirty = true;
  }

  streamDeleted(state: Readonly<StreamState>): void {
    this.#changed.delete(state.id);
    this.#logs.delete(state.id);
    this.#deleted.add(state.id);
    this.#isDirty = true;
  }

  accountChanged(state: Readonly<AccountState>): void {
    this.#accounts.set(regionKey(state), state);
    this.#accountsChanged = true;
    this.#isDirty = true;
  }

  /**
   * Saves all changes since the last call. Must be called after each request, before the next one changes anything.
   * Returns undefined if everything is saved already. Does nothing once the store is closed, as another process may use
   * the folder by then.
   * Throws an InternalFailure if saving fails: then no records were stored, and a later commit saves the other changes.
   */
  commit(): Promise<void> | undefined {
    if (!this.#isDirty || this.#isClosed) return undefined;
    this.#isDirty = false;
    const logs = this.#dirtyLogs.splice(0);
    try {
      this.#saveStates();
      for (const log of logs) log.write();
    } catch (error) {
      for (const log of logs) log.rollback();
      throw failure(error);
    }
    for (const log of logs) log.commit();
    for (const path of this.#obsolete.splice(0)) this.#remove(path);
    return this.#synced();
  }

  /** Deletes the logs of shards that no longer exist. Must be called after all logs were opened. */
  removeOrphanedLogs(): void {
    for (const logs of this.#found.values()) for (const path of [...logs.values()].flat()) this.#remove(path);
    this.#found.clear();
  }

  /** Syncs everything to disk as far as possible, and unlocks the folder. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const logs = [...this.#logs.values()].flatMap((byShard) => [...byShard.values()]);
    const unsynced = logs.flatMap((log) => log.unsynced);
    if (unsynced.length > 0) await this.#sync.sync(unsynced).catch(() => {});
    await this.#sync.idle();
    await this.#newest.idle();
    await this.#folders.idle();
    this.#files.closeAll();
    await this.#dir.release();
  }

  #recover(streamId: string, shard: ShardState, extentBytesMax: number, paths: readonly string[]): RecoveredLog {
    const hint = this.#folders.hint(streamId);
    const folder = this.#folders.folder(streamId);
    const { index: shardIndex, endPosition } = shard;
    const newest = this.#newest.of(folder, shardIndex);
    const log = new LogRecovery({ streamId, shardIndex, extentBytesMax, newest, hint }).run(paths, this.#reader);
    if ((log.files.at(-1)?.firstPosition ?? 0) < newest) {
      const missing = join(folder, logFileName(shardIndex, newest));
      const what = 'the newest file of a log is missing or empty';
      throw damaged(
        missing,
        undefined,
        what,
        `${hint}, or delete ${NEWEST_NAME} beside it to continue without the file`,
      );
    }
    if (endPosition !== undefined && log.next !== endPosition) {
      const what = `the closed shard should end with record ${endPosition - 1}, but its log ends with ${log.next - 1}`;
      throw damaged(paths.at(-1) ?? folder, undefined, what, hint);
    }
    for (const torn of log.torn) this.#cut(torn);
    // A closed shard was synced before the state that says that it is closed.
    if (endPosition !== undefined)
      for (const file of log.files) Object.assign(file, { isNew: false, syncedBytes: file.bytes });
    return log;
  }

  /** Cuts the file and syncs it, so that the old bytes cannot reappear behind later writes. */
  #cut({ path, at, bytes }: TornTail): void {
    if (at === 0) {
      rmSync(path);
      syncFolder(dirname(path));
    } else {
      withFile(path, 'r+', (fd) => {
        ftruncateSync(fd, at);
        fdatasyncSync(fd);
      });
    }
    this.#settings.notice(`cut ${bytes} bytes of an unfinished write off the end of ${path}`);
  }

  #saveStates(): void {
    for (const id of this.#deleted) {
      this.#folders.removeStream(id);
      this.#deleted.delete(id);
    }
    if (this.#accountsChanged) this.#folders.saveAccounts([...this.#accounts.values()]);
    this.#accountsChanged = false;
    for (const [id, state] of this.#changed) {
      this.#syncClosed(state);
      this.#folders.saveStream(state);
      this.#changed.delete(id);
    }
  }

  /** Syncs closed shards, whatever the policy: the state that says where a shard ends must not reach the disk first. */
  #syncClosed({ id, shards }: Readonly<StreamState>): void {
    const logs = this.#logs.get(id);
    for (const { index, endPosition } of shards) {
      if (endPosition !== undefined) this.#sync.syncNow(logs?.get(index)?.unsynced ?? []);
    }
  }

  #written(files: readonly LogFile[]): void {
    // With 'os', files are only synced when a log continues in a new file: the old one, and the start of the new one.
    if (this.#settings.sync === 'os' && files.length === 1) return;
    for (const file of files) this.#writtenFiles.add(file);
  }

  #synced(): Promise<void> | undefined {
    const written = [...this.#writtenFiles];
    this.#writtenFiles.clear();
    if (written.length === 0) return undefined;
    const synced = this.#sync.sync(written);
    if (this.#settings.sync === 'always') {
      return synced.catch((error) => {
        throw failure(error);
      });
    }
    // The next write to a file that failed reports its failure.
    void synced.catch(() => {});
    return undefined;
  }

  /** If the file cannot be deleted, the next start tries again. */
  #remove(path: string): void {
    // Another process may use the folder by then.
    if (this.#isClosed) return;
    this.#files.close(path);
    try {
      rmSync(path, { force: true });
    } catch (error) {
      this.#settings.notice(`could not delete ${path}, which is no longer needed: ${String(error)}`);
    }
  }
}

function failure(error: unknown): ServiceError {
  const reason = error instanceof Error ? error.message : String(error);
  return new ServiceError('InternalFailure', `The emulator could not store this: ${reason}`, 500);
}
