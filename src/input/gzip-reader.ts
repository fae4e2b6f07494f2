import { finished } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { KloadError } from '../core/errors.js';
import type { ByteReader } from './byte-reader.js';

/** Deflate packs at most 1,032 to 1, so that this bounds the decompressed bytes waiting to some 30 MB, usually to 300 kB. */
const COMPRESSED_BYTES = 32 * 1024;
/** Of what comes before damaged data, no more than this is lost. */
const DECOMPRESSED_BYTES = 32 * 1024;

/**
 * Decompresses gzip data of one or more members.
 *
 * The stream is fed by hand and its output taken at once: piped, it would throw away what it holds as soon as it meets
 * damaged data, and records before the damage would be lost.
 */
export class GzipReader implements ByteReader {
  readonly #source: ByteReader;
  readonly #label: string;
  readonly #gunzip = createGunzip({ chunkSize: DECOMPRESSED_BYTES });
  readonly #compressed = Buffer.allocUnsafeSlow(COMPRESSED_BYTES);
  readonly #ready: Buffer[] = [];
  #ended = false;
  #failure: Error | undefined;
  #fed = (): void => undefined;

  constructor(source: ByteReader, label: string) {
    this.#source = source;
    this.#label = label;
    this.#gunzip.on('data', (chunk: Buffer) => this.#ready.push(chunk));
    // A write that fails is never called back.
    this.#gunzip.on('error', (error) => {
      this.#failure = error;
      this.#fed();
    });
  }

  async read(into: Buffer, at: number, max: number): Promise<number> {
    for (;;) {
      const first = this.#ready[0];
      if (first !== undefined) return this.#take(first, into, at, max);
      if (this.#failure !== undefined) throw this.#explain(this.#failure);
      if (this.#ended) return 0;
      await this.#feed();
    }
  }

  async close(): Promise<void> {
    this.#gunzip.destroy();
    await this.#source.close();
  }

  #take(first: Buffer, into: Buffer, at: number, max: number): number {
    const count = first.copy(into, at, 0, max);
    if (count === first.length) this.#ready.shift();
    else this.#ready[0] = first.subarray(count);
    return count;
  }

  async #feed(): Promise<void> {
    const count = await this.#source.read(this.#compressed, 0, COMPRESSED_BYTES);
    if (count > 0) {
      await new Promise<void>((resolve) => {
        this.#fed = resolve;
        this.#gunzip.write(this.#compressed.subarray(0, count), () => resolve());
      });
      return;
    }
    this.#ended = true;
    this.#gunzip.end();
    // What goes wrong here is told by the error event, too.
    await finished(this.#gunzip).catch(() => undefined);
  }

  #explain(error: Error): KloadError {
    const cutOff = 'code' in error && error.code === 'Z_BUF_ERROR';
    const what = cutOff ? 'cut off (unexpected end)' : `damaged (${error.message})`;
    return new KloadError(
      'input',
      `${this.#label}: the gzip data is ${what}`,
      'copy the file again, or check it with gzip -t',
    );
  }
}
