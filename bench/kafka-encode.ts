import createRequest from 'kafkajs/src/protocol/request.js';
import encodeProduce from 'kafkajs/src/protocol/requests/produce/v7/request.js';
import { RequestWriter } from '../dist/src/kafka/produce/request-writer.js';
import { figureOf } from './support/figures.js';
import { progress } from './support/progress.js';
import { pairRatios } from './support/stats.js';

/** What does it cost kload and kafkajs to encode a record in a Produce request? Their requests have the same bytes. */

const SIZES = [
  { name: '100 B', bytes: 100 },
  { name: '1 kB', bytes: 1_000 },
];
const RECORDS = 500;
const KEY_BYTES = 36;
const TOPIC = 'orders';
const STAMP = { producerId: 1n, epoch: 0, sequence: 0 };

/** @param {import('./run.js').BenchOptions} options */
export async function measure({ smoke, runs = smoke ? 1 : 7 }) {
  const seconds = smoke ? 0.1 : 0.5;
  const figures = [];
  for (const { name, bytes } of SIZES) {
    const encoders = [kload(bytes), kafkajs(bytes)];
    /** @type {number[][]} */
    const rates = encoders.map(() => []);
    // The first round is a warm-up for the compiler.
    for (let run = -1; run < runs; run++) {
      progress(`kafka-encode: records of ${name}, round ${Math.max(1, run + 1)} of ${runs}`);
      for (const index of run % 2 === 0 ? [0, 1] : [1, 0]) {
        const rate = await ratePerCpuSecond(encoders[index] ?? (() => Promise.resolve()), seconds);
        if (run >= 0) rates[index]?.push(rate);
      }
    }
    const [ours = [], theirs = []] = rates;
    figures.push(
      figureOf('kafka-encode', `${name}: kload`, 'records/s of CPU', ours),
      figureOf('kafka-encode', `${name}: kafkajs`, 'records/s of CPU', theirs),
      figureOf('kafka-encode', `${name}: kload / kafkajs`, 'ratio', pairRatios(ours, theirs)),
    );
  }
  return figures;
}

/** @param {() => Promise<unknown>} encodeRequest @param {number} seconds */
async function ratePerCpuSecond(encodeRequest, seconds) {
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

/** Encodes from ranges of one buffer, as a worker does. @param {number} bytes */
function kload(bytes) {
  const source = Buffer.alloc(RECORDS * (KEY_BYTES + bytes), 'abcdefghijklmnopq');
  const batch = Array.from({ length: RECORDS }, (_, i) => {
    const keyStart = i * (KEY_BYTES + bytes);
    const keyEnd = keyStart + KEY_BYTES;
    const data = { dataStart: keyEnd, dataEnd: keyEnd + bytes };
    return { source, keyStart, keyEnd, ...data, attributesStart: 0, attributesEnd: 0, recordedAtMs: Number.NaN };
  });
  const options = /** @type {const} */ ({ compression: 'none', idempotent: true, recordedTimestamps: false });
  const writer = new RequestWriter({ topic: TOPIC, acks: -1, ...options }, 30_000);
  return async () => {
    const ready = await writer.prepare(batch, STAMP);
    const request = await writer.write([{ partition: 0, ready }]);
    writer.release(request);
  };
}

/** Encodes from prepared messages. @param {number} bytes */
function kafkajs(bytes) {
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
