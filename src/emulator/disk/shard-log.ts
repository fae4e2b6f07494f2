import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { Extent } from '../store/extent.js';
import type { Allocate, LogKeeper, UnkeptLog } from '../store/log-keeper.js';
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
import type { OpenFiles } from './open-files.js';
import { readFully } from './open-files.js';
import type { LogFile, RecoveredLog } from './recovery.js';

export interface ShardLogSettings {
  readonly folder: string;
  readonly streamId: string;
  readonly shardIndex: number;
  /** A file that has grown beyond this is followed by another. */
  readonly fileBytesMax: number;
  readonly files: OpenFiles;
  readonly scratch: Scratch;
  /** The log has something to be written. */
  readonly touched: (log: UnkeptLog) => void;
  /** Whether writes wait until they are on the disk. */
  readonly waits: boolean;
  /** These files, oldest first, were written to by what is being accepted. */
  readonly written: (files: readonly LogFile[]) => void;
  /** Brings a file onto the disk; resolves with whether it is there. */
  readonly sync: (file: LogFile) => Promise<boolean>;
  /** The same at once; throws where it may not be there. */
  readonly syncNow: (file: LogFile) => void;
  /** This file is not needed any more: deletes it. */
  readonly remove: (path: string) => void;
  /** Nor are these, once what says so is saved. */
  readonly obsolete: (paths: readonly string[]) => void;
}

/** Memory in which frames are put together, one at a time. */
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
export class ShardLog implements LogKeeper {
  readonly extents: Extent[];
  readonly next: number;
  readonly #settings: ShardLogSettings;
  /** Oldest first; the last one is written to, and stays until there is another. */
  readonly #files: LogFile[];
  #lastAtMs: number;
  /** What the files were when the log last accepted: the last one and how long it was. */
  #accepted: { readonly file: LogFile | undefined; readonly bytes: number };
  /** The extents that were written to since, and how much of the file each took before. */
  #written: { readonly extent: Extent; readonly bytesBefore: number }[] = [];
  /** The last file has bytes beyond what counts, which could not be cut off. */
  #hasRest = false;
  #trimmedBefore = 0;
  #waitsToTrim = false;

  constructor(settings: ShardLogSettings, { files, extents, next, lastAtMs }: RecoveredLog) {
    this.#settings = settings;
    this.#files = files;
    this.extents = extents;
    this.next = next;
    this.#lastAtMs = lastAtMs;
    const file = files.at(-1);
    this.#accepted = { file, bytes: file?.bytes ?? 0 };
  }

  get lastAtMs(): number {
    return this.#lastAtMs;
  }

  /** The files that may not be on the disk as they are. */
  get unsynced(): LogFile[] {
    return this.#files.filter((file) => !isSynced(file));
  }

  touched(log: UnkeptLog): void {
    this.#settings.touched(log);
  }

