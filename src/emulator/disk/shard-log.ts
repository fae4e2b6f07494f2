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
  readFrame,
  seedOf,
  sizesOf,
  writeFrame,
  writeHeader,
  writeSizes,
} from './frame.js';
import type { OpenFiles } from './open-files.js';
import { readFully } from './open-files.js';
import type { LogFile, RecoveredLog } from './recovery.js';

/** A file that has grown beyond this is followed by another: retention deletes whole files. */
const FILE_BYTES_MAX = 16 * 1024 * 1024;

export interface ShardLogSettings {
  readonly folder: string;
  readonly streamId: string;
  readonly shardIndex: number;
  readonly files: OpenFiles;
  readonly scratch: Scratch;
  /** The log has something to be written. */
  readonly touched: (log: UnkeptLog) => void;
  /** This file was written to by what is being accepted. */
  readonly written: (file: LogFile) => void;
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

  touched(log: UnkeptLog): void {
    this.#settings.touched(log);
  }

  write(extent: Extent, from: number): void {
    const { endPosition, place } = extent;
    const segment = extent.segment!;
    const file = place === undefined ? this.#fileFor(extent) : this.#files.at(-1)!;
    if (file.failure !== undefined) throw file.failure;
    if (this.#hasRest) this.#cut(file);
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
      for (const written of this.#files.slice(from)) this.#settings.written(written);
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
      this.#settings.remove(this.#files.shift()!.path);
    }
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
    if (last !== undefined && last.bytes < FILE_BYTES_MAX && !isDone) return last;
    const { folder, streamId, shardIndex, files } = this.#settings;
    // What the last file has too much of would be found there again.
    if (last !== undefined && this.#hasRest) this.#cut(last);
    const path = join(folder, logFileName(shardIndex, firstPosition));
    const bytes = writeHeader({ shardIndex, firstPosition, atMs: firstAtMs, streamId });
    files.create(path);
    const file = { path, firstPosition, seed: seedOf(bytes), bytes: HEADER_BYTES, isNew: true, failure: undefined };
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
    const frame = { count, firstPosition: from, atMs: segment.atMs(from), payload, seed: file.seed };
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

/** '000003-0000000000000001.log' */
export function logFileName(shardIndex: number, firstPosition: number): string {
  return `${String(shardIndex).padStart(6, '0')}-${String(firstPosition).padStart(16, '0')}.log`;
}

/** Undefined where it is the name of no log. */
export function parseLogFileName(name: string): { shardIndex: number; firstPosition: number } | undefined {
  const [, shardIndex, firstPosition] = /^(\d{6,})-(\d{16})\.log$/.exec(name) ?? [];
  return shardIndex === undefined
    ? undefined
    : { shardIndex: Number(shardIndex), firstPosition: Number(firstPosition) };
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
