import type { ByteReader } from './byte-reader.js';

/**
 * The stretch of a file that is in memory: `bytes[start, end)` has been read and not yet been used. One buffer is filled
 * again and again; it grows only where a single record is larger than a chunk. Behind the end there is room for twice as
 * many bytes: text that has no place in the input (a key and headers of a line, unescaped) is never longer than it was there.
 */
export class Window {
  bytes: Buffer;
  start = 0;
  end = 0;
  readonly #chunkBytes: number;

  constructor(chunkBytes: number) {
    this.#chunkBytes = chunkBytes;
    this.bytes = Buffer.allocUnsafeSlow(2 * roomFor(chunkBytes));
  }

  get length(): number {
    return this.end - this.start;
  }

  clear(): void {
    this.start = 0;
    this.end = 0;
  }

  /** Keeps what is unused, reads a chunk behind it, and says whether there was one. */
  async fill(reader: ByteReader): Promise<boolean> {
    this.#makeRoom();
    const count = await reader.read(this.bytes, this.end, this.#chunkBytes);
    this.end += count;
    return count > 0;
  }

  #makeRoom(): void {
    const { bytes, start, end, length } = this;
    const needed = roomFor(length + this.#chunkBytes);
    if (needed > bytes.length) this.bytes = Buffer.allocUnsafeSlow(2 * needed);
    if (start > 0 || this.bytes !== bytes) bytes.copy(this.bytes, 0, start, end);
    this.start = 0;
    this.end = length;
  }
}

/** What so many bytes need with the room behind them. Nothing of it is memory until it is used. */
function roomFor(bytes: number): number {
  return 3 * bytes;
}
