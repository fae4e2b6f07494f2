import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { Kafka as Client, logLevel } from 'kafkajs';
import { describe, expect, test } from 'vitest';
import { readTopic } from '../support/kafka/consumer.js';
import { folder, readReport, startKload } from '../support/kload.js';
import { allSent, type Kafka, startKafka, toKafka } from './support/kafka.js';

/** Records arrive exactly once and in order for each key, even if brokers restart, are killed, or leaders change. */

const KEYS = 5_000;
const LINES_IN_A_CHUNK = 5_000;
/** Longer than a broker takes to restart on a busy machine. */
const TIMEOUT = ['--target-timeout', '5m'];
const FIELDS = ['-', '--format', 'ndjson', '--partition-key-field', '.key'];
const EXACT = ['--acks', 'all', '--idempotent', '--workers', '2', ...TIMEOUT, ...FIELDS];

const keyOf = (n: number): string => `key-${(n * 7_919) % KEYS}`;
const lineOf = (n: number): string => `{"key":"${keyOf(n)}","n":${n},"text":"${(n * 2_654_435_761) % 2 ** 32}"}`;

/** Writes the lines from `from` up to but excluding `to`, no faster than they are read. */
async function write(stream: Writable, from: number, to: number): Promise<void> {
  for (let start = from; start < to; start += LINES_IN_A_CHUNK) {
    const end = Math.min(to, start + LINES_IN_A_CHUNK);
    const lines = Array.from({ length: end - start }, (_, index) => `${lineOf(start + index)}\n`);
    if (!stream.write(lines.join(''))) await once(stream, 'drain');
  }
}

/** Resolves once the topic has `count` records. */
async function arrived(kafka: Kafka, topic: string, count: number): Promise<void> {
  const admin = new Client({ brokers: kafka.brokers().split(','), logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  for (let found = 0; found < count; ) {
    const offsets = await admin.fetchTopicOffsets(topic);
    found = offsets.reduce((sum, { high }) => sum + Number(high), 0);
  }
  await admin.disconnect();
}

/** Throws unless the topic has each line exactly once, in order for each key. */
async function holdsExactly(kafka: Kafka, topic: string, count: number): Promise<void> {
  const seen = new Uint8Array(count);
  const lastOfKey = new Map<string, number>();
  let read = 0;
  for await (const { key, value, partition } of readTopic(kafka, topic)) {
    const { n } = JSON.parse(String(value)) as { n: number };
    if (String(value) !== lineOf(n) || String(key) !== keyOf(n)) throw new Error(`altered: ${value}`);
    if (seen[n] !== 0) throw new Error(`twice, in partition ${partition}: ${value}`);
    if ((lastOfKey.get(String(key)) ?? -1) > n) throw new Error(`out of order in partition ${partition}: ${value}`);
    seen[n] = 1;
    lastOfKey.set(String(key), n);
    read++;
  }
  expect(read).toBe(count);
}

/** Sends `count` lines with kload. Runs each disruption once a part of the lines has arrived, while more are sent. */
async function send(kafka: Kafka, topic: string, count: number, disruptions: (() => Promise<void>)[]): Promise<void> {
  using dir = folder();
  const report = dir.path('report.json');
  await using kload = startKload([...toKafka(kafka, topic), ...EXACT, '--report', report]);
  const part = Math.ceil(count / (disruptions.length + 1));
  await write(kload.child.stdin, 0, part);
  for (const [index, disrupt] of disruptions.entries()) {
    await arrived(kafka, topic, index * part + part / 2);
    // These lines are sent while brokers are down or starting.
    await Promise.all([disrupt(), write(kload.child.stdin, part * (index + 1), Math.min(count, part * (index + 2)))]);
  }
  kload.child.stdin.end();
  const { code, stderr } = await kload.ended;
  expect(code, stderr).toBe(0);
  const { records, requests } = allSent(readReport(report));
  expect(records).toMatchObject({ sent: count, maybeDuplicated: 0 });
  // Otherwise the disruptions did not affect the run.
  expect(requests.retried).toBeGreaterThan(0);
}

describe('with acks=all and idempotence', () => {
  test('1,000,000 records arrive exactly once although the broker is restarted and killed', async () => {
    await using kafka = await startKafka();
    await kafka.createTopic('million', { partitions: 6 });
    const [node] = kafka.nodes;
    await send(kafka, 'million', 1_000_000, [
      () => kafka.restart(),
      async () => {
        await node?.stop('SIGKILL');
        await node?.start();
      },
    ]);
    await holdsExactly(kafka, 'million', 1_000_000);
  });

  test('200,000 records arrive exactly once although the leaders of the partitions change', async () => {
    await using kafka = await startKafka({ nodes: 3 });
    await kafka.createTopic('moving', { partitions: 6, copies: 3, config: { 'min.insync.replicas': '2' } });
    await send(
      kafka,
      'moving',
      200_000,
      kafka.nodes.slice(0, 2).map((node) => () => kafka.restart(node)),
    );
    await holdsExactly(kafka, 'moving', 200_000);
  });
});
