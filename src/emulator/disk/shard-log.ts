import { join } from 'node:path';
import { withFile } from '../../system/open-file.js';
import type { Allocate, DirtyLog, DurableLog, Extent } from '../store/durable-log.js';
import { lowerBound } from '../store/lower-bound.js';
import type { Segment } from '../store/segment.js';
import {
  type Frame,
  frameBytes,
  HEADER_BYTES,
  NEVER_SYNCED,
  readFrame,
  seedOf,
  sizesOf,
  writeFrame,
  writeHeader,
  writeSizes,
} from './frame.js';
import { isSynced } from './group-sync.js';
import { logFileName } from './log-file-name.js';
import { type OpenFiles, readFully } from './open-files.js';
import type { LogFile, RecoveredLog } from './recovery.js';

export interface ShardLogSettings {
  readonly folder: string;
  readonly streamId: string;
  readonly shardIndex: number;
  /** Size at which the log continues in a new file. */
  readonly fileBytesMax: number;
  readonly files: OpenFiles;
  readonly scratch: Scratch;
  /** Called when the log has records to be written. */
  readonly markDirty: (log: DirtyLog) => void;
  /** Whether a write is acknowledged only after a sync. */
  readonly syncsWrites: boolean;
  /** Called at a commit with the files that were written to since the last one, oldest first. */
  readonly written: (files: readonly LogFile[]) => void;
  /** Syncs a file; resolves with false if it may not be on disk. */
  readonly sync: (file: LogFile) => Promise<boolean>;
  /** Syncs a file synchronously; throws if it may not be on disk. */
  readonly syncNow: (file: LogFile) => void;
  /** Deletes a file that is no longer needed. */
  readonly remove: (path: string) => void;
  /** Deletes these files after the state that no longer needs them is saved. */
  readonly obsolete: (paths: readonly string[]) => void;
}

/** Memory for composing frames, one at a time. */
export class Scratch {
  static readonly #KEPT_BYTES_MAX = 2 * 1024 * 1024;
  #buffer = Buffer.allocUnsafeSlow(64 * 1024);

