// @ts-check
import { createReadStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { runKafkaProgram } from './java.js';

/**
 * @typedef {object} ReadRecord
 * @property {number} partition
 * @property {number} offset
 * @property {number} timestampMs
 * @property {Buffer | null} key
 * @property {Buffer | null} value
 * @property {readonly (readonly [name: string, value: Buffer | null])[]} headers
 */

/**
 * Reads all records of a topic with Kafka's own consumer. The records of each partition come in offset order.
 * @param {import('./broker.js').RunningKafka} kafka
 * @param {string} topic
 * @returns {AsyncGenerator<ReadRecord>}
 */
export async function* readTopic(kafka, topic) {
  const folder = mkdtempSync(join(tmpdir(), 'kload-read-'));
  try {
    const file = join(folder, 'records');
    await runKafkaProgram(['consume', kafka.brokers(), topic, file]);
    for await (const line of createInterface({ input: createReadStream(file, 'latin1') })) yield recordOf(line);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {string} line @returns {ReadRecord} */
function recordOf(line) {
  const [partition, offset, timestampMs, key = '-', value = '-', ...headers] = line.split('\t');
  return {
    partition: Number(partition),
    offset: Number(offset),
    timestampMs: Number(timestampMs),
    key: bytesOf(key),
    value: bytesOf(value),
    headers: headers.map((header) => {
      const [name = '', bytes = '-'] = header.split('=');
      return /** @type {const} */ ([Buffer.from(name, 'base64url').toString(), bytesOf(bytes)]);
    }),
  };
}

/** @param {string} text */
function bytesOf(text) {
  return text === '-' ? null : Buffer.from(text, 'base64url');
}
