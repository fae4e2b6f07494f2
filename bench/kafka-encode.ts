import createRequest from 'kafkajs/src/protocol/request.js';
import encodeProduce from 'kafkajs/src/protocol/requests/produce/v7/request.js';
import { RequestWriter } from '#dist/src/kafka/produce/request-writer.js';
import { type Figure, figureOf } from './support/figures.js';
import type { BenchOptions } from './support/options.js';
import { progress } from './support/progress.js';
import { SIZES } from './support/sizes.js';
import { pairRatios } from './support/stats.js';

/** What does it cost kload and kafkajs to encode a record in a Produce request? Their requests have the same bytes. */

const RECORDS = 500;
const KEY_BYTES = 36;
const TOPIC = 'orders';
const STAMP = { producerId: 1n, epoch: 0, sequence: 0 };

export async function measure({ smoke, runs = smoke ? 1 : 7 }: BenchOptions): Promise<Figure[]> {
  const seconds = smoke ? 0.1 : 0.5;
  const figures: Figure[] = [];
  for (const { name, bytes } of SIZES) {
    const ours = { encode: kload(bytes), rates: [] as number[] };
    const theirs = { encode: kafkajs(bytes), rates: [] as number[] };
    // The first round is a warm-up for the compiler.
    for (let run = -1; run < runs; run++) {
      progress(`kafka-encode: records of ${name}, round ${Math.max(1, run + 1)} of ${runs}`);
      for (const { encode, rates } of run % 2 === 0 ? [ours, theirs] : [theirs, ours]) {
        const rate = await ratePerCpuSecond(encode, seconds);
        if (run >= 0) rates.push(rate);
      }
    }
    figures.push(
      figureOf('kafka-encode', `${name}: kload`, 'records/s of CPU', ours.rates),
      figureOf('kafka-encode', `${name}: kafkajs`, 'records/s of CPU', theirs.rates),
      figureOf('kafka-encode', `${name}: kload / kafkajs`, 'ratio', pairRatios(ours.rates, theirs.rates)),
    );
  }
  return figures;
}

async function ratePerCpuSecond(encodeRequest: () => Promise<unknown>, seconds: number): Promise<number> {
  const endMs = performance.now() + seconds * 1000;
  const before = process.cpuUsage();
  let requests = 0;
  while (performance.now() < endMs) {
    await encodeRequest();
    requests++;
  }
  const { user, system } = process.cpuUsage(before);
  return (requests * RECORDS * 1e6) / (user + system);
}

/** Encodes from ranges of one buffer, as a worker does. */
function kload(bytes: number): () => Promise<void> {
  const source = Buffer.alloc(RECORDS * (KEY_BYTES + bytes), 'abcdefghijklmnopq');
  const batch = Array.from({ length: RECORDS }, (_, i) => {
    const keyStart = i * (KEY_BYTES + bytes);
    const keyEnd = keyStart + KEY_BYTES;
    const data = { dataStart: keyEnd, dataEnd: keyEnd + bytes };
    return { source, keyStart, keyEnd, ...data, attributesStart: 0, attributesEnd: 0, recordedAtMs: Number.NaN };
  });
  const options = { compression: 'none', idempotent: true, recordedTimestamps: false } as const;
  const writer = new RequestWriter({ topic: TOPIC, acks: -1, ...options }, 30_000);
  return async () => {
    const ready = await writer.prepare(batch, STAMP);
    const request = await writer.write([{ partition: 0, ready }]);
    writer.release(request);
  };
}

/** Encodes from prepared messages. */
function kafkajs(bytes: number): () => Promise<Buffer> {
  const messages = Array.from({ length: RECORDS }, () => {
    return { key: Buffer.alloc(KEY_BYTES, 'abcdefghijklmnopq'), value: Buffer.alloc(bytes, 'abcdefghijklmnopq') };
  });
  const topicData = [{ topic: TOPIC, partitions: [{ partition: 0, firstSequence: 0, messages }] }];
  const options = { acks: -1, timeout: 30_000, producerId: 1, producerEpoch: 0, compression: 0, topicData };
  return async () => {
    const { buffer } = await createRequest({ request: encodeProduce(options), correlationId: 0, clientId: 'kload' });
    return buffer;
  };
}
