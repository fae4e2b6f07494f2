import { closeSync, fdatasyncSync, ftruncateSync, openSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ServiceError } from '../protocol/service-error.js';
import type { AccountsListener } from '../store/accounts.js';
import type { LogKeeper, LogStorage, UnkeptLog } from '../store/log-keeper.js';
import type { AccountState, AccountsState, ShardState, StreamState } from '../store/stream-state.js';
import { DataDir } from './data-dir.js';
import { damaged } from './data-dir-error.js';
import { GroupSync } from './group-sync.js';
import { logFileName } from './log-file-name.js';
import { NEWEST_NAME, NewestFiles } from './newest-files.js';
import { OpenFiles } from './open-files.js';
import { FileReader, type LogFile, LogRecovery, type RecoveredLog, type Torn } from './recovery.js';
import { Scratch, ShardLog } from './shard-log.js';
import { syncFolder } from './state-file.js';
import { StreamFolders } from './stream-folders.js';

/**
 * When a write is acknowledged. 'os': once the operating system has it, so that it survives whatever happens to this
 * process; 'always': once it is on the disk, so that it survives whatever happens to the machine.
 */
export type SyncPolicy = 'os' | 'always';

const FILE_BYTES_MAX = 16 * 1024 * 1024;

export interface DiskStoreSettings {
  readonly folder: string;
  readonly sync: SyncPolicy;
  /** A file of a log that has grown beyond this is followed by another; 16 MiB unless given: retention deletes whole files. */
  readonly fileBytesMax?: number;
  /** Told of what was found and mended. */
  readonly notice: (text: string) => void;
}

/**
 * Keeps a world in a folder. The world tells what changes, its logs what they take; `commit` brings all of it to the disk
 * before the request that did it is answered, or undoes the records.
 */
