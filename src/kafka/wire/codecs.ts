import { promisify } from 'node:util';
import zlib from 'node:zlib';
import type { Compression } from '../../core/compression.js';
import { compressLz4, decompressLz4 } from './lz4-frame.js';
import { compressSnappy, decompressSnappy } from './snappy-frame.js';
import { decompressZstd } from './zstd-frame.js';

export type CodecName = Exclude<Compression, 'none'>;

type Work = (bytes: Buffer) => Promise<Uint8Array> | Uint8Array;

/** How the records of a batch are compressed. */
export interface Codec {
  /** What batches name it by. */
  readonly id: number;
  readonly compress: Work;
  readonly decompress: Work;
}

/** Of Node 22.15 on. */
interface WithZstd {
  readonly zstdCompress?: (bytes: Buffer, done: (error: Error | null, compressed: Buffer) => void) => void;
  readonly zstdDecompress?: (bytes: Buffer, done: (error: Error | null, plain: Buffer) => void) => void;
}

/** Each loads what it needs. */
const LOADERS: Record<CodecName, () => Promise<Codec>> = {
  // On a thread of the system's pool: the one that sends goes on meanwhile.
  gzip: async () => ({ id: 1, compress: promisify(zlib.gzip), decompress: promisify(zlib.gunzip) }),
  snappy: async () => {
    const snappy = await import('snappyjs');
    const decompress: Work = (bytes) => decompressSnappy(bytes, snappy);
    return { id: 2, compress: (bytes) => compressSnappy(bytes, snappy), decompress };
  },
  lz4: async () => {
    const lz4 = await import('lz4js');
    return { id: 3, compress: (bytes) => compressLz4(bytes, lz4), decompress: (bytes) => decompressLz4(bytes, lz4) };
  },
  zstd: loadZstd,
};

export function loadCodec(compression: CodecName): Promise<Codec> {
  return LOADERS[compression]();
}

async function loadZstd(): Promise<Codec> {
  const { zstdCompress, zstdDecompress } = zlib as WithZstd;
  if (zstdCompress !== undefined && zstdDecompress !== undefined) {
    return { id: 4, compress: promisify(zstdCompress), decompress: promisify(zstdDecompress) };
  }
  const { Zstd } = await import('@hpcc-js/wasm-zstd');
  const zstd = await Zstd.load();
  return { id: 4, compress: (bytes) => zstd.compress(bytes), decompress: (bytes) => decompressZstd(bytes, zstd) };
}
