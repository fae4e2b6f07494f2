import type { Compression } from '../produce-options.js';

/** How the records of a batch are compressed. */
export interface Codec {
  /** What batches name it by. */
  readonly id: number;
  compress(bytes: Uint8Array): Promise<Uint8Array> | Uint8Array;
  decompress(bytes: Uint8Array): Promise<Uint8Array> | Uint8Array;
}

/** Loads what a codec needs. Undefined for none. */
export async function loadCodec(compression: Compression): Promise<Codec | undefined> {
  if (compression === 'none') return undefined;
  throw new Error(`no codec for ${compression}`);
}
