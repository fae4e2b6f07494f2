import { fstatSync } from 'node:fs';
import { basename } from 'node:path';
import { withFile } from '../../system/open-file.js';
import type { Extent } from '../store/durable-log.js';
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
  /** Position of its first record. */
  readonly firstPosition: number;
  /** The seed of its frames' checksums. */
  readonly seed: number;
  /** Whether this process created it. */
  readonly isOurs: boolean;
  /** Size of the part that is in use. The file may be longer after a failed write. */
  bytes: number;
}

/** The rest of a write that a power cut or a kill interrupted. */
export interface TornTail {
  readonly path: string;
  /** Offset of the first useless byte; 0 if the whole file is useless. */
  readonly at: number;
  readonly bytes: number;
}

/** The contents of a log's files. */
export interface RecoveredLog {
  readonly files: LogFile[];
  readonly extents: Extent[];
  /** The position after the last record. */
  readonly next: number;
  /** Upper bound for the arrival times of all records, epoch milliseconds. */
  readonly lastAtMs: number;
  /** Unfinished writes at the end of the log. */
  readonly torn: readonly TornTail[];
}

export interface RecoverySettings {
  readonly streamId: string;
  readonly shardIndex: number;
  /** The most memory that an extent should use once it is read back. */
  readonly extentBytesMax: number;
  /** First position of the newest file that is known to be on disk, as are all files before it. */
  readonly newest: number;
  /** What the user can do about damage. */
  readonly hint: string;
}

const READ_BYTES_MIN = 1024 * 1024;

/** Reads whole files, one at a time, into memory that is reused. */
export class FileReader {
  #buffer = Buffer.alloc(0);

  /** The file's first `bytesMax` bytes. They are valid until the next call. */
  read(path: string, bytesMax = Number.POSITIVE_INFINITY): Buffer {
    return withFile(path, 'r', (fd) => {
      const size = Math.min(fstatSync(fd).size, bytesMax);
      if (size > this.#buffer.length) this.#buffer = Buffer.allocUnsafeSlow(Math.max(size, READ_BYTES_MIN));
      return this.#buffer.subarray(0, readFully(fd, this.#buffer.subarray(0, size), 0));
    });
  }
}

/** Verifies the files of one log, oldest first, and indexes their records. */
export class LogRecovery {
  readonly #settings: RecoverySettings;
  readonly #files: LogFile[] = [];
  readonly #extents: Extent[] = [];
  #next = FIRST_POSITION;
  #lastAtMs = Number.NEGATIVE_INFINITY;
  readonly #torn: TornTail[] = [];
  /** Memory that the last extent will use. */
  #extentBytes = 0;

  constructor(settings: RecoverySettings) {
    this.#settings = settings;
  }

