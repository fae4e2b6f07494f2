import type { compressBlock, decompressBlock } from 'lz4js';

/** The part of lz4js that is used: its own frames are none that Kafka takes, and it can't read all that Kafka has. */
export interface Lz4Blocks {
  readonly compressBlock: typeof compressBlock;
  readonly decompressBlock: typeof decompressBlock;
}

/** The magic number; version 1 with independent blocks, which Kafka wants; blocks of 64 KiB; the checksum of these two bytes. */
const HEAD = Buffer.of(0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82);
const BLOCK_BYTES_MAX = 64 * 1024;
/**
 * Readers unpack a block into room for the largest, and refuse a match that begins in the last 12 bytes of that room. lz4js
 * makes such ones, so that no block may reach there.
 */
const BLOCK_BYTES = BLOCK_BYTES_MAX - 12;
/** A block grows by a 255th while it is compressed, before it turns out not to be worth it. */
const GROWTH_BYTES_MAX = BLOCK_BYTES / 255 + 64;
const END_MARK_BYTES = 4;
const BLOCK_HEAD_BYTES = 4;

const MAGIC = HEAD.readUInt32LE(0);
/** In the length of a block: it is not compressed. */
const PLAIN = 0x80000000;
const HAS_DICTIONARY = 0x01;
const HAS_CONTENT_CHECKSUM = 0x04;
const HAS_CONTENT_SIZE = 0x08;
const HAS_BLOCK_CHECKSUMS = 0x10;
const CHECKSUM_BYTES = 4;

/** Where a block's beginnings were seen; cleared for each, since none may refer to one before. */
const seen = new Uint32Array(1 << 16);

export function compressLz4(bytes: Uint8Array, { compressBlock }: Lz4Blocks): Uint8Array {
  const blocks = Math.ceil(bytes.length / BLOCK_BYTES);
  const roomBytes = HEAD.length + blocks * BLOCK_HEAD_BYTES + bytes.length + GROWTH_BYTES_MAX + END_MARK_BYTES;
  const into = Buffer.allocUnsafe(Math.ceil(roomBytes));
  let at = HEAD.copy(into);
  for (let from = 0; from < bytes.length; from += BLOCK_BYTES) {
    const block = bytes.subarray(from, from + BLOCK_BYTES);
    seen.fill(0);
    const to = at + BLOCK_HEAD_BYTES;
    const length = compressBlock(block, into.subarray(to), 0, block.length, seen);
    if (length > 0 && length < block.length) {
      into.writeUInt32LE(length, at);
      at = to + length;
    } else {
      into.writeUInt32LE(PLAIN + block.length, at);
      into.set(block, to);
      at = to + block.length;
    }
  }
  into.writeUInt32LE(0, at);
  return into.subarray(0, at + END_MARK_BYTES);
}

/** @throws Error where it is no frame of LZ4 */
export function decompressLz4(frame: Buffer, { decompressBlock }: Lz4Blocks): Buffer {
  if (frame.length < HEAD.length || frame.readUInt32LE(0) !== MAGIC) throw new Error('no frame of LZ4');
  const flags = frame[4]!;
  const blockBytesMax = 4 ** ((frame[5]! >> 4) & 7) * 256;
  let at = HEAD.length + (flags & HAS_CONTENT_SIZE ? 8 : 0) + (flags & HAS_DICTIONARY ? 4 : 0);
  let into: Buffer = Buffer.allocUnsafe(Math.min(frame.length * 4, 4 * blockBytesMax) + blockBytesMax);
  let end = 0;
  for (;;) {
    const head = readLength(frame, at);
    at += BLOCK_HEAD_BYTES;
    if (head === 0) break;
    const length = head % PLAIN;
    if (at + length > frame.length) throw new Error('the frame of LZ4 is cut off');
    if (into.length - end < Math.max(blockBytesMax, length)) into = grown(into, end, Math.max(blockBytesMax, length));
    const before = end;
    if (head >= PLAIN) end += frame.copy(into, end, at, at + length);
    else end = decompressBlock(frame, into, at, length, end);
    // Also where it is no number.
    if (!(end - before <= Math.max(blockBytesMax, length))) throw new Error('a block of LZ4 is damaged');
    at += length + (flags & HAS_BLOCK_CHECKSUMS ? CHECKSUM_BYTES : 0);
  }
  if (flags & HAS_CONTENT_CHECKSUM && at + CHECKSUM_BYTES > frame.length)
    throw new Error('the frame of LZ4 is cut off');
  return into.subarray(0, end);
}

function readLength(frame: Buffer, at: number): number {
  if (at + BLOCK_HEAD_BYTES > frame.length) throw new Error('the frame of LZ4 is cut off');
  return frame.readUInt32LE(at);
}

function grown(bytes: Buffer, used: number, more: number): Buffer {
  const into = Buffer.allocUnsafe(2 * bytes.length + more);
  bytes.copy(into, 0, 0, used);
  return into;
}
