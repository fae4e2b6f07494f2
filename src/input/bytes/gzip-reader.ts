import { createGunzip } from 'node:zlib';
import { KloadError } from '../../core/errors.js';
import type { ByteReader, Tally } from './byte-reader.js';

/**
 * What zlib is given at once. Two pieces take turns, one decompressed and one behind it, so that zlib goes on by itself where
 * a piece ends.
 */
const PIECE_BYTES = 256 * 1024;
/**
 * What zlib gives back at once. Each chunk is a way to zlib's thread and back, and zlib copies 32 KiB for itself: chunks of
 * 16 KiB, its default, take 1.6 times as long to decompress. Of what comes before damaged data, no more than two are lost.
 */
const CHUNK_BYTES = 128 * 1024;
/** So much is decompressed ahead; zlib may have two chunks more on their way. */
const AHEAD_BYTES = 256 * 1024;

type Piece = Buffer<ArrayBuffer>;

/** Decompressed bytes, and where in the compressed ones they end. */
interface Chunk {
  bytes: Buffer;
  readonly compressedEnd: number;
}

/**
 * Decompresses gzip data of one or more members, files in zlib's thread while this one parses.
 *
 * zlib's stream is fed by hand and its output taken at once: when it fails it throws away what it holds, and records before
 * damaged data would be lost. Paused, it holds one chunk and stops. It is told of the end only when it holds nothing, so that
 * nothing is lost before the end of a file that is cut off.
 */
export class GzipReader implements ByteReader {
  readonly #source: ByteReader;
  readonly #label: string;
  readonly #tally: Tally;
  readonly #gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  /** Pieces that zlib has no use of. */
  readonly #free = [Buffer.allocUnsafeSlow(PIECE_BYTES), Buffer.allocUnsafeSlow(PIECE_BYTES)];
  readonly #pieces = this.#free.length;
  readonly #ready: Chunk[] = [];
  #readyBytes = 0;
  /** Compressed bytes read, and those of them that the tally knows of. */
  #compressedBytes = 0;
  #toldBytes = 0;
  #reading = false;
  /** How the source ended: at its end, or with an error. */
  #sourceEnd: { readonly error?: unknown } | undefined;
  #ended = false;
  #failure: unknown;
  /** Called when there is something to read, or the end, or a failure. */
  #wake = (): void => undefined;

  /** @param tally gets the compressed bytes of what was taken, not of what was decompressed ahead */
  constructor(source: ByteReader, label: string, tally: Tally) {
    this.#source = source;
    this.#label = label;
    this.#tally = tally;
    this.#gunzip.on('data', (bytes: Buffer) => this.#add(bytes));
    this.#gunzip.on('error', (error) => this.#fail(error));
    // Also where zeros follow the last member, which are no data.
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
        this.#tell(this.#compressedBytes);
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
      this.#tell(first.compressedEnd);
    } else {
      first.bytes = first.bytes.subarray(count);
    }
    this.#readyBytes -= count;
    if (this.#readyBytes < AHEAD_BYTES && this.#gunzip.isPaused()) this.#gunzip.resume();
    return count;
  }

  #tell(compressedBytes: number): void {
    this.#tally.bytes += compressedBytes - this.#toldBytes;
    this.#toldBytes = compressedBytes;
  }

  /** Reads the next piece: of a file while there is a free one, of anything else only when nothing is left of the last. */
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
    // A write that fails is not always called back, and told by the error event.
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

  /** Once the stream holds nothing of what was read, the source's end is its end. */
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
