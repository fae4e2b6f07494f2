import { javaArgs } from '../../test/support/kafka/java.js';
import { outputOf } from './child.js';
import { BenchError } from './errors.js';
import type { Cost } from './figures.js';
import { programFile } from './files.js';
import { costOf, runKload } from './kload.js';

/** Three programs that fill a topic as fast as they can, each in a process of its own. */

const LOOP = programFile('kafkajs-loop');
const LIMIT_MS = 5 * 60_000;
const CENTISECOND_MS = 10;

export type Acks = '1' | 'all';

interface Load {
  readonly brokers: string;
  readonly topic: string;
  /** The size of a record's value. */
  readonly bytes: number;
  readonly acks: Acks;
  readonly count: number;
}

export type Producer = 'kload' | 'java' | 'kafkajs';

export const PRODUCERS: Readonly<Record<Producer, (load: Load) => Promise<Cost>>> = { kload, java, kafkajs };

async function kload({ brokers, topic, bytes, acks, count }: Load): Promise<Cost> {
  const to = ['--target', 'kafka', '--brokers', brokers, '--topic', topic, '--acks', acks];
  // Kafka's own producer is idempotent with acks=all, too.
  if (acks === 'all') to.push('--idempotent');
  return costOf(await runKload([...to, '--record-size', String(bytes), '--count', String(count), '--quiet']));
}

/**
 * Kafka's own benchmark of its producer. Its rate excludes the first quarter of the records, during which the JVM
 * compiles its hot code.
 */
async function java({ brokers, topic, bytes, acks, count }: Load): Promise<Cost> {
  const args = ['--bootstrap-server', brokers, '--topic', topic, '--throughput', '-1', '--record-size', String(bytes)];
  args.push('--num-records', String(count), '--warmup-records', String(Math.floor(count / 4)));
  args.push('--command-property', `acks=${acks}`);
  const command = ['java', ...javaArgs('org.apache.kafka.tools.ProducerPerformance', args, ['-Xmx512m'])];
  const output = await outputOf({
    name: 'ProducerPerformance',
    command: 'sh',
    // Once the JVM has ended, the shell's own stat file has the JVM's processor time.
    args: ['-c', '"$@" && cat "/proc/$$/stat"', 'sh', ...command],
    limitMs: LIMIT_MS,
  });
  const rate = /^\d+ steady state records sent, (\d+\.\d+) records\/sec/m.exec(output)?.[1];
  if (rate === undefined) throw new BenchError(`ProducerPerformance reported no rate:\n${output}`);
  const fields = output.slice(output.lastIndexOf(') ')).split(' ');
  const cpuMs = (Number(fields[14]) + Number(fields[15])) * CENTISECOND_MS;
  return { perSecond: Number(rate), cpuUs: (cpuMs * 1000) / count };
}

async function kafkajs({ brokers, topic, bytes, acks, count }: Load): Promise<Cost> {
  const args = [LOOP, brokers, topic, String(bytes), acks, String(count)];
  return JSON.parse(await outputOf({ name: 'the kafkajs loop', args, limitMs: LIMIT_MS })) as Cost;
}
