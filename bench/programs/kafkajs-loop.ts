import { randomBytes } from 'node:crypto';
import { Kafka, logLevel } from 'kafkajs';

/**
 * A loop as in sample scripts: one awaited `send` of 500 messages after another. Arguments: brokers, topic, size of a
 * value, acks and number of records. Writes one JSON object: records/s and processor time per record.
 */

const BATCH = 500;
const KEYS = 10_000;
const WARM_UP_BATCHES = 20;

const [brokers = '', topic = '', bytes = '', acksText = '', count = ''] = process.argv.slice(2);
const acks = acksText === 'all' ? -1 : Number(acksText);
const producer = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING }).producer();
const value = randomBytes(Number(bytes));
let next = 0;

function batch() {
  return Array.from({ length: BATCH }, () => ({ key: `key-${next++ % KEYS}`, value }));
}

await producer.connect();
for (let n = 0; n < WARM_UP_BATCHES; n++) await producer.send({ topic, acks, messages: batch() });
const startMs = performance.now();
const batches = Math.ceil(Number(count) / BATCH);
for (let n = 0; n < batches; n++) await producer.send({ topic, acks, messages: batch() });
const perSecond = (batches * BATCH * 1000) / (performance.now() - startMs);
await producer.disconnect();
const { user, system } = process.cpuUsage();
process.stdout.write(JSON.stringify({ perSecond, cpuUs: (user + system) / next }));