export class DiskStore implements LogStorage, AccountsListener {
  /** What the world was; its maker takes it over. */
  readonly saved: AccountsState;
  readonly #settings: DiskStoreSettings;
  readonly #dir: DataDir;
  readonly #folders: StreamFolders;
  readonly #reader = new FileReader();
  readonly #files = new OpenFiles();
  readonly #newest = new NewestFiles();
  readonly #sync = new GroupSync(this.#files, (file) => this.#newest.add(file));
  readonly #scratch = new Scratch();
  /** Log files that no log has been opened for: stream, shard, paths. */
  readonly #found: Map<string, Map<number, string[]>>;
  /** The logs of each stream, by shard. */
  readonly #logs = new Map<string, Map<number, ShardLog>>();
  readonly #accounts = new Map<string, Readonly<AccountState>>();
  /** What is to be saved, by stream. */
  readonly #changed = new Map<string, Readonly<StreamState>>();
  readonly #deleted = new Set<string>();
  #accountsChanged = false;
  /** Whether anything was changed since the last commit: what could not be saved then waits for the next change. */
  #isTouched = false;
  #isClosed = false;
  readonly #touchedLogs: UnkeptLog[] = [];
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
    for (const account of accounts) this.#accounts.set(accountKey(account), account);
  }

  /** Takes the folder and reads what the world was. Rejects with a DataDirError where that is not possible. */
  static async open(settings: DiskStoreSettings): Promise<DiskStore> {
    const dir = await DataDir.take(settings.folder);
    try {
      return new DiskStore(dir, settings);
    } catch (error) {
      await dir.release();
      throw error;
    }
  }

  open(streamId: string, shard: ShardState, extentBytesMax: number): LogKeeper {
    const paths = this.#found.get(streamId)?.get(shard.index) ?? [];
    this.#found.get(streamId)?.delete(shard.index);
    const recovered = this.#recover(streamId, shard, extentBytesMax, paths);
    const logs = this.#logs.get(streamId) ?? new Map<number, ShardLog>();
    const folder = this.#folders.folder(streamId);
    const log = new ShardLog(
      {
        ...{ folder, streamId, shardIndex: shard.index, waits: this.#settings.sync === 'always' },
        fileBytesMax: this.#settings.fileBytesMax ?? FILE_BYTES_MAX,
        ...{ files: this.#files, scratch: this.#scratch },
        touched: (unkept) => {
          this.#touchedLogs.push(unkept);
          this.#isTouched = true;
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
          this.#isTouched = true;
        },
      },
      recovered,
    );
    this.#logs.set(streamId, logs.set(shard.index, log));
    return log;
  }

  streamChanged(state: Readonly<StreamState>): void {
    this.#changed.set(state.id, state);
    this.#isTouched = true;
  }

  streamDeleted(state: Readonly<StreamState>): void {
    this.#changed.delete(state.id);
    this.#logs.delete(state.id);
    this.#deleted.add(state.id);
    this.#isTouched = true;
  }

  accountChanged(state: Readonly<AccountState>): void {
    this.#accounts.set(accountKey(state), state);
    this.#accountsChanged = true;
    this.#isTouched = true;
  }

  /**
   * Saves what has changed since it was last called. Must be called before anything else is done in the accounts.
   * Undefined where it is safe already, and once the store is closed: the folder may be another's by then.
   * Throws an InternalFailure where it could not be saved: then none of the records was stored, and what else has changed
   * is saved by the next commit that can.
   */
  commit(): Promise<void> | undefined {
    if (!this.#isTouched || this.#isClosed) return undefined;
    this.#isTouched = false;
    const logs = this.#touchedLogs.splice(0);
    try {
      this.#saveStates();
      for (const log of logs) log.write();
    } catch (error) {
      for (const log of logs) log.undo();
      throw failure(error);
    }
    for (const log of logs) log.accept();
    for (const path of this.#obsolete.splice(0)) this.#remove(path);
    return this.#synced();
  }

  /** Deletes logs that belong to no shard: shards that left retention when kload ended. Call it once all are opened. */
  removeLeftLogs(): void {
    for (const logs of this.#found.values()) for (const path of [...logs.values()].flat()) this.#remove(path);
    this.#found.clear();
  }

  /** Brings everything onto the disk, where that can be done, and gives the folder back. */
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
      throw damaged(missing, undefined, what, `${hint}, or delete ${NEWEST_NAME} beside it to go on without the file`);
    }
    if (endPosition !== undefined && log.next !== endPosition) {
      const what = `the shard was closed before record ${endPosition}, but its logs end before ${log.next}`;
      throw damaged(paths.at(-1) ?? folder, undefined, what, hint);
    }
    for (const torn of log.torn) this.#cut(torn);
    // All of a closed shard was on the disk before the state that says so.
    if (endPosition !== undefined)
      for (const file of log.files) Object.assign(file, { isNew: false, syncedBytes: file.bytes });
    return log;
  }

  /** The cut is on the disk when this returns: what is written next must not be followed by what was there before. */
  #cut({ path, at, bytes }: Torn): void {
    if (at === 0) {
      rmSync(path);
      syncFolder(dirname(path));
    } else {
      const fd = openSync(path, 'r+');
      try {
        ftruncateSync(fd, at);
        fdatasyncSync(fd);
      } finally {
        closeSync(fd);
      }
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

  /** A state that says where a shard ends must not get onto the disk before all of the shard did, whatever the policy. */
  #syncClosed({ id, shards }: Readonly<StreamState>): void {
    const logs = this.#logs.get(id);
    for (const { index, endPosition } of shards) {
      if (endPosition !== undefined) this.#sync.syncNow(logs?.get(index)?.unsynced ?? []);
    }
  }

  #written(files: readonly LogFile[]): void {
    // Where nobody waits, only a file that another one follows is brought onto the disk, and that one's beginning.
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
    // A file that failed says so itself when it is written to next.
    void synced.catch(() => {});
    return undefined;
  }

  /** What cannot be deleted is found to be of no use again at the next start. */
  #remove(path: string): void {
    // The folder may be another's by then.
    if (this.#isClosed) return;
    this.#files.close(path);
    try {
      rmSync(path, { force: true });
    } catch (error) {
      this.#settings.notice(`could not delete ${path}, which is not needed any more: ${String(error)}`);
    }
  }
}

function failure(error: unknown): ServiceError {
  const reason = error instanceof Error ? error.message : String(error);
  return new ServiceError('InternalFailure', `The emulator could not store this: ${reason}`, 500);
}

function accountKey({ account, region }: AccountState): string {
  return `${account}/${region}`;
}
