import type { ByteReader } from './byte-reader.js';

/**
 * The part of a file that is in memory: `bytes[start, end)` was read and not yet used. The same buffer is filled again
 * and again. It grows only if a single record is larger than a chunk. After the end there is room for twice as many
 * bytes, for text that can't be unescaped in place: a key and headers are never longer than the line that they are part
 * of.
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

  /** Keeps the unused bytes, and reads a chunk after them; false if there was none. */
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

/** The size of a buffer for this many bytes and the room after them. Unused pages take no memory. */
function roomFor(bytes: number): number {
  return 3 * bytes;
}
