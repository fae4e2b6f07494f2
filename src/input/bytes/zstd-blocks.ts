import * as zlib from 'node:zlib';

/** Decompresses the frames of Zstandard, a piece of whole blocks at a time. */
export interface ZstdBlocks {
  /** Another frame begins. */
  begin(): void;
  /** What a piece becomes: no more than `bytesMax`, and something if `holdsData`. Rejects for damaged data. */
  decompress(piece: Buffer, bytesMax: number, holdsData: boolean): Promise<Uint8Array>;
}

/**
 * Node 22.15 and later decompress by themselves, in a thread of their own; for others there is a library, which is
 * slow.
 */
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
      // It says nothing of data that is damaged, and gives none.
      if (holdsData && bytes.length === 0) throw new Error('a block, or the checksum, is wrong');
      return bytes;
    },
  };
}

/** A stream for each frame: Node ends one with its frame, whatever follows. */
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
    // The write reports what goes wrong.
    this.#stream.on('error', () => {});
  }

  async decompress(piece: Buffer): Promise<Uint8Array> {
    const stream = this.#stream;
    await new Promise<void>((resolve, reject) => {
      // It does not call back a write that fails.
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
