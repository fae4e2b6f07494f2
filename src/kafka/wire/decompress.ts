import { type Codec, type CodecName, loadCodec } from './codecs.js';

/** By the number that batches name them by. */
const NAMES: readonly (CodecName | undefined)[] = [undefined, 'gzip', 'snappy', 'lz4', 'zstd'];
const codecs = new Map<CodecName, Promise<Codec>>();

/** Undoes a codec; loads what it needs when it is met first. */
export async function decompress(id: number, bytes: Buffer): Promise<Buffer> {
  const name = NAMES[id];
  if (name === undefined) throw new Error(`there is no codec ${id}`);
  const codec = codecs.get(name) ?? loadCodec(name);
  codecs.set(name, codec);
  const plain = await (await codec).decompress(bytes);
  return Buffer.from(plain.buffer, plain.byteOffset, plain.length);
}
