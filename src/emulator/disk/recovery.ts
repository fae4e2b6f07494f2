import { closeSync, fstatSync, openSync } from 'node:fs';
import type { Extent } from '../store/extent.js';
import { FIRST_POSITION } from '../store/record-log.js';
import { Segment } from '../store/segment.js';
import { type DataDirError, damaged } from './data-dir-error.js';
import { type Frame, findFrame, HEADER_BYTES, readFrame, readHeader, seedOf } from './frame.js';
import type { SyncedFile } from './group-sync.js';
import { readFully } from './open-files.js';

/** A file of a log. */
export interface LogFile extends SyncedFile {
  readonly firstPosition: number;
  /** What the checksums of its frames begin with. */
  readonly seed: number;
  /** What of it counts; there may be more where a write failed. */
  bytes: number;
}

/** What the files of a log held. */
export interface RecoveredLog {
  readonly files: LogFile[];
  readonly extents: Extent[];
  /** The position after the last record. */
  readonly next: number;
  /** No record is later, epoch milliseconds. */
  readonly lastAtMs: number;
  /** An unfinished write at the end of its last file. */
  readonly torn: { readonly path: string; readonly at: number; readonly bytes: number } | undefined;
}

export interface RecoverySettings {
  readonly streamId: string;
  readonly shardIndex: number;
  /** The memory that an extent should take once it is read back. */
  readonly extentBytesMax: number;
  /** What the user may do about damage. */
  readonly hint: string;
}

const READ_BYTES_MIN = 1024 * 1024;

/** Reads one file after the other, whole, into memory that is used again. */
export class FileReader {
  #buffer = Buffer.alloc(0);

  /** The file's bytes, until the next call. */
  read(path: string): Buffer {
    const fd = openSync(path, 'r');
    try {
      const { size } = fstatSync(fd);
      if (size > this.#buffer.length) this.#buffer = Buffer.allocUnsafeSlow(Math.max(size, READ_BYTES_MIN));
      return this.#buffer.subarray(0, readFully(fd, this.#buffer.subarray(0, size), 0));
    } finally {
      closeSync(fd);
    }
  }
}

/** Verifies the files of one log, oldest first, and indexes what they hold. */
export class LogRecovery {
  readonly #settings: RecoverySettings;
  readonly #files: LogFile[] = [];
  readonly #extents: Extent[] = [];
  #next = FIRST_POSITION;
  #lastAtMs = Number.NEGATIVE_INFINITY;
  #torn: RecoveredLog['torn'];
  /** Memory that the last extent will take. */
  #extentBytes = 0;

  constructor(settings: RecoverySettings) {
    this.#settings = settings;
  }

  /** @param paths of all files, oldest first. Throws a DataDirError for what an unfinished write does not explain. */
  run(paths: readonly string[], reader: FileReader): RecoveredLog {
    for (const [i, path] of paths.entries()) {
      const content = reader.read(path);
      const isLast = i === paths.length - 1;
      // A file whose header did not make it has taken no record.
      if (isLast && content.length < HEADER_BYTES) this.#torn = { path, at: 0, bytes: content.length };
      else this.#file(path, content, isLast);
    }
    return {
      files: this.#files,
      extents: this.#extents,
      next: this.#next,
      lastAtMs: this.#lastAtMs,
      torn: this.#torn,
    };
  }

  #file(path: string, content: Buffer, isLast: boolean): void {
    const { streamId, shardIndex } = this.#settings;
    const header = readHeader(content, streamId, shardIndex);
    if (header === undefined) throw this.#damaged(path, 0, 'it does not begin as a log of this shard does');
    if (this.#files.length === 0) this.#next = header.firstPosition;
    if (header.firstPosition !== this.#next) {
      const missing = `a file before it is missing: it begins with record ${header.firstPosition} instead of ${this.#next}`;
      throw this.#damaged(path, undefined, missing);
    }
    const { firstPosition, atMs } = header;
    this.#lastAtMs = Math.max(this.#lastAtMs, atMs);
    const file = { path, firstPosition, seed: seedOf(content), bytes: HEADER_BYTES, isNew: false, failure: undefined };
    this.#files.push(file);
    while (file.bytes < content.length) {
      const frame = readFrame(content, file.bytes, file.seed);
      if (frame === undefined) {
        this.#end(file, content, isLast);
        return;
      }
      if (frame.firstPosition !== this.#next) {
        throw this.#damaged(path, file.bytes, `record ${frame.firstPosition} follows where ${this.#next} should`);
      }
      this.#index(file, frame);
      file.bytes += frame.bytes;
    }
  }

  /** Whatever is no frame is an unfinished write, but only at the very end. */
  #end({ path, bytes, seed }: LogFile, content: Buffer, isLast: boolean): void {
    const good = findFrame(content, bytes + 1, seed);
    if (good !== undefined) {
      throw this.#damaged(path, bytes, `a checksum is wrong, and good records follow at byte ${good.offset}`);
    }
    if (!isLast) throw this.#damaged(path, bytes, 'a checksum is wrong, and another file follows');
    this.#torn = { path, at: bytes, bytes: content.length - bytes };
  }

  #index(file: LogFile, { firstPosition, count, atMs, bytes, payloadAt, offset }: Frame): void {
    const memoryBytes = Segment.bytesFor(bytes - (payloadAt - offset), count);
    const endPosition = firstPosition + count;
    const last = this.#extents.at(-1);
    this.#next = endPosition;
    this.#lastAtMs = atMs;
    if (
      last?.place?.file === file.firstPosition &&
      this.#extentBytes + memoryBytes <= this.#settings.extentBytesMax &&
      Segment.spans(last.firstAtMs, atMs)
    ) {
      last.endPosition = endPosition;
      last.lastAtMs = atMs;
      last.place.bytes += bytes;
      this.#extentBytes += memoryBytes;
      return;
    }
    const place = { file: file.firstPosition, offset: file.bytes, bytes };
    this.#extents.push({ firstPosition, endPosition, firstAtMs: atMs, lastAtMs: atMs, segment: undefined, place });
    this.#extentBytes = memoryBytes;
  }

  #damaged(path: string, offset: number | undefined, what: string): DataDirError {
    return damaged(path, offset, what, this.#settings.hint);
  }
}
