import type { Zstd } from '@hpcc-js/wasm-zstd';

const MAGIC = 0xfd2fb528;
const BLOCK_HEAD_BYTES = 3;
/** A compressed block becomes this at most. */
const BLOCK_BYTES_MAX = 128 * 1024;
/** Kinds of blocks: bytes as they are, one byte many times, compressed. */
const REPEATED = 1;
const COMPRESSED = 2;
const DICTIONARY_BYTES = [0, 1, 2, 4];
const SIZE_BYTES = [0, 2, 4, 8];

/**
 * Decompresses a frame. Of one that does not tell its size, as Java writes them, the library guesses the size, and fails
 * where it becomes more than twenty times as large; so that is found out first.
 *
 * @throws Error where it is no whole frame
 */
export function decompressZstd(
  frame: Buffer,
  zstd: Pick<Zstd, 'decompress' | 'decompressChunk' | 'reset'>,
): Uint8Array {
  const { tellsSize, bytesMax } = boundOf(frame);
  if (tellsSize) return zstd.decompress(frame);
  zstd.reset();
  return zstd.decompressChunk(frame, bytesMax);
}

interface Bound {
  readonly tellsSize: boolean;
  readonly bytesMax: number;
}

function boundOf(frame: Buffer): Bound {
  if (frame.length < 6 || frame.readUInt32LE(0) !== MAGIC) throw new Error('no frame of Zstandard');
  const descriptor = frame[4]!;
  const isOnePiece = (descriptor & 0x20) !== 0;
  const sizeFlag = descriptor >> 6;
  const sizeBytes = sizeFlag === 0 && isOnePiece ? 1 : SIZE_BYTES[sizeFlag]!;
  let at = 5 + (isOnePiece ? 0 : 1) + DICTIONARY_BYTES[descriptor & 3]! + sizeBytes;
  let bytesMax = 0;
  for (let isLast = false; !isLast; ) {
    if (at + BLOCK_HEAD_BYTES > frame.length) throw new Error('the frame of Zstandard is cut off');
    const head = frame.readUIntLE(at, BLOCK_HEAD_BYTES);
    const kind = (head >> 1) & 3;
    const length = head >> 3;
    isLast = (head & 1) === 1;
    bytesMax += kind === COMPRESSED ? BLOCK_BYTES_MAX : length;
    at += BLOCK_HEAD_BYTES + (kind === REPEATED ? 1 : length);
  }
  if (at > frame.length) throw new Error('the frame of Zstandard is cut off');
  // One that holds nothing still needs room to say so.
  return { tellsSize: sizeBytes > 0, bytesMax: Math.max(1, bytesMax) };
}
