import type { compress, uncompress } from 'snappyjs';

/** The functions of snappyjs that kload uses. */
export interface SnappyBlocks {
  readonly compress: typeof compress;
  readonly uncompress: typeof uncompress;
}

/** The head of a snappy-java frame (see `compressSnappy`). */
const HEAD = Buffer.of(0x82, ...Buffer.from('SNAPPY'), 0, 0, 0, 0, 1, 0, 0, 0, 1);
const MAGIC_BYTES = 8;
const BLOCK_BYTES = 64 * 1024;
const LENGTH_BYTES = 4;

/**
 * Kafka uses the frame of snappy-java, not Snappy's own:
 *
 * ```
 * magic       8 bytes  0x82 'SNAPPY' 0
 * version     INT32    1
 * compatible  INT32    1, the oldest version that can read the frame
 * blocks:
 *   length    INT32
 *   data
 * ```
 */
export function compressSnappy(bytes: Uint8Array, { compress }: SnappyBlocks): Uint8Array {
  const pieces: Buffer[] = [HEAD];
  for (let from = 0; from < bytes.length; from += BLOCK_BYTES) {
    const block = bytes.subarray(from, from + BLOCK_BYTES);
    const compressed = compress(Buffer.from(block.buffer, block.byteOffset, block.length));
    const length = Buffer.allocUnsafe(LENGTH_BYTES);
    length.writeInt32BE(compressed.length);
    pieces.push(length, compressed);
  }
  return Buffer.concat(pieces);
}

/** @throws Error if the bytes are not complete Snappy data */
export function decompressSnappy(bytes: Buffer, { uncompress }: SnappyBlocks): Buffer {
  // Some clients write a single block without a frame.
  if (!isHead(bytes, 0)) return uncompress(bytes);
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    // The data may consist of several frames.
    if (isHead(bytes, at)) at += HEAD.length;
    if (at >= bytes.length) break;
    const end = at + LENGTH_BYTES > bytes.length ? Number.NaN : at + LENGTH_BYTES + bytes.readUInt32BE(at);
    if (!(end <= bytes.length)) throw new Error('the Snappy frame is truncated');
    pieces.push(uncompress(bytes.subarray(at + LENGTH_BYTES, end)));
    at = end;
  }
  return Buffer.concat(pieces);
}

function isHead(bytes: Buffer, at: number): boolean {
  return HEAD.compare(bytes, at, at + MAGIC_BYTES, 0, MAGIC_BYTES) === 0;
}
