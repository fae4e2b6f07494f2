import { createGunzip } from 'node:zlib';
import { KloadError } from '../../core/errors.js';
import type { ByteReader, Tally } from './byte-reader.js';

/**
 * Bytes that zlib gets at once. Of two pieces one is decompressed while the other waits, so that zlib never runs dry.
 */
const PIECE_BYTES = 256 * 1024;
/**
 * Bytes that zlib returns at once. Each chunk is a round trip to zlib's thread, and zlib copies 32 KiB for itself: with
 * chunks of 16 KiB, its default, decompression takes 1.6 times as long. At most two chunks before damaged data are
 * lost.
 */
const CHUNK_BYTES = 128 * 1024;
/** Bytes that are decompressed ahead. zlib may add two more chunks. */
const AHEAD_BYTES = 256 * 1024;

type Piece = Buffer<ArrayBuffer>;

/** Decompressed bytes, and where they end in the compressed data. */
interface Chunk {
  bytes: Buffer;
  readonly compressedEnd: number;
}

/**
 * Decompresses gzip data of one or more members. Files are decompressed in zlib's thread while this one parses.
 *
 * zlib's stream drops what it holds when it fails, so records before damaged data would be lost. This is why it is fed
 * piece by piece, and its output is taken at once. A paused stream holds one chunk and stops. The stream is ended only
 * when it holds nothing, so that nothing is lost at the end of a file that is cut off.
 */
export class GzipReader implements ByteReader {
  readonly #source: ByteReader;
  readonly #label: string;
  readonly #tally: Tally;
  readonly #gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  /** Pieces that zlib does not use at the moment. */
  readonly #free = [Buffer.allocUnsafeSlow(PIECE_BYTES), Buffer.allocUnsafeSlow(PIECE_BYTES)];
  readonly #pieces = this.#free.length;
  readonly #ready: Chunk[] = [];
  #readyBytes = 0;
  /** Compressed bytes read, and those of them that the tally counted. */
  #compressedBytes = 0;
  #countedBytes = 0;
  #reading = false;
  /** Set once the source ended, with an error if that was the reason. */
  #sourceEnd: { readonly error?: unknown } | undefined;
  #ended = false;
  #failure: unknown;
  /** Called when there is data, the end or an error to return. */
  #wake = (): void => undefined;

  /** @param tally counts the compressed bytes of what was taken, not of what was decompressed ahead */
  constructor(source: ByteReader, label: string, tally: Tally) {
    this.#source = source;
    this.#label = label;
    this.#tally = tally;
    this.#gunzip.on('data', (bytes: Buffer) => this.#add(bytes));
    this.#gunzip.on('error', (error) => this.#fail(error));
    // Emitted after zeros behind the last member, too: they are padding.
    this.#gunzip.on('end', () => {
      this.#ended = true;
      this.#wake();
    });
  }

  get isFile(): boolean {
    return this.#source.isFile;
  }

  async read(into: Buffer, at: number, max: number): Promise<number> {
    for (;;) {
      const first = this.#ready[0];
      if (first !== undefined) return this.#take(first, into, at, max);
      if (this.#failure !== undefined) throw this.#explain(this.#failure);
      if (this.#ended) {
        this.#count(this.#compressedBytes);
        return 0;
      }
      const woken = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#feed();
      await woken;
    }
  }

  async close(): Promise<void> {
    this.#ended = true;
    this.#gunzip.destroy();
    await this.#source.close();
  }

  #add(bytes: Buffer): void {
    this.#ready.push({ bytes, compressedEnd: this.#gunzip.bytesWritten });
    this.#readyBytes += bytes.length;
    if (this.#readyBytes >= AHEAD_BYTES) this.#gunzip.pause();
    this.#finish();
    this.#wake();
  }

  #take(first: Chunk, into: Buffer, at: number, max: number): number {
    const count = first.bytes.copy(into, at, 0, max);
    if (count === first.bytes.length) {
      this.#ready.shift();
      this.#count(first.compressedEnd);
    } else {
      first.bytes = first.bytes.subarray(count);
    }
    this.#readyBytes -= count;
    if (this.#readyBytes < AHEAD_BYTES && this.#gunzip.isPaused()) this.#gunzip.resume();
    return count;
  }

  #count(compressedBytes: number): void {
    this.#tally.bytes += compressedBytes - this.#countedBytes;
    this.#countedBytes = compressedBytes;
  }

  /** Reads the next piece: of a file if one is free, of anything else only once the last one was used up. */
  #feed(): void {
    if (this.#reading || this.#ended || this.#sourceEnd !== undefined) return;
    if (this.#free.length < (this.isFile ? 1 : this.#pieces)) return;
    const piece = this.#free.pop()!;
    this.#reading = true;
    this.#source.read(piece, 0, piece.length).then(
      (count) => this.#write(piece, count),
      (error: unknown) => this.#endSource(piece, { error }),
    );
  }

  #write(piece: Piece, count: number): void {
    this.#reading = false;
    if (this.#ended) return;
    if (count === 0) {
      this.#endSource(piece, {});
      return;
    }
    this.#compressedBytes += count;
    // A write that fails does not always call back. The error event reports it.
    this.#gunzip.write(piece.subarray(0, count), (error) => {
      if (error === null || error === undefined) this.#reuse(piece);
    });
    if (this.isFile) this.#feed();
  }

  #reuse(piece: Piece): void {
    this.#free.push(piece);
    this.#finish();
    if (this.isFile) this.#feed();
    else this.#wake();
  }

  #endSource(piece: Piece, end: { readonly error?: unknown }): void {
    this.#sourceEnd = end;
    this.#free.push(piece);
    this.#finish();
  }

  /** Ends the stream, like the source, once it holds no more data. */
  #finish(): void {
    if (this.#sourceEnd === undefined || this.#free.length < this.#pieces || this.#gunzip.readableLength > 0) return;
    if (this.#sourceEnd.error !== undefined) this.#fail(this.#sourceEnd.error);
    else this.#gunzip.end();
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    this.#wake();
  }

  #explain(error: unknown): unknown {
    // An error of the source has its own message.
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
