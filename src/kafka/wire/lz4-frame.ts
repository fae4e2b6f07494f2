import type { compressBlock, decompressBlock } from 'lz4js';

/** The functions of lz4js that kload uses. Brokers refuse its frames, and it cannot read all that they return. */
export interface Lz4Blocks {
  readonly compressBlock: typeof compressBlock;
  readonly decompressBlock: typeof decompressBlock;
}

/** Magic number; version 1, independent blocks as Kafka requires; blocks of up to 64 KiB; checksum of these. */
const HEAD = Buffer.of(0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82);
const BLOCK_BYTES_MAX = 64 * 1024;
/**
 * Readers decompress a block into a buffer of the maximum size, and refuse a match that begins in the buffer's last 12
 * bytes. lz4js writes such matches, so blocks must end before them.
 */
const BLOCK_BYTES = BLOCK_BYTES_MAX - 12;
/** While lz4js compresses an incompressible block, its output grows by up to 1/255 before lz4js gives up. */
const GROWTH_BYTES_MAX = BLOCK_BYTES / 255 + 64;
const END_MARK_BYTES = 4;
const BLOCK_HEAD_BYTES = 4;

const MAGIC = HEAD.readUInt32LE(0);
/** This bit of a block's size marks an uncompressed block. */
const UNCOMPRESSED = 0x80000000;
const HAS_DICTIONARY = 0x01;
const HAS_CONTENT_CHECKSUM = 0x04;
const HAS_CONTENT_SIZE = 0x08;
const HAS_BLOCK_CHECKSUMS = 0x10;
const CHECKSUM_BYTES = 4;
const TRUNCATED = 'the LZ4 frame is truncated';

/** The compressor's hash table. Cleared for each block, because blocks must not refer to earlier ones. */
const hashTable = new Uint32Array(1 << 16);

/**
 * ```
 * magic     UINT32LE  0x184d2204
 * flags     UINT8     version, and whether blocks are independent and which optional fields are present
 * max_size  UINT8     bits 4-6: n, for blocks of up to 256 * 4^n bytes
 * [content_size      UINT64LE]
 * [dictionary_id     UINT32LE]
 * checksum  UINT8     of the flags up to here
 * blocks:
 *   size    UINT32LE  highest bit: not compressed; 0: end of the blocks
 *   data
 *   [checksum        UINT32LE]
 * [content_checksum  UINT32LE]
 * ```
 * Frames written here have none of the optional fields.
 */
export function compressLz4(bytes: Uint8Array, { compressBlock }: Lz4Blocks): Uint8Array {
  const blocks = Math.ceil(bytes.length / BLOCK_BYTES);
  const roomBytes = HEAD.length + blocks * BLOCK_HEAD_BYTES + bytes.length + GROWTH_BYTES_MAX + END_MARK_BYTES;
  const into = Buffer.allocUnsafe(Math.ceil(roomBytes));
  let at = HEAD.copy(into);
  for (let from = 0; from < bytes.length; from += BLOCK_BYTES) {
    const block = bytes.subarray(from, from + BLOCK_BYTES);
    hashTable.fill(0);
    const to = at + BLOCK_HEAD_BYTES;
    const length = compressBlock(block, into.subarray(to), 0, block.length, hashTable);
    if (length > 0 && length < block.length) {
      into.writeUInt32LE(length, at);
      at = to + length;
    } else {
      into.writeUInt32LE(UNCOMPRESSED + block.length, at);
      into.set(block, to);
      at = to + block.length;
    }
  }
  into.writeUInt32LE(0, at);
  return into.subarray(0, at + END_MARK_BYTES);
}

/** @throws Error if the bytes are not a complete LZ4 frame */
export function decompressLz4(frame: Buffer, { decompressBlock }: Lz4Blocks): Buffer {
  if (frame.length < HEAD.length || frame.readUInt32LE(0) !== MAGIC) throw new Error('not an LZ4 frame');
  const flags = frame[4]!;
  const blockBytesMax = 4 ** ((frame[5]! >> 4) & 7) * 256;
  let at = HEAD.length + (flags & HAS_CONTENT_SIZE ? 8 : 0) + (flags & HAS_DICTIONARY ? 4 : 0);
  let into: Buffer = Buffer.allocUnsafe(Math.min(frame.length * 4, 4 * blockBytesMax) + blockBytesMax);
  let end = 0;
  for (;;) {
    const head = readLength(frame, at);
    at += BLOCK_HEAD_BYTES;
    if (head === 0) break;
    const length = head % UNCOMPRESSED;
    if (at + length > frame.length) throw new Error(TRUNCATED);
    if (into.length - end < Math.max(blockBytesMax, length)) into = grown(into, end, Math.max(blockBytesMax, length));
    const before = end;
    if (head >= UNCOMPRESSED) end += frame.copy(into, end, at, at + length);
    else end = decompressBlock(frame, into, at, length, end);
    // Negated so that NaN, which lz4js returns for some damaged blocks, is refused.
    if (!(end - before <= Math.max(blockBytesMax, length))) throw new Error('an LZ4 block is damaged');
    at += length + (flags & HAS_BLOCK_CHECKSUMS ? CHECKSUM_BYTES : 0);
  }
  if (flags & HAS_CONTENT_CHECKSUM && at + CHECKSUM_BYTES > frame.length) throw new Error(TRUNCATED);
  return into.subarray(0, end);
}

function readLength(frame: Buffer, at: number): number {
  if (at + BLOCK_HEAD_BYTES > frame.length) throw new Error(TRUNCATED);
  return frame.readUInt32LE(at);
}

function grown(bytes: Buffer, used: number, more: number): Buffer {
  const into = Buffer.allocUnsafe(2 * bytes.length + more);
  bytes.copy(into, 0, 0, used);
  return into;
}
