import * as zlib from 'node:zlib';

/** Decompresses Zstandard frames, one piece of whole blocks at a time. */
export interface ZstdBlocks {
  /** Begins another frame. */
  begin(): void;
  /** Decompresses a piece to at most `bytesMax` bytes, and at least one if `holdsData`. Rejects for damaged data. */
  decompress(piece: Buffer, bytesMax: number, holdsData: boolean): Promise<Uint8Array>;
}

/** Node 22.15 and later decompress Zstandard in a thread of their own. Older versions need a library, which is slow. */
export async function zstdBlocks(): Promise<ZstdBlocks> {
  const { createZstdDecompress } = zlib as { readonly createZstdDecompress?: () => zlib.Gunzip };
  return createZstdDecompress === undefined ? libraryBlocks() : new NodeBlocks(createZstdDecompress);
}

async function libraryBlocks(): Promise<ZstdBlocks> {
  const { Zstd } = await import('@hpcc-js/wasm-zstd');
  const zstd = await Zstd.load();
  return {
    begin: () => zstd.reset(),
    async decompress(piece, bytesMax, holdsData) {
      const bytes = zstd.decompressChunk(piece, bytesMax);
      // The library returns nothing for damaged data.
      if (holdsData && bytes.length === 0) throw new Error('a block, or the checksum, is wrong');
      return bytes;
    },
  };
}

/** Uses a stream for each frame, because Node's streams end with their frame, whatever follows. */
class NodeBlocks implements ZstdBlocks {
  readonly #create: () => zlib.Gunzip;
  #stream: zlib.Gunzip | undefined;
  #chunks: Buffer[] = [];

  constructor(create: () => zlib.Gunzip) {
    this.#create = create;
  }

  begin(): void {
    this.#stream?.destroy();
    this.#stream = this.#create();
    this.#stream.on('data', (chunk: Buffer) => this.#chunks.push(chunk));
    // The write reports errors.
    this.#stream.on('error', () => {});
  }

  async decompress(piece: Buffer): Promise<Uint8Array> {
    const stream = this.#stream;
    await new Promise<void>((resolve, reject) => {
      // A write that fails does not call back.
      stream?.once('error', reject);
      stream?.write(Buffer.from(piece), () => {
        stream.off('error', reject);
        resolve();
      });
    });
    const [first] = this.#chunks;
    const all = first !== undefined && this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks);
    this.#chunks = [];
    return all;
  }
}