  take(bytes: number): Buffer {
    if (bytes <= this.#buffer.length) return this.#buffer;
    const buffer = Buffer.allocUnsafeSlow(Math.max(bytes, 2 * this.#buffer.length));
    if (buffer.length <= Scratch.#KEPT_BYTES_MAX) this.#buffer = buffer;
    return buffer;
  }
}

/** The files of one shard's log. */
export class ShardLog implements DurableLog {
  readonly extents: Extent[];
  readonly next: number;
  readonly #settings: ShardLogSettings;
  /** Oldest first. Only the last one is written to; it is kept until there is a newer one. */
  readonly #files: LogFile[];
  #lastAtMs: number;
  /** The last file and its size at the last commit. */
  #committed: { readonly file: LogFile | undefined; readonly bytes: number };
  /** The extents written to since the last commit, and their bytes on disk before. */
  #written: { readonly extent: Extent; readonly bytesBefore: number }[] = [];
  /** Whether the last file ends with bytes of a failed write, which must be cut off before the next one. */
  #hasTornTail = false;
  #trimmedBefore = 0;
  #isTrimPending = false;

  constructor(settings: ShardLogSettings, { files, extents, next, lastAtMs }: RecoveredLog) {
    this.#settings = settings;
    this.#files = files;
    this.extents = extents;
    this.next = next;
    this.#lastAtMs = lastAtMs;
    const file = files.at(-1);
    this.#committed = { file, bytes: file?.bytes ?? 0 };
  }

  get lastAtMs(): number {
    return this.#lastAtMs;
  }

  /** The files that may not be on disk completely. */
  get unsynced(): LogFile[] {
    return this.#files.filter((file) => !isSynced(file));
  }

  markDirty(log: DirtyLog): void {
    this.#settings.markDirty(log);
  }

  write(extent: Extent, from: number): void {
    const { endPosition, onDisk } = extent;
    const segment = extent.segment!;
    const file = onDisk === undefined ? this.#fileFor(extent) : this.#files.at(-1)!;
    if (file.failure !== undefined) throw file.failure;
    if (this.#hasTornTail) this.#cut(file);
    // An earlier process may have left bytes unsynced. Syncs them, so that the next frame can say that they are on
    // disk.
    if (this.#settings.syncsWrites && file.syncedBytes === 0 && !file.isOurs) this.#settings.syncNow(file);
    this.#written.push({ extent, bytesBefore: onDisk?.bytes ?? 0 });
    extent.onDisk ??= { file: file.firstPosition, offset: file.bytes, bytes: 0 };
    for (let at = from; at < endPosition; ) {
      const atMs = segment.atMs(at);
      let end = at + 1;
      while (end < endPosition && segment.atMs(end) === atMs) end++;
      const bytes = this.#writeFrame(file, segment, at, end);
      extent.onDisk.bytes += bytes;
      this.#lastAtMs = atMs;
      at = end;
    }
  }

  commit(): void {
    const file = this.#files.at(-1);
    if (file !== undefined && (file !== this.#committed.file || file.bytes !== this.#committed.bytes)) {
      const from = this.#committed.file === undefined ? 0 : this.#files.lastIndexOf(this.#committed.file);
      this.#settings.written(this.#files.slice(from));
    }
    this.#committed = { file, bytes: file?.bytes ?? 0 };
    this.#written = [];
    // If the log has continued in a new file, the file before may no longer be needed.
    this.trim(this.#trimmedBefore);
  }

  rollback(): void {
    const { file, bytes } = this.#committed;
    for (const { extent, bytesBefore } of this.#written) extent.onDisk!.bytes = bytesBefore;
    this.#written = [];
    while (this.#files.length > 0 && this.#files.at(-1) !== file) {
      this.#settings.remove(this.#files.pop()!.path);
    }
    if (file === undefined || file.failure !== undefined) return;
    file.bytes = bytes;
    file.syncedBytes = Math.min(file.syncedBytes, bytes);
    this.#hasTornTail = true;
    try {
      this.#cut(file);
    } catch {
      // The next write tries to cut it again first.
    }
  }

  load(extent: Extent, allocate: Allocate): Segment {
    const { file: firstPosition, offset, bytes } = extent.onDisk!;
    const file = this.#files[lowerBound(0, this.#files.length, (i) => this.#files[i]!.firstPosition >= firstPosition)]!;
    const content = readPart(file.path, offset, bytes);
    const frames = [...framesOf(content, file.seed)];
    const end = frames.at(-1);
    if (end === undefined || end.offset + end.bytes !== bytes || end.firstPosition + end.count !== extent.endPosition) {
      throw new Error(`${file.path} has changed: the records from byte ${offset} on cannot be read`);
    }
    const count = extent.endPosition - extent.firstPosition;
    const segment = allocate(bytes - frameBytes(count, 0) - (frames.length - 1) * frameBytes(0, 0), count);
    for (const frame of frames) {
      const payload = content.subarray(frame.payloadAt, frame.offset + frame.bytes);
      segment.appendPacked(payload, sizesOf(content, frame), frame.atMs);
    }
    return segment;
  }

  trim(before: number): void {
    this.#trimmedBefore = before;
    while (this.#files.length > 1 && this.#files[1]!.firstPosition <= before) {
      // Until the next file is on disk, the shard's next position can only be found from this one.
      if (this.#files[1]!.isNew) {
        void this.#trimLater(this.#files[1]!);
        return;
      }
      this.#settings.remove(this.#files.shift()!.path);
    }
  }

  async #trimLater(next: LogFile): Promise<void> {
    if (this.#isTrimPending) return;
    this.#isTrimPending = true;
    const isOnDisk = await this.#settings.sync(next);
    this.#isTrimPending = false;
    if (isOnDisk) this.trim(this.#trimmedBefore);
  }

  clear(): void {
    this.#settings.obsolete(this.#files.splice(0).map(({ path }) => path));
    this.#committed = { file: undefined, bytes: 0 };
    this.#written = [];
  }

  /** The file for a new extent. An extent never spans files. */
  #fileFor({ firstPosition, firstAtMs }: Extent): LogFile {
    const last = this.#files.at(-1);
    // Once all records of the last file are trimmed, a new file allows it to be deleted.
    const isDone = last !== undefined && last.bytes > HEADER_BYTES && this.#trimmedBefore >= firstPosition;
    const { folder, streamId, shardIndex, fileBytesMax, files, syncsWrites, syncNow } = this.#settings;
    if (last !== undefined && last.bytes < fileBytesMax && !isDone) return last;
    // Otherwise a recovery would find the torn tail in a file that is not the last one.
    if (last !== undefined && this.#hasTornTail) this.#cut(last);
    // Only the last file may be unfinished after a power cut.
    if (last !== undefined && syncsWrites && !isSynced(last)) syncNow(last);
    const path = join(folder, logFileName(shardIndex, firstPosition));
    const bytes = writeHeader({ shardIndex, firstPosition, atMs: firstAtMs, streamId });
    files.create(path);
    const file: LogFile = {
      ...{ path, firstPosition, seed: seedOf({ streamId, shardIndex, firstPosition }) },
      ...{ bytes: HEADER_BYTES, syncedBytes: 0, isNew: true, isOurs: true, failure: undefined },
    };
    this.#files.push(file);
    files.write(path, bytes, 0);
    return file;
  }

  #writeFrame(file: LogFile, segment: Segment, from: number, end: number): number {
    const payload = segment.packed(from, end);
    const count = end - from;
    const scratch = this.#settings.scratch.take(frameBytes(count, payload.length));
    for (let i = 0; i < count; i++) {
      writeSizes(scratch, i, segment.keyBytes(from + i), segment.recordBytes(from + i));
    }
    const syncedBytes = this.#settings.syncsWrites ? file.syncedBytes : NEVER_SYNCED;
    const frame = { count, syncedBytes, firstPosition: from, atMs: segment.atMs(from), payload, seed: file.seed };
    const bytes = writeFrame(scratch, frame);
    this.#settings.files.write(file.path, scratch.subarray(0, bytes), file.bytes);
    file.bytes += bytes;
    return bytes;
  }

  /** Cuts off the torn tail. */
  #cut(file: LogFile): void {
    this.#settings.files.truncate(file.path, file.bytes);
    this.#hasTornTail = false;
  }
}

function readPart(path: string, offset: number, bytes: number): Buffer {
  const content = Buffer.allocUnsafe(bytes);
  const read = withFile(path, 'r', (fd) => readFully(fd, content, offset));
  return content.subarray(0, read);
}

/** The intact frames from the start on, up to the first damaged one. */
function* framesOf(content: Buffer, seed: number): Generator<Frame> {
  let frame = readFrame(content, 0, seed);
  while (frame !== undefined) {
    yield frame;
    frame = readFrame(content, frame.offset + frame.bytes, seed);
  }
}
