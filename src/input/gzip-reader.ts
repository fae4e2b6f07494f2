import { finished } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { KloadError } from '../core/errors.js';
import type { ByteReader } from './byte-reader.js';

/** Deflate packs at most 1,032 to 1, so that this bounds the decompressed bytes waiting to some 30 MB, usually to 300 kB. */
const COMPRESSED_BYTES = 32 * 1024;
/**
 * Of what comes before damaged data, no more than this is lost. zlib's stream comes back to this thread for each chunk: with
 * half of it, reading gzipped NDJSON takes a fifth more processor time.
 */
const DECOMPRESSED_BYTES = 64 * 1024;
/** So much is decompressed ahead, while what came before is parsed. */
const AHEAD_BYTES = 256 * 1024;

/**
 * Decompresses gzip data of one or more members, files in zlib's thread while this one parses.
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
  #readyBytes = 0;
  #feeding = false;
  #ended = false;
  #failure: unknown;
  #fed = (): void => undefined;
  /** Called when there is something to read, or the end, or a failure. */
  #wake = (): void => undefined;

  constructor(source: ByteReader, label: string) {
    this.#source = source;
    this.#label = label;
    this.#gunzip.on('data', (chunk: Buffer) => {
      this.#ready.push(chunk);
      this.#readyBytes += chunk.length;
      this.#wake();
    });
    // A write that fails is never called back.
    this.#gunzip.on('error', (error) => {
      this.#failure = error;
      this.#fed();
    });
  }

  get isFile(): boolean {
    return this.#source.isFile;
  }

  async read(into: Buffer, at: number, max: number): Promise<number> {
    for (;;) {
      const first = this.#ready[0];
      if (first !== undefined) {
        const count = this.#take(first, into, at, max);
        if (this.isFile) this.#feedAhead();
        return count;
      }
      if (this.#failure !== undefined) throw this.#explain(this.#failure);
      if (this.#ended && !this.#feeding) return 0;
      const woken = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#feedAhead();
      await woken;
    }
  }

  async close(): Promise<void> {
    this.#ended = true;
    this.#gunzip.destroy();
    await this.#source.close();
  }

  #take(first: Buffer, into: Buffer, at: number, max: number): number {
    const count = first.copy(into, at, 0, max);
    if (count === first.length) this.#ready.shift();
    else this.#ready[0] = first.subarray(count);
    this.#readyBytes -= count;
    return count;
  }

  /** Feeds until enough has come out, and not twice at once. */
  #feedAhead(): void {
    if (this.#feeding || this.#ended || this.#failure !== undefined || this.#readyBytes >= AHEAD_BYTES) return;
    this.#feeding = true;
    this.#feed()
      .catch((error: unknown) => {
        this.#failure ??= error;
      })
      .finally(() => {
        this.#feeding = false;
        if (this.isFile) this.#feedAhead();
        this.#wake();
      });
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

  #explain(error: unknown): unknown {
    // What could not be read has its own words.
    if (error instanceof KloadError || !(error instanceof Error)) return error;
    const cutOff = 'code' in error && error.code === 'Z_BUF_ERROR';
    const what = cutOff ? 'cut off (unexpected end)' : `damaged (${error.message})`;
    return new KloadError(
      'input',
      `${this.#label}: the gzip data is ${what}`,
      'copy the file again, or check it with gzip -t',
    );
  }
}