  /**
   * Throws a DataDirError for damage that is not an unfinished write.
   * @param paths of all files, oldest first
   */
  run(paths: readonly string[], reader: FileReader): RecoveredLog {
    const begun = [...paths];
    for (let last = begun.at(-1); last !== undefined && this.#isBlank(last, reader); last = begun.at(-1)) begun.pop();
    for (const [i, path] of begun.entries()) this.#readFile(path, reader.read(path), begun.slice(i + 1));
    return { files: this.#files, extents: this.#extents, next: this.#next, lastAtMs: this.#lastAtMs, torn: this.#torn };
  }

  /** Whether the file's name is on disk but not its start. No write to such a file was acknowledged as synced. */
  #isBlank(path: string, reader: FileReader): boolean {
    const head = reader.read(path, HEADER_BYTES);
    if (head.length === HEADER_BYTES && !isUnwritten(head)) return false;
    const content = reader.read(path);
    if (this.#frameSyncedPast(content, 0, this.#seed(path)) !== undefined) return false;
    this.#torn.push({ path, at: 0, bytes: content.length });
    return true;
  }

  #readFile(path: string, content: Buffer, later: readonly string[]): void {
    const { streamId, shardIndex, newest } = this.#settings;
    const header = readHeader(content, streamId, shardIndex);
    if (isUnwritten(content)) throw this.#hole(path, 0, later, 'records follow');
    if (header === undefined || header.firstPosition !== firstPositionOf(path)) {
      throw this.#damaged(path, 0, 'it does not begin with the header of this log file');
    }
    const { firstPosition, atMs } = header;
    if (this.#files.length === 0) this.#next = firstPosition;
    if (firstPosition !== this.#next) {
      const what = `records before it are missing: it begins with record ${firstPosition} instead of ${this.#next}`;
      throw this.#lost(path, undefined, what, `delete ${this.#fileList([path, ...later])}`);
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
        this.#endTorn(file, content, later);
        return;
      }
      if (frame.firstPosition !== this.#next) {
        throw this.#damaged(path, file.bytes, `it has record ${frame.firstPosition} instead of ${this.#next}`);
      }
      this.#index(file, frame);
      file.bytes += frame.bytes;
    }
    if (firstPosition < newest) file.syncedBytes = file.bytes;
  }

  /** Treats bytes that are not a frame as an unfinished write. Throws if valid frames or files follow them. */
  #endTorn({ path, bytes, seed }: LogFile, content: Buffer, later: readonly string[]): void {
    const intact = this.#frameSyncedPast(content, bytes + 1, seed);
    if (intact !== undefined) {
      throw this.#hole(path, bytes, later, `intact records follow at byte ${intact.offset}`);
    }
    if (later.length > 0) throw this.#hole(path, bytes, later, 'another file follows');
    this.#torn.push({ path, at: bytes, bytes: content.length - bytes });
  }

  /**
   * The first frame from `offset` on that was written after the file was synced beyond `offset`. Such a frame proves
   * that the bytes at `offset` were on disk. Other frames do not: unsynced writes reach the disk in any order.
   */
  #frameSyncedPast(content: Buffer, offset: number, seed: number): Frame | undefined {
    for (const frame of findFrames(content, offset, seed)) if (frame.syncedBytes > offset) return frame;
    return undefined;
  }

  #hole(path: string, at: number, later: readonly string[], follows: string): DataDirError {
    const wrong = at === 0 ? 'its beginning is missing' : 'a checksum is wrong';
    const deleted = later.length === 0 ? '' : ` and delete ${this.#fileList(later)}`;
    return this.#lost(path, at, `${wrong}, and ${follows}`, `cut the file to ${at} bytes${deleted}`);
  }

  /** @param remedy how to restore the log as it was before the damage */
  #lost(path: string, at: number | undefined, what: string, remedy: string): DataDirError {
    const why = `${what}; the disk is failing, or the power was cut with --sync os`;
    return damaged(path, at, why, `${this.#settings.hint}, or, to keep the records before it, ${remedy}`);
  }

  #fileList(paths: readonly string[]): string {
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
      last?.onDisk?.file === file.firstPosition &&
      this.#extentBytes + memoryBytes <= this.#settings.extentBytesMax &&
      Segment.spans(last.firstAtMs, atMs)
    ) {
      last.endPosition = endPosition;
      last.lastAtMs = atMs;
      last.onDisk.bytes += bytes;
      this.#extentBytes += memoryBytes;
      return;
    }
    const onDisk = { file: file.firstPosition, offset: file.bytes, bytes };
    this.#extents.push({ firstPosition, endPosition, firstAtMs: atMs, lastAtMs: atMs, segment: undefined, onDisk });
    this.#extentBytes = memoryBytes;
  }

  #damaged(path: string, offset: number | undefined, what: string): DataDirError {
    return damaged(path, offset, what, this.#settings.hint);
  }
}

/** Whether the start of a file never reached the disk, which then returns zeros. */
function isUnwritten(content: Buffer): boolean {
  return content.subarray(0, HEADER_BYTES).every((byte) => byte === 0);
}

function firstPositionOf(path: string): number {
  return parseLogFileName(basename(path))!.firstPosition;
}