  write(extent: Extent, from: number): void {
    const { endPosition, place } = extent;
    const segment = extent.segment!;
    const file = place === undefined ? this.#fileFor(extent) : this.#files.at(-1)!;
    if (file.failure !== undefined) throw file.failure;
    if (this.#hasRest) this.#cut(file);
    // What an earlier process has left may not be on the disk: frames that follow say that it is.
    if (this.#settings.waits && file.syncedBytes === 0 && !file.isOurs) this.#settings.syncNow(file);
    this.#written.push({ extent, bytesBefore: place?.bytes ?? 0 });
    extent.place ??= { file: file.firstPosition, offset: file.bytes, bytes: 0 };
    for (let at = from; at < endPosition; ) {
      const atMs = segment.atMs(at);
      let end = at + 1;
      while (end < endPosition && segment.atMs(end) === atMs) end++;
      const bytes = this.#writeFrame(file, segment, at, end);
      extent.place.bytes += bytes;
      this.#lastAtMs = atMs;
      at = end;
    }
  }

  accept(): void {
    const file = this.#files.at(-1);
    if (file !== undefined && (file !== this.#accepted.file || file.bytes !== this.#accepted.bytes)) {
      const from = this.#accepted.file === undefined ? 0 : this.#files.lastIndexOf(this.#accepted.file);
      this.#settings.written(this.#files.slice(from));
    }
    this.#accepted = { file, bytes: file?.bytes ?? 0 };
    this.#written = [];
    // A file that made way for another is of no use any more.
    this.trim(this.#trimmedBefore);
  }

  undo(): void {
    const { file, bytes } = this.#accepted;
    for (const { extent, bytesBefore } of this.#written) extent.place!.bytes = bytesBefore;
    this.#written = [];
    while (this.#files.length > 0 && this.#files.at(-1) !== file) {
      this.#settings.remove(this.#files.pop()!.path);
    }
    if (file === undefined || file.failure !== undefined) return;
    file.bytes = bytes;
    file.syncedBytes = Math.min(file.syncedBytes, bytes);
    this.#hasRest = true;
    try {
      this.#cut(file);
    } catch {
      // The next write tries again, before it writes.
    }
  }

  load(extent: Extent, allocate: Allocate): Segment {
    const { file: firstPosition, offset, bytes } = extent.place!;
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
      // Until the next file is on the disk, this one alone tells where the shard goes on.
      if (this.#files[1]!.isNew) {
        void this.#trimLater(this.#files[1]!);
        return;
      }
      this.#settings.remove(this.#files.shift()!.path);
    }
  }

  async #trimLater(next: LogFile): Promise<void> {
    if (this.#waitsToTrim) return;
    this.#waitsToTrim = true;
    const isThere = await this.#settings.sync(next);
    this.#waitsToTrim = false;
    if (isThere) this.trim(this.#trimmedBefore);
  }

  clear(): void {
    this.#settings.obsolete(this.#files.splice(0).map(({ path }) => path));
    this.#accepted = { file: undefined, bytes: 0 };
    this.#written = [];
  }

  /** The file that takes a new extent. An extent lies in one file. */
  #fileFor({ firstPosition, firstAtMs }: Extent): LogFile {
    const last = this.#files.at(-1);
    // A file of which nothing is needed any more makes way, so that it can be deleted.
    const isDone = last !== undefined && last.bytes > HEADER_BYTES && this.#trimmedBefore >= firstPosition;
    const { folder, streamId, shardIndex, fileBytesMax, files, waits, syncNow } = this.#settings;
    if (last !== undefined && last.bytes < fileBytesMax && !isDone) return last;
    // What the last file has too much of would be found there again.
    if (last !== undefined && this.#hasRest) this.#cut(last);
    // Only the last file may be unfinished after a power cut.
    if (last !== undefined && waits && !isSynced(last)) syncNow(last);
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
      writeSizes(scratch, 0, i, segment.keyBytes(from + i), segment.recordBytes(from + i));
    }
    const syncedBytes = this.#settings.waits ? file.syncedBytes : NEVER_SYNCED;
    const frame = { count, syncedBytes, firstPosition: from, atMs: segment.atMs(from), payload, seed: file.seed };
    const bytes = writeFrame(scratch, 0, frame);
    this.#settings.files.write(file.path, scratch.subarray(0, bytes), file.bytes);
    file.bytes += bytes;
    return bytes;
  }

  /** Cuts off what a failed write has left. */
  #cut(file: LogFile): void {
    this.#settings.files.truncate(file.path, file.bytes);
    this.#hasRest = false;
  }
}

function readPart(path: string, offset: number, bytes: number): Buffer {
  const content = Buffer.allocUnsafe(bytes);
  const fd = openSync(path, 'r');
  try {
    return content.subarray(0, readFully(fd, content, offset));
  } finally {
    closeSync(fd);
  }
}

/** The frames from the start on, as far as they are whole. */
function* framesOf(content: Buffer, seed: number): Generator<Frame> {
  let frame = readFrame(content, 0, seed);
  while (frame !== undefined) {
    yield frame;
    frame = readFrame(content, frame.offset + frame.bytes, seed);
  }
}
