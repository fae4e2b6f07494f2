import { closeSync, fstatSync, openSync } from 'node:fs';
import { basename } from 'node:path';
import type { Extent } from '../store/extent.js';
import { FIRST_POSITION } from '../store/record-log.js';
import { Segment } from '../store/segment.js';
import { type DataDirError, damaged } from './data-dir-error.js';
import { type Frame, findFrames, HEADER_BYTES, readFrame, readHeader, seedOf } from './frame.js';
import type { SyncedFile } from './group-sync.js';
import { parseLogFileName } from './log-file-name.js';
import { NEWEST_NAME } from './newest-files.js';
import { readFully } from './open-files.js';

/** A file of a log. */
export interface LogFile extends SyncedFile {
  readonly firstPosition: number;
  /** What the checksums of its frames begin with. */
  readonly seed: number;
  /** Whether this process has made it. */
  readonly isOurs: boolean;
  /** There may be more where a write failed. */
  bytes: number;
}

/** What a power cut or a kill has left unfinished. */
export interface Torn {
  readonly path: string;
  /** What comes from there on is of no use; 0: nothing of it is. */
  readonly at: number;
  readonly bytes: number;
}

/** What the files of a log held. */
export interface RecoveredLog {
  readonly files: LogFile[];
  readonly extents: Extent[];
  /** The position after the last record. */
  readonly next: number;
  /** No record is later, epoch milliseconds. */
  readonly lastAtMs: number;
  /** Unfinished writes at its end. */
  readonly torn: readonly Torn[];
}

export interface RecoverySettings {
  readonly streamId: string;
  readonly shardIndex: number;
  /** The memory that an extent should take once it is read back. */
  readonly extentBytesMax: number;
  /** Where the newest file begins that is known to be on the disk: so are all before it. */
  readonly newest: number;
  /** What the user may do about damage. */
  readonly hint: string;
}

const READ_BYTES_MIN = 1024 * 1024;

/** Reads one file after the other, whole, into memory that is used again. */
export class FileReader {
  #buffer = Buffer.alloc(0);

  /** The file's bytes, or the first of them, until the next call. */
  read(path: string, bytesMax = Number.POSITIVE_INFINITY): Buffer {
    const fd = openSync(path, 'r');
    try {
      const size = Math.min(fstatSync(fd).size, bytesMax);
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
  readonly #torn: Torn[] = [];
  /** Memory that the last extent will take. */
  #extentBytes = 0;

  constructor(settings: RecoverySettings) {
    this.#settings = settings;
  }

  /** @param paths of all files, oldest first. Throws a DataDirError for what an unfinished write does not explain. */
  run(paths: readonly string[], reader: FileReader): RecoveredLog {
    const begun = [...paths];
    for (let last = begun.at(-1); last !== undefined && this.#isBlank(last, reader); last = begun.at(-1)) begun.pop();
    for (const [i, path] of begun.entries()) this.#file(path, reader.read(path), begun.slice(i + 1));
    return {
      files: this.#files,
      extents: this.#extents,
      next: this.#next,
      lastAtMs: this.#lastAtMs,
      torn: this.#torn,
    };
  }

  /** Whether the file had its name on the disk, but not what it begins with: nobody was told of its records. */
  #isBlank(path: string, reader: FileReader): boolean {
    const head = reader.read(path, HEADER_BYTES);
    if (head.length === HEADER_BYTES && !isUnwritten(head)) return false;
    const content = reader.read(path);
    if (this.#promised(content, 0, this.#seed(path)) !== undefined) return false;
    this.#torn.push({ path, at: 0, bytes: content.length });
    return true;
  }

  #file(path: string, content: Buffer, later: readonly string[]): void {
    const { streamId, shardIndex, newest } = this.#settings;
    const header = readHeader(content, streamId, shardIndex);
    if (isUnwritten(content)) throw this.#hole(path, 0, later, 'records follow');
    if (header === undefined || header.firstPosition !== firstPositionOf(path)) {
      throw this.#damaged(path, 0, 'it does not begin as a log of this shard does');
    }
    const { firstPosition, atMs } = header;
    if (this.#files.length === 0) this.#next = firstPosition;
    if (firstPosition !== this.#next) {
      const what = `records before it are missing: it begins with ${firstPosition} instead of ${this.#next}`;
      throw this.#lost(path, undefined, what, `delete ${this.#names([path, ...later])}`);
    }
    this.#lastAtMs = Math.max(this.#lastAtMs, atMs);
    const file: LogFile = {
      ...{ path, firstPosition, seed: this.#seed(path), bytes: HEADER_BYTES, syncedBytes: 0 },
      ...{ isNew: firstPosition > newest, isOurs: false, failure: undefined },
    };
    this.#files.push(file);
    while (file.bytes < content.length) {
      const frame = readFrame(content, file.bytes, file.seed);
      if (frame === undefined) {
        this.#end(file, content, later);
        return;
      }
      if (frame.firstPosition !== this.#next) {
        throw this.#damaged(path, file.bytes, `record ${frame.firstPosition} follows where ${this.#next} should`);
      }
      this.#index(file, frame);
      file.bytes += frame.bytes;
    }
    if (firstPosition < newest) file.syncedBytes = file.bytes;
  }

  /** Whatever is no frame is an unfinished write, but only at the very end. */
  #end({ path, bytes, seed }: LogFile, content: Buffer, later: readonly string[]): void {
    const good = this.#promised(content, bytes + 1, seed);
    if (good !== undefined) {
      throw this.#hole(path, bytes, later, `good records follow at byte ${good.offset}`);
    }
    if (later.length > 0) throw this.#hole(path, bytes, later, 'another file follows');
    this.#torn.push({ path, at: bytes, bytes: content.length - bytes });
  }

  /**
   * A good frame behind a place where there is none, which says that this place was on the disk already; undefined where
   * there is no such frame: what was on its way when the power was cut got onto the disk in any order.
   */
  #promised(content: Buffer, place: number, seed: number): Frame | undefined {
    for (const frame of findFrames(content, place, seed)) if (frame.syncedBytes > place) return frame;
    return undefined;
  }

  #hole(path: string, at: number, later: readonly string[], follows: string): DataDirError {
    const wrong = at === 0 ? 'its beginning is not there' : 'a checksum is wrong';
    const deleted = later.length === 0 ? '' : ` and delete ${this.#names(later)}`;
    return this.#lost(path, at, `${wrong}, and ${follows}`, `cut the file to ${at} bytes${deleted}`);
  }

  /** @param remedy what brings the log back to what was written before */
  #lost(path: string, at: number | undefined, what: string, remedy: string): DataDirError {
    const why = `${what}; the disk is failing, or the power was cut with --sync os`;
    return damaged(path, at, why, `${this.#settings.hint}, or, to keep what comes before, ${remedy}`);
  }

  #names(paths: readonly string[]): string {
    return [...paths.map((path) => basename(path)), NEWEST_NAME].join(', ');
  }

  #seed(path: string): number {
    const { streamId, shardIndex } = this.#settings;
    return seedOf({ streamId, shardIndex, firstPosition: firstPositionOf(path) });
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

/** Whether what a file begins with is not there: a disk gives zeros for what was never written. */
function isUnwritten(content: Buffer): boolean {
  return content.subarray(0, HEADER_BYTES).every((byte) => byte === 0);
}

function firstPositionOf(path: string): number {
  return parseLogFileName(basename(path))!.firstPosition;
}
