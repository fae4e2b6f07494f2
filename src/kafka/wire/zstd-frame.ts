import type { Zstd } from '@hpcc-js/wasm-zstd';

const MAGIC = 0xfd2fb528;
const BLOCK_HEAD_BYTES = 3;
/** The largest size of a block once decompressed. */
const BLOCK_BYTES_MAX = 128 * 1024;
/** Block types: raw (0), one byte repeated (1), compressed (2). */
const REPEATED = 1;
const COMPRESSED = 2;
const DICTIONARY_BYTES = [0, 1, 2, 4];
const SIZE_BYTES = [0, 2, 4, 8];

/**
 * Decompresses a frame. Frames written by Java clients do not contain the size of their content. For these, the library
 * guesses a size and fails if the content is more than twenty times as large as the frame. So this function first
 * derives an upper bound from the frame's blocks.
 *
 * ```
 * magic         UINT32LE  0xfd2fb528
 * descriptor    UINT8     bits 6-7: content_size's size, 5: single segment, 0-1: dictionary_id's size
 * [window       UINT8]    if not a single segment
 * [dictionary_id  0, 1, 2 or 4 bytes]
 * [content_size   0, 1, 2, 4 or 8 bytes]
 * blocks:
 *   head        UINT24LE  bit 0: last block, 1-2: type, 3-23: size
 *   data
 * [checksum     UINT32LE]
 * ```
 *
 * @throws Error if the bytes are not a complete frame
 */
export function decompressZstd(
  frame: Buffer,
  zstd: Pick<Zstd, 'decompress' | 'decompressChunk' | 'reset'>,
): Uint8Array {
  const { hasContentSize, bytesMax } = contentBound(frame);
  if (hasContentSize) return zstd.decompress(frame);
  zstd.reset();
  return zstd.decompressChunk(frame, bytesMax);
}

interface ContentBound {
  readonly hasContentSize: boolean;
  readonly bytesMax: number;
}

function contentBound(frame: Buffer): ContentBound {
  if (frame.length < 6 || frame.readUInt32LE(0) !== MAGIC) throw new Error('not a Zstandard frame');
  const descriptor = frame[4]!;
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const sizeFlag = descriptor >> 6;
  const sizeBytes = sizeFlag === 0 && isSingleSegment ? 1 : SIZE_BYTES[sizeFlag]!;
  let at = 5 + (isSingleSegment ? 0 : 1) + DICTIONARY_BYTES[descriptor & 3]! + sizeBytes;
  let bytesMax = 0;
  for (let isLast = false; !isLast; ) {
    if (at + BLOCK_HEAD_BYTES > frame.length) throw new Error('the Zstandard frame is truncated');
    const head = frame.readUIntLE(at, BLOCK_HEAD_BYTES);
    const type = (head >> 1) & 3;
    const length = head >> 3;
    isLast = (head & 1) === 1;
    bytesMax += type === COMPRESSED ? BLOCK_BYTES_MAX : length;
    at += BLOCK_HEAD_BYTES + (type === REPEATED ? 1 : length);
  }
  if (at > frame.length) throw new Error('the Zstandard frame is truncated');
  // The library needs a buffer of at least one byte, even for empty content.
  return { hasContentSize: sizeBytes > 0, bytesMax: Math.max(1, bytesMax) };
}
