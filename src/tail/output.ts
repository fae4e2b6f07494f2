import { createWriteStream } from 'node:fs';
import { finished, type Writable } from 'node:stream';
import { createGzip, type Gzip } from 'node:zlib';
import { KloadError, messageOf } from '../core/errors.js';
import type { StreamRecord } from '../core/stream-record.js';
import { bytesOf } from './read-pace.js';
import type { FormatRecord } from './record-format.js';

/** What was compressed is written this often, so that a power cut costs no more. */
const FLUSH_EVERY_MS = 1_000;

/** Where the records go: standard output, or a file. Takes no more than the reader of it does, and counts what was taken. */
export class Output {
  /** Records that the system, or the compressor before it, has taken. */
  records = 0;
  /** Their data, keys and headers. */
  bytes = 0;
  /** Whoever read standard output has gone. */
  brokenPipe = false;
  readonly #to: Writable;
  /** Undefined: standard output. */
  readonly #path: string | undefined;
  readonly #format: FormatRecord;
  readonly #gzip: Gzip | undefined;
  #flushing: NodeJS.Timeout | undefined;
  #failure: Error | undefined;

  /** @param path where the name of a file ends in .gz, what it holds is compressed; undefined for what is no file */
  constructor(to: Writable, path: string | undefined, format: FormatRecord) {
    this.#to = to;
    this.#path = path;
    this.#format = format;
    // Each write tells of its own error; without a listener that would be a crash all the same.
    to.on('error', (error) => this.#fail(error));
    if (path?.endsWith('.gz') !== true) return;
    this.#gzip = createGzip();
    this.#gzip.on('error', (error) => this.#fail(error));
    this.#gzip.pipe(to);
  }

  /** Throws a KloadError (output) when the file cannot be written, or is there and must not be overwritten. */
  static async toFile(path: string, overwrites: boolean, format: FormatRecord): Promise<Output> {
    const file = createWriteStream(path, { flags: overwrites ? 'w' : 'wx', flush: true });
    await new Promise<void>((resolve, reject) => {
      file.once('open', () => resolve());
      file.once('error', (error: NodeJS.ErrnoException) => reject(openError(path, error)));
    });
    return new Output(file, path, format);
  }

  /**
   * Resolves when the records were taken; false: nobody reads any more.
   * Throws a KloadError (output) when the disk takes no more.
   */
  async write(batch: readonly StreamRecord[]): Promise<boolean> {
    const bytes = bytesOf(batch);
    const error = this.#failure ?? (await this.#write(this.#formatAll(batch)));
    if (error == null) {
      this.records += batch.length;
      this.bytes += bytes;
      this.#flushSoon();
      return true;
    }
    if (this.#path === undefined && (error as NodeJS.ErrnoException).code === 'EPIPE') {
      this.brokenPipe = true;
      return false;
    }
    throw this.#writeError(this.#failure ?? error);
  }

  /** Resolves when the disk has all of a file. Throws a KloadError (output) where that fails. */
  async close(): Promise<void> {
    clearTimeout(this.#flushing);
    if (this.#path === undefined || this.#failure !== undefined) return;
    (this.#gzip ?? this.#to).end();
    await new Promise<void>((resolve) => finished(this.#to, { readable: false }, () => resolve()));
    if (this.#failure !== undefined) throw this.#writeError(this.#failure);
  }

  #formatAll(batch: readonly StreamRecord[]): string | Buffer {
    const pieces = batch.map((record) => this.#format(record));
    return pieces.every((piece) => typeof piece === 'string')
      ? pieces.join('')
      : Buffer.concat(pieces.map((piece) => Buffer.from(piece)));
  }

  #write(chunk: string | Buffer): Promise<Error | null | undefined> {
    return new Promise((resolve) => (this.#gzip ?? this.#to).write(chunk, resolve));
  }

  #flushSoon(): void {
    if (this.#gzip === undefined || this.#flushing !== undefined) return;
    this.#flushing = setTimeout(() => {
      this.#flushing = undefined;
      this.#gzip?.flush();
    }, FLUSH_EVERY_MS);
  }

  /** A compressor whose file is gone would keep what waits for it for ever. */
  #fail(error: Error): void {
    this.#failure ??= error;
    this.#gzip?.destroy(error);
  }

  #writeError(error: Error): KloadError {
    const place = this.#path === undefined ? 'standard output' : `--output ${this.#path}`;
    return new KloadError('output', `${place}: ${messageOf(error)}`, 'free some space, or name another file');
  }
}

function openError(path: string, error: NodeJS.ErrnoException): KloadError {
  return error.code === 'EEXIST'
    ? new KloadError('output', `${path} is there already`, 'name another file with --output, or pass --force')
    : new KloadError('output', `--output ${path} cannot be written: ${error.message}`, 'name another file');
}
