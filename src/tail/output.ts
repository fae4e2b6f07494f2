import { createWriteStream } from 'node:fs';
import { finished, type Writable } from 'node:stream';
import { createGzip, type Gzip } from 'node:zlib';
import { KloadError, messageOf } from '../core/errors.js';
import type { StreamRecord } from '../core/stream-record.js';
import { bytesOf } from './read-pace.js';
import type { FormatRecords } from './record-format.js';

/** How often compressed data is flushed, which bounds the loss in a power cut. */
const FLUSH_EVERY_MS = 1_000;

/** Takes the records of a tail, and counts them. */
export interface RecordSink {
  readonly records: number;
  /** The size of their data, keys and headers. */
  readonly bytes: number;
  /** Resolves with true when the records were accepted, or with false if no more are wanted. */
  write(batch: readonly StreamRecord[]): Promise<boolean>;
}

/** Writes the records to standard output or to a file, no faster than they are read there, and counts them. */
export class Output implements RecordSink {
  /** The records that the system, or the compressor, has accepted. */
  records = 0;
  /** The size of their data, keys and headers. */
  bytes = 0;
  readonly #to: Writable;
  /** Undefined: standard output. */
  readonly #path: string | undefined;
  readonly #format: FormatRecords;
  readonly #gzip: Gzip | undefined;
  #flushing: NodeJS.Timeout | undefined;
  #failure: Error | undefined;

  /** @param path the file's path, which makes it compressed if it ends in .gz; undefined: standard output */
  constructor(to: Writable, path: string | undefined, format: FormatRecords) {
    this.#to = to;
    this.#path = path;
    this.#format = format;
    // Each write reports its own error, but without this listener the error would also crash the process.
    to.on('error', (error) => this.#fail(error));
    if (path?.endsWith('.gz') !== true) return;
    this.#gzip = createGzip();
    this.#gzip.on('error', (error) => this.#fail(error));
    this.#gzip.pipe(to);
  }

  /** Throws a KloadError (output) if the file cannot be written, or exists and must not be overwritten. */
  static async toFile(path: string, overwrites: boolean, format: FormatRecords): Promise<Output> {
    const file = createWriteStream(path, { flags: overwrites ? 'w' : 'wx', flush: true });
    await new Promise<void>((resolve, reject) => {
      file.once('open', () => resolve());
      file.once('error', (error: NodeJS.ErrnoException) => reject(openError(path, error)));
    });
    return new Output(file, path, format);
  }

  /**
   * Resolves with true when the records were accepted, or with false if the reader has closed standard output.
   * Throws a KloadError (output) if they cannot be written.
   */
  async write(batch: readonly StreamRecord[]): Promise<boolean> {
    const bytes = bytesOf(batch);
    const error = this.#failure ?? (await this.#write(this.#format(batch)));
    if (error == null) {
      this.records += batch.length;
      this.bytes += bytes;
      this.#flushSoon();
      return true;
    }
    if (this.#path === undefined && (error as NodeJS.ErrnoException).code === 'EPIPE') return false;
    throw this.#writeError(this.#failure ?? error);
  }

  /** Resolves when the whole file is on disk. Throws a KloadError (output) if that fails. */
  async close(): Promise<void> {
    clearTimeout(this.#flushing);
    if (this.#path === undefined || this.#failure !== undefined) return;
    (this.#gzip ?? this.#to).end();
    await new Promise<void>((resolve) => finished(this.#to, { readable: false }, () => resolve()));
    if (this.#failure !== undefined) throw this.#writeError(this.#failure);
  }

  #write(chunk: string | Uint8Array): Promise<Error | null | undefined> {
    return new Promise((resolve) => (this.#gzip ?? this.#to).write(chunk, resolve));
  }

  #flushSoon(): void {
    if (this.#gzip === undefined || this.#flushing !== undefined) return;
    this.#flushing = setTimeout(() => {
      this.#flushing = undefined;
      this.#gzip?.flush();
    }, FLUSH_EVERY_MS);
  }

  /** Also destroys the compressor, which would otherwise never complete the writes that wait for it. */
  #fail(error: Error): void {
    this.#failure ??= error;
    this.#gzip?.destroy(error);
  }

  #writeError(error: Error): KloadError {
    const name = this.#path === undefined ? 'standard output' : `--output ${this.#path}`;
    return new KloadError('output', `${name}: ${messageOf(error)}`, 'free some space, or name another file');
  }
}

function openError(path: string, error: NodeJS.ErrnoException): KloadError {
  return error.code === 'EEXIST'
    ? new KloadError('output', `${path} already exists`, 'name another file with --output, or pass --force')
    : new KloadError('output', `--output ${path} cannot be written: ${error.message}`, 'name another file');
}
