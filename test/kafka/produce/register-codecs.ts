import kafkajs from 'kafkajs';
import { type Codec, type CodecName, loadCodec } from '../../../src/kafka/wire/codecs.js';

/** Registers the codecs that kafkajs itself does not have. */
export function registerCodecs(): void {
  const { CompressionCodecs, CompressionTypes } = kafkajs;
  CompressionCodecs[CompressionTypes.Snappy] = () => codecForKafkajs('snappy');
  CompressionCodecs[CompressionTypes.LZ4] = () => codecForKafkajs('lz4');
  CompressionCodecs[CompressionTypes.ZSTD] = () => codecForKafkajs('zstd');
}

const loading = new Map<CodecName, Promise<Codec>>();

function codecForKafkajs(name: CodecName) {
  const codec = loading.get(name) ?? loadCodec(name);
  loading.set(name, codec);
  return {
    compress: async ({ buffer }: { buffer: Buffer }) => (await codec).compress(buffer),
    decompress: async (bytes: Buffer) => Buffer.from(await (await codec).decompress(bytes)),
  };
}
