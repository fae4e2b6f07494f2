import type { compress, uncompress } from 'snappyjs';

/** snappyjs, as far as it is used. */
export interface SnappyBlocks {
  readonly compress: typeof compress;
  readonly uncompress: typeof uncompress;
}

/** Of the Java library that Kafka uses, whose frame is not Snappy's own: a name, a version, and the oldest that can read it. */
const HEAD = Buffer.of(0x82, ...Buffer.from('SNAPPY'), 0, 0, 0, 0, 1, 0, 0, 0, 1);
const NAME_BYTES = 8;
const BLOCK_BYTES = 64 * 1024;
const LENGTH_BYTES = 4;

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

/** @throws Error where it is not Snappy */
export function decompressSnappy(bytes: Buffer, { uncompress }: SnappyBlocks): Buffer {
  // Some clients write one block without a frame.
  if (!isHead(bytes, 0)) return uncompress(bytes);
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    // Frames may follow one another.
    if (isHead(bytes, at)) at += HEAD.length;
    if (at >= bytes.length) break;
    const end = at + LENGTH_BYTES > bytes.length ? Number.NaN : at + LENGTH_BYTES + bytes.readUInt32BE(at);
    if (!(end <= bytes.length)) throw new Error('the frame of Snappy is cut off');
    pieces.push(uncompress(bytes.subarray(at + LENGTH_BYTES, end)));
    at = end;
  }
  return Buffer.concat(pieces);
}

function isHead(bytes: Buffer, at: number): boolean {
  return HEAD.compare(bytes, at, at + NAME_BYTES, 0, NAME_BYTES) === 0;
}
