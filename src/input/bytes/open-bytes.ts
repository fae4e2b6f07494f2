import { constants, type Stats } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { KloadError, messageOf } from '../../core/errors.js';
import { isOutOfFiles, MORE_FILES } from '../../system/system-errors.js';
import { fileLabel, type InputSurroundings } from '../input-options.js';
import type { ByteReader, Tally } from './byte-reader.js';
import { GzipReader } from './gzip-reader.js';
import { beginsZstd, ZstdReader } from './zstd-reader.js';

/** Opens a file or standard input ('-'). Data that begins with the magic number of gzip or zstd is decompressed. */
export async function openBytes(file: string, surroundings: InputSurroundings, tally: Tally): Promise<ByteReader> {
  const raw = file === '-' ? new StreamReader(surroundings.stdin()) : await openFile(file, surroundings);
  try {
    const head = Buffer.alloc(4);
    let length = 0;
    for (let count = 1; count > 0 && length < head.length && !isText(head, length); length += count) {
      count = await raw.read(head, length, head.length - length);
    }
    const start = head.subarray(0, length);
    if (head[0] === 0x1f && head[1] === 0x8b) return new GzipReader(new HeadReader(start, raw), fileLabel(file), tally);
    if (length === head.length && beginsZstd(head)) {
      return new ZstdReader(new HeadReader(start, raw), fileLabel(file), tally);
    }
    return new HeadReader(start, raw, tally);
  } catch (error) {
    await raw.close();
    throw error;
  }
}

/** Neither gzip nor zstd begins like this, so that a pipe need not be waited for. */
function isText(head: Buffer, length: number): boolean {
  const [first, second] = head;
  const isSkippable = first! >> 4 === 5 && (length < 2 || second === 0x2a);
  return length > 0 && first !== 0x1f && first !== 0x28 && !isSkippable;
}

/**
 * Gets the size and kind of a file.
 * @throws KloadError `input` if it is missing, a directory or not accessible
 */
export async function statFile(file: string): Promise<Stats> {
  let stats: Stats;
  try {
    stats = await stat(file);
  } catch (error) {
    throw fileError(file, error);
  }
  if (stats.isDirectory()) throw new KloadError('input', `${file}: is a directory`, 'name the files in it');
  return stats;
}

/** An error of the operating system, in the user's words. */
export function fileError(file: string, error: unknown): KloadError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') return new KloadError('input', `${file}: no such file`);
  if (code === 'EACCES' || code === 'EPERM') return new KloadError('input', `${file}: no permission to read it`);
  if (isOutOfFiles(code)) return new KloadError('input', `${file}: too many files are open (${code})`, MORE_FILES);
  return new KloadError('input', `${file}: reading failed (${code ?? messageOf(error)})`);
}

async function openFile(file: string, { chunkBytes }: InputSurroundings): Promise<ByteReader> {
  try {
    const handle = await open(file, constants.O_RDONLY);
    const stats = await handle.stat();
    const reader = new FileReader(file, handle);
    // Files of /proc have content, but a size of 0.
    return stats.isFile() ? new AheadReader(reader, Math.min(chunkBytes, stats.size || chunkBytes)) : reader;
  } catch (error) {
    throw fileError(file, error);
  }
}

class FileReader implements ByteReader {
  /** It may be a named pipe, which must not be read ahead. */
  readonly isFile = false;
  readonly #file: string;
  readonly #handle: FileHandle;

  constructor(file: string, handle: FileHandle) {
    this.#file = file;
    this.#handle = handle;
  }

  async read(into: Buffer, at: number, max: number): Promise<number> {
    try {
      const { bytesRead } = await this.#handle.read(into, at, max, null);
      return bytesRead;
    } catch (error) {
      throw fileError(this.#file, error);
    }
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

/** Reads a file's next chunk while the previous one is parsed. The additional copy takes 3 % of the time. */
class AheadReader implements ByteReader {
  readonly isFile = true;
  readonly #file: ByteReader;
  readonly #chunk: Buffer;
  /** `#chunk[start, end)` was read ahead and not yet used. */
  #start = 0;
  #end = 0;
  #next: Promise<number> | undefined;

  constructor(file: ByteReader, chunkBytes: number) {
    this.#file = file;
    this.#chunk = Buffer.allocUnsafeSlow(chunkBytes);
  }

  async read(into: Buffer, at: number, max: number): Promise<number> {
    if (this.#start === this.#end) {
      const next = this.#next ?? this.#readNext();
      this.#next = undefined;
      this.#start = 0;
      this.#end = 0;
      this.#end = await next;
      if (this.#end === 0) return 0;
    }
    const count = this.#chunk.copy(into, at, this.#start, Math.min(this.#end, this.#start + max));
    this.#start += count;
    if (this.#start === this.#end) this.#next = this.#readNext();
    return count;
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  #readNext(): Promise<number> {
    const next = this.#file.read(this.#chunk, 0, this.#chunk.length);
    // An error is thrown by the `read` that needs this chunk, after the records before it.
    next.catch(() => undefined);
    return next;
  }
}

/** Reads standard input. Chunks have the sizes that the other side wrote, and are returned at once. */
class StreamReader implements ByteReader {
  readonly isFile = false;
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(stream: Readable) {
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  async read(into: Buffer, at: number, max: number): Promise<number> {
    while (this.#rest.length === 0) {
      const next = await this.#next();
      if (next.done === true) return 0;
      this.#rest = next.value;
    }
    const count = this.#rest.copy(into, at, 0, max);
    this.#rest = this.#rest.subarray(count);
    return count;
  }

  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  async #next(): Promise<IteratorResult<Buffer, unknown>> {
    try {
      return await this.#chunks.next();
    } catch (error) {
      throw fileError(fileLabel('-'), error);
    }
  }
}

/** Returns the first bytes, which were read to detect compression, and then the rest. */
class HeadReader implements ByteReader {
  readonly isFile: boolean;
  #head: Buffer;
  readonly #rest: ByteReader;
  readonly #tally: Tally | undefined;

  /** @param tally counts the bytes that are returned */
  constructor(head: Buffer, rest: ByteReader, tally?: Tally) {
    this.isFile = rest.isFile;
    this.#head = head;
    this.#rest = rest;
    this.#tally = tally;
  }

  async read(into: Buffer, at: number, max: number): Promise<number> {
    let count = this.#head.copy(into, at, 0, max);
    this.#head = this.#head.subarray(count);
    // The next bytes of a pipe may take long to come.
    if (count === 0 || (this.isFile && count < max)) count += await this.#rest.read(into, at + count, max - count);
    if (this.#tally !== undefined) this.#tally.bytes += count;
    return count;
  }

  close(): Promise<void> {
    return this.#rest.close();
  }
}
