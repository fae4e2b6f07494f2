import { constants, type Stats } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { KloadError, messageOf } from '../core/errors.js';
import type { ByteReader, Tally } from './byte-reader.js';
import { GzipReader } from './gzip-reader.js';
import { fileLabel, type InputSurroundings } from './input-options.js';

/** Opens a file or standard input ('-'); what begins with gzip's magic number is decompressed, whatever its name. */
export async function openBytes(file: string, surroundings: InputSurroundings, tally: Tally): Promise<ByteReader> {
  const raw = file === '-' ? new StreamReader(surroundings.stdin(), tally) : await openFile(file, tally);
  try {
    const head = Buffer.alloc(2);
    let length = 0;
    for (let count = 1; count > 0 && length < head.length; length += count) {
      count = await raw.read(head, length, head.length - length);
    }
    const whole = new HeadReader(head.subarray(0, length), raw);
    return head[0] === 0x1f && head[1] === 0x8b ? new GzipReader(whole, fileLabel(file)) : whole;
  } catch (error) {
    await raw.close();
    throw error;
  }
}

/**
 * Looks at a file without reading it.
 * @throws KloadError `input` if it is missing, a directory or can't be looked at
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

/** What the operating system refused, as a user's mistake. */
export function fileError(file: string, error: unknown): KloadError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') return new KloadError('input', `${file}: no such file`);
  if (code === 'EACCES' || code === 'EPERM') return new KloadError('input', `${file}: no permission to read it`);
  return new KloadError('input', `${file}: reading failed (${code ?? messageOf(error)})`);
}

async function openFile(file: string, tally: Tally): Promise<ByteReader> {
  try {
    return new FileReader(file, await open(file, constants.O_RDONLY), tally);
  } catch (error) {
    throw fileError(file, error);
  }
}

class FileReader implements ByteReader {
  readonly #file: string;
  readonly #handle: FileHandle;
  readonly #tally: Tally;

  constructor(file: string, handle: FileHandle, tally: Tally) {
    this.#file = file;
    this.#handle = handle;
    this.#tally = tally;
  }

  async read(into: Buffer, at: number, max: number): Promise<number> {
    try {
      const { bytesRead } = await this.#handle.read(into, at, max, null);
      this.#tally.bytes += bytesRead;
      return bytesRead;
    } catch (error) {
      throw fileError(this.#file, error);
    }
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

/** Standard input: chunks come in the sizes that the other side wrote, and are handed on at once. */
class StreamReader implements ByteReader {
  readonly #chunks: AsyncIterator<Buffer>;
  readonly #tally: Tally;
  #rest: Buffer = Buffer.alloc(0);

  constructor(stream: Readable, tally: Tally) {
    this.#chunks = stream[Symbol.asyncIterator]();
    this.#tally = tally;
  }

  async read(into: Buffer, at: number, max: number): Promise<number> {
    while (this.#rest.length === 0) {
      const next = await this.#next();
      if (next.done === true) return 0;
      this.#rest = next.value;
      this.#tally.bytes += next.value.length;
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

/** Gives back the first bytes, which were read to see what the file is, before the rest. */
class HeadReader implements ByteReader {
  #head: Buffer;
  readonly #rest: ByteReader;

  constructor(head: Buffer, rest: ByteReader) {
    this.#head = head;
    this.#rest = rest;
  }

  async read(into: Buffer, at: number, max: number): Promise<number> {
    if (this.#head.length === 0) return this.#rest.read(into, at, max);
    const count = this.#head.copy(into, at, 0, max);
    this.#head = this.#head.subarray(count);
    return count;
  }

  close(): Promise<void> {
    return this.#rest.close();
  }
}
