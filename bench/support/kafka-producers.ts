import { fileURLToPath } from 'node:url';
import { javaArgs } from '../../test/support/kafka/java.js';
import { startChild } from './child.js';
import { BenchError } from './errors.js';
import { runKload } from './kload.js';

/** Three programs that fill a topic as fast as they can, each in a process of its own. */

const LOOP = fileURLToPath(new URL('kafkajs-loop.js', import.meta.url));
const LIMIT_MS = 5 * 60_000;
const CENTISECOND_MS = 10;

/**
 * @typedef {object} Load
 * @property {string} brokers
 * @property {string} topic
 * @property {number} bytes the size of a record's value
 * @property {'1' | 'all'} acks
 * @property {number} count
 */

/**
 * @typedef {object} Pass
 * @property {number} perSecond records/s
 * @property {number} cpuUs processor time per record: all threads, from the start of the process to its end
 */

/** @typedef {'kload' | 'java' | 'kafkajs'} Producer */

/** @type {Record<Producer, (load: Load) => Promise<Pass>>} */
export const PRODUCERS = { kload, java, kafkajs };

/** @param {Load} load @returns {Promise<Pass>} */
async function kload({ brokers, topic, bytes, acks, count }) {
  const to = ['--target', 'kafka', '--brokers', brokers, '--topic', topic, '--acks', acks];
  // Kafka's own producer is idempotent with acks=all, too.
  if (acks === 'all') to.push('--idempotent');
  const records = ['--record-size', String(bytes), '--count', String(count), '--quiet'];
  const { report, cpuMs } = await runKload([...to, ...records]);
  return { perSecond: report.rps.achieved, cpuUs: (cpuMs * 1000) / count };
}

/**
 * Kafka's own benchmark of its producer. Its rate excludes the first quarter of the records, during which the JVM
 * compiles its hot code.
 * @param {Load} load
 * @returns {Promise<Pass>}
 */
async function java({ brokers, topic, bytes, acks, count }) {
  const args = ['--bootstrap-server', brokers, '--topic', topic, '--throughput', '-1', '--record-size', String(bytes)];
  args.push('--num-records', String(count), '--warmup-records', String(Math.floor(count / 4)));
  args.push('--command-property', `acks=${acks}`);
  const command = ['java', ...javaArgs('org.apache.kafka.tools.ProducerPerformance', args, ['-Xmx512m'])];
  // Once the JVM has ended, the shell's own stat file has the JVM's processor time.
  const output = await outputOf('sh', ['-c', '"$@" && cat "/proc/$$/stat"', 'sh', ...command]);
  const rate = /^\d+ steady state records sent, (\d+\.\d+) records\/sec/m.exec(output)?.[1];
  if (rate === undefined) throw new BenchError(`ProducerPerformance reported no rate:\n${output}`);
  const fields = output.slice(output.lastIndexOf(') ')).split(' ');
  const cpuMs = (Number(fields[14]) + Number(fields[15])) * CENTISECOND_MS;
  return { perSecond: Number(rate), cpuUs: (cpuMs * 1000) / count };
}

/** @param {Load} load @returns {Promise<Pass>} */
async function kafkajs({ brokers, topic, bytes, acks, count }) {
  const output = await outputOf(process.execPath, [LOOP, brokers, topic, String(bytes), acks, String(count)]);
  return JSON.parse(output);
}

/** @param {string} command @param {readonly string[]} args */
async function outputOf(command, args) {
  let output = '';
  const onOutput = (/** @type {string} */ text) => {
    output += text;
  };
  const { code, tail } = await startChild(command, args, { limitMs: LIMIT_MS, onOutput }).ended;
  if (code !== 0) throw new BenchError(`${command} ${args.slice(0, 3).join(' ')} ended with ${code}:\n${tail}`);
  return output;
}
