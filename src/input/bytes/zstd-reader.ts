import { KloadError, messageOf } from '../../core/errors.js';
import type { ByteReader, Tally } from './byte-reader.js';
import { type ZstdBlocks, zstdBlocks } from './zstd-blocks.js';

const FRAME_MAGIC = 0xfd2fb528;
/** The first of sixteen numbers that begin frames without data. */
const SKIPPABLE_MAGIC = 0x184d2a50;
const MAGIC_BYTES = 4;
const BLOCK_HEAD_BYTES = 3;
const CHECKSUM_BYTES = 4;
/** The largest size of a decompressed block. */
const BLOCK_BYTES_MAX = 128 * 1024;
/** Kinds of blocks: one byte repeated, compressed, and an invalid kind. */
const REPEATED = 1;
const COMPRESSED = 2;
const RESERVED = 3;
const DICTIONARY_BYTES = [0, 1, 2, 4];
const SIZE_BYTES = [0, 2, 4, 8];

/** Decompresses Zstandard data of one or more frames, a block at a time, so that data before damaged blocks is read. */
export class ZstdReader implements ByteReader {
  readonly #source: ByteReader;
  readonly #label: string;
  readonly #tally: Tally;
  /** `#input[start, end)` was read from the source and not yet used. */
  #input = Buffer.allocUnsafeSlow(2 * BLOCK_BYTES_MAX);
  #start = 0;
  #end = 0;
  /** Decompressed and not yet returned. */
  #output: Uint8Array = new Uint8Array(0);
  #blocks: ZstdBlocks | undefined;
  /** The current frame; undefined between frames. */
  #frame: { readonly hasChecksum: boolean } | undefined;

  constructor(source: ByteReader, label: string, tally: Tally) {
    this.#source = source;
    this.#label = label;
    this.#tally = tally;
  }

  get isFile(): boolean {
    return this.#source.isFile;
  }

  async read(into: Buffer, at: number, max: number): Promise<number> {
    while (this.#output.length === 0) {
      if (!(await this.#decompressNext())) return 0;
    }
    const count = Math.min(max, this.#output.length);
    into.set(this.#output.subarray(0, count), at);
    this.#output = this.#output.subarray(count);
    return count;
  }

  close(): Promise<void> {
    return this.#source.close();
  }

  /** Decompresses the head of a frame, or a block; false at the end. */
  async #decompressNext(): Promise<boolean> {
    if (this.#frame !== undefined) {
      await this.#decompressBlock(this.#frame);
      return true;
    }
    if (!(await this.#has(1))) return false;
    await this.#need(MAGIC_BYTES + 1);
    const magic = this.#input.readUInt32LE(this.#start);
    if (magic === FRAME_MAGIC) await this.#beginFrame();
    else if (isSkippable(magic)) await this.#skipFrame();
    else throw this.#error('damaged (no frame begins where one should)');
    return true;
  }

  async #beginFrame(): Promise<void> {
    const descriptor = this.#input[this.#start + MAGIC_BYTES]!;
    const isOnePiece = (descriptor & 0x20) !== 0;
    const sizeFlag = descriptor >> 6;
    const sizeBytes = sizeFlag === 0 && isOnePiece ? 1 : SIZE_BYTES[sizeFlag]!;
    const windowBytes = isOnePiece ? 0 : 1;
    const headBytes = MAGIC_BYTES + 1 + windowBytes + DICTIONARY_BYTES[descriptor & 3]! + sizeBytes;
    if ((descriptor & 3) !== 0) throw this.#error('made with a dictionary');
    await this.#need(headBytes);
    this.#blocks ??= await zstdBlocks();
    this.#blocks.begin();
    this.#frame = { hasChecksum: (descriptor & 4) !== 0 };
    await this.#decompress(headBytes, false);
  }

  async #skipFrame(): Promise<void> {
    await this.#need(2 * MAGIC_BYTES);
    let left = 2 * MAGIC_BYTES + this.#input.readUInt32LE(this.#start + MAGIC_BYTES);
    while (left > 0) {
      await this.#need(1);
      const count = Math.min(left, this.#end - this.#start);
      this.#use(count);
      left -= count;
    }
  }

  async #decompressBlock({ hasChecksum }: { readonly hasChecksum: boolean }): Promise<void> {
    await this.#need(BLOCK_HEAD_BYTES);
    const head = this.#input.readUIntLE(this.#start, BLOCK_HEAD_BYTES);
    const isLast = (head & 1) === 1;
    const kind = (head >> 1) & 3;
    const length = kind === REPEATED ? 1 : head >> 3;
    if (kind === RESERVED || length > BLOCK_BYTES_MAX) throw this.#error('damaged (no block begins where one should)');
    const bytes = BLOCK_HEAD_BYTES + length + (isLast && hasChecksum ? CHECKSUM_BYTES : 0);
    await this.#need(bytes);
    await this.#decompress(bytes, kind === COMPRESSED || head >> 3 > 0);
    if (isLast) this.#frame = undefined;
  }

  async #decompress(bytes: number, holdsData: boolean): Promise<void> {
    const piece = this.#input.subarray(this.#start, this.#start + bytes);
    try {
      this.#output = (await this.#blocks?.decompress(piece, BLOCK_BYTES_MAX, holdsData)) ?? this.#output;
    } catch (error) {
      throw this.#error(`damaged (${messageOf(error)})`);
    }
    this.#use(bytes);
  }

  #use(bytes: number): void {
    this.#start += bytes;
    this.#tally.bytes += bytes;
  }

  async #need(bytes: number): Promise<void> {
    if (!(await this.#has(bytes))) throw this.#error('cut off (unexpected end)');
  }

  /** Reads until this many bytes are available; false if the source ends before. */
  async #has(bytes: number): Promise<boolean> {
    while (this.#end - this.#start < bytes) {
      if (this.#start > 0) {
        this.#input.copyWithin(0, this.#start, this.#end);
        this.#end -= this.#start;
        this.#start = 0;
      }
      const count = await this.#source.read(this.#input, this.#end, this.#input.length - this.#end);
      if (count === 0) return false;
      this.#end += count;
    }
    return true;
  }

  #error(what: string): KloadError {
    const hint = 'copy the file again, or check it with zstd -t';
    return new KloadError('input', `${this.#label}: the zstd data is ${what}`, hint);
  }
}

/** Whether a file begins with a Zstandard frame, with or without data. */
export function beginsZstd(head: Buffer): boolean {
  const magic = head.readUInt32LE(0);
  return magic === FRAME_MAGIC || isSkippable(magic);
}

function isSkippable(magic: number): boolean {
  return (magic & ~0xf) >>> 0 === SKIPPABLE_MAGIC;
}
