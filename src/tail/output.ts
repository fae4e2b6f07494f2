import { createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';
import { KloadError, messageOf } from '../core/errors.js';
import type { StreamRecord } from '../kinesis/readable-stream.js';
import { bytesOf } from './read-pace.js';
import type { FormatRecord } from './record-format.js';

/** Where the records go: standard output, or a file. Takes no more than the reader of it does, and counts what was taken. */
export class Output {
  /** Records that the system has taken. */
  records = 0;
  /** Their data and keys. */
  bytes = 0;
  /** Whoever read standard output has gone. */
  brokenPipe = false;
  readonly #to: Writable;
  readonly #path: string | undefined;
  readonly #format: FormatRecord;
  #failure: Error | undefined;

  constructor(to: Writable, path: string | undefined, format: FormatRecord) {
    this.#to = to;
    this.#path = path;
    this.#format = format;
    // Each write tells of its own error; without a listener that would be a crash all the same.
    to.on('error', (error) => {
      this.#failure ??= error;
    });
  }

  /** A file is written anew. Throws a KloadError (output) when it cannot be. */
  static async toFile(path: string, format: FormatRecord): Promise<Output> {
    const file = createWriteStream(path);
    await new Promise<void>((resolve, reject) => {
      file.once('open', () => resolve());
      file.once('error', (error) => {
        reject(new KloadError('output', `--output ${path} cannot be written: ${error.message}`, 'name another file'));
      });
    });
    return new Output(file, path, format);
  }

  /**
   * Resolves when the system has taken the records; false: nobody reads any more.
   * Throws a KloadError (output) when the disk takes no more.
   */
  async write(batch: readonly StreamRecord[]): Promise<boolean> {
    const bytes = bytesOf(batch);
    const error = this.#failure ?? (await this.#write(this.#formatAll(batch)));
    if (error == null) {
      this.records += batch.length;
      this.bytes += bytes;
      return true;
    }
    if (this.#path === undefined && (error as NodeJS.ErrnoException).code === 'EPIPE') {
      this.brokenPipe = true;
      return false;
    }
    const place = this.#path === undefined ? 'standard output' : `--output ${this.#path}`;
    throw new KloadError('output', `${place}: ${messageOf(error)}`, 'free some space, or name another file');
  }

  async close(): Promise<void> {
    if (this.#path === undefined || this.#failure !== undefined) return;
    await new Promise<void>((resolve) => this.#to.end(resolve));
  }

  #formatAll(batch: readonly StreamRecord[]): string | Buffer {
    const pieces = batch.map((record) => this.#format(record));
    return pieces.every((piece) => typeof piece === 'string')
      ? pieces.join('')
      : Buffer.concat(pieces.map((piece) => Buffer.from(piece)));
  }

  #write(chunk: string | Buffer): Promise<Error | null | undefined> {
    return new Promise((resolve) => this.#to.write(chunk, resolve));
  }
}
