import { promisify } from 'node:util';
import zlib from 'node:zlib';
import type { Compression } from '../../core/compression.js';
import { compressLz4, decompressLz4 } from './lz4-frame.js';
import { compressSnappy, decompressSnappy } from './snappy-frame.js';
import { decompressZstd } from './zstd-frame.js';

export type CodecName = Exclude<Compression, 'none'>;

type Transform = (bytes: Buffer) => Promise<Uint8Array> | Uint8Array;

/** Compresses the records of a batch. */
export interface Codec {
  /** The codec bits of a batch's attributes. */
  readonly id: number;
  readonly compress: Transform;
  readonly decompress: Transform;
}

/** In Node 22.15 and newer. */
interface WithZstd {
  readonly zstdCompress?: (bytes: Buffer, done: (error: Error | null, compressed: Buffer) => void) => void;
  readonly zstdDecompress?: (bytes: Buffer, done: (error: Error | null, plain: Buffer) => void) => void;
}

/** Each codec loads its package on first use. */
const LOADERS: Record<CodecName, () => Promise<Codec>> = {
  // Runs in libuv's thread pool, so the sending thread does not wait for it.
  gzip: async () => ({ id: 1, compress: promisify(zlib.gzip), decompress: promisify(zlib.gunzip) }),
  snappy: async () => {
    const snappy = await import('snappyjs');
    const decompress: Transform = (bytes) => decompressSnappy(bytes, snappy);
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

/** Codec names by id. */
const NAMES: readonly (CodecName | undefined)[] = [undefined, 'gzip', 'snappy', 'lz4', 'zstd'];
const loaded = new Map<CodecName, Promise<Codec>>();

/** Decompresses the records of a batch. */
export async function decompress(id: number, bytes: Buffer): Promise<Buffer> {
  const name = NAMES[id];
  if (name === undefined) throw new Error(`unknown compression codec ${id}`);
  const codec = loaded.get(name) ?? loadCodec(name);
  loaded.set(name, codec);
  const plain = await (await codec).decompress(bytes);
  return Buffer.from(plain.buffer, plain.byteOffset, plain.length);
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
