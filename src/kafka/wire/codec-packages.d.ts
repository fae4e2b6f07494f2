declare module 'lz4js' {
  /** Writes the block at the start of `dst`. Returns its length, or 0 if it would not be smaller than the source. */
  export function compressBlock(
    src: Uint8Array,
    dst: Uint8Array,
    sIndex: number,
    sLength: number,
    hashTable: Uint32Array,
  ): number;
  /** Decompresses to `dst` from `dIndex` on. Returns the end of the decompressed bytes in `dst`. */
  export function decompressBlock(
    src: Uint8Array,
    dst: Uint8Array,
    sIndex: number,
    sLength: number,
    dIndex: number,
  ): number;
}

declare module 'snappyjs' {
  export function compress(bytes: Buffer): Buffer;
  export function uncompress(bytes: Buffer, lengthMax?: number): Buffer;
}
