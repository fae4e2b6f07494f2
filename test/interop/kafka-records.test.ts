import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ReadRecord, readTopic } from '../support/kafka/consumer.js';
import { runKafkaProgram } from '../support/kafka/java.js';
import { folder, kload, ledgerOf, readReport } from '../support/kload.js';
import { type Kafka, sendAll, startKafka, toKafka } from './support/kafka.js';

/** Kafka's own consumer reads what kload sends, from the partitions that Kafka's own producer would have chosen. */

const PARTITIONS = 7;
const RECORDS = 3_000;
const KEYS = ['a', 'order-1', 'order-2', 'ключ', '鍵', '🔑', ' ', 'x'.repeat(200)].concat(
  Array.from({ length: 92 }, (_, index) => `k${index}`),
);
const FIRST_MS = Date.parse('2024-03-01T00:00:00Z');

interface Row {
  readonly key: string;
  readonly atMs: number;
  readonly value: Buffer;
  readonly headers: Record<string, unknown>;
}

const rows: readonly Row[] = Array.from({ length: RECORDS }, (_, index) => ({
  key: KEYS[(index * 37) % KEYS.length]!,
  atMs: FIRST_MS + index * 3 + (index % 2),
  // Some values are compressible, some are not, and some are empty.
  value:
    index % 3 === 0 ? Buffer.from(`{"n":${index},"text":"${'abc '.repeat(index % 50)}"}`) : randomBytes(index % 700),
  headers: headersOf(index),
}));

function headersOf(index: number): Record<string, unknown> {
  if (index % 4 === 0) return {};
  return {
    trace: `t-${index}`,
    ...(index % 4 === 2 && { größe: 17, none: null, both: ['first', 'second'], ok: true }),
  };
}

/** Headers as `--headers-field` documents: strings and null as they are, others as JSON; arrays as several headers. */
function headersAsRead(headers: Record<string, unknown>): [string, string | null][] {
  const text = (value: unknown) => (value === null || typeof value === 'string' ? value : JSON.stringify(value));
  return Object.entries(headers).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((one): [string, string | null] => [name, text(one)]),
  );
}

let kafka: Kafka;
let partitions: ReadonlyMap<string, number>;
const files = folder();
const input = files.path('rows.ndjson');

beforeAll(async () => {
  const lines = rows.map(({ key, atMs, value, headers }) =>
    JSON.stringify({ key, at: new Date(atMs).toISOString(), body: value.toString('base64'), headers }),
  );
  writeFileSync(input, `${lines.join('\n')}\n`);
  kafka = await startKafka();
  const keys = KEYS.map((key) => `${Buffer.from(key).toString('base64url')}\n`).join('');
  const numbers = (await runKafkaProgram(['partitions', String(PARTITIONS)], keys)).trim().split('\n');
  partitions = new Map(KEYS.map((key, index) => [key, Number(numbers[index])]));
});

afterAll(async () => {
  await kafka?.[Symbol.asyncDispose]();
  files[Symbol.dispose]();
});

const FIELDS = [
  ...['--data-field', '.body', '--data-encoding', 'base64', '--partition-key-field', '.key'],
  ...['--headers-field', '.headers', '--timestamp-field', '.at', '--respect-timing', '--speed', '20'],
];

test.each([
  ['none', '1'],
  ['none', 'all'],
  ['gzip', 'all'],
  ['snappy', 'all'],
  ['lz4', 'all'],
  ['zstd', 'all'],
])(
  'compression %s, acks %s: keys, values, headers, times, order and partitions are right',
  async (compression, acks) => {
    const topic = `by-${compression}-${acks}`;
    await kafka.createTopic(topic, { partitions: PARTITIONS });
    const how = ['--compression', compression, '--acks', acks, ...(acks === 'all' ? ['--idempotent'] : [])];
    await sendAll([...toKafka(kafka, topic), input, ...FIELDS, ...how]);
    const found = new Map<string, ReadRecord[]>();
    for await (const record of readTopic(kafka, topic)) {
      const key = String(record.key);
      expect(record.partition, key).toBe(partitions.get(key));
      found.set(key, [...(found.get(key) ?? []), record]);
    }
    for (const key of KEYS) {
      const expected = rows
        .filter((row) => row.key === key)
        .map(({ atMs, value, headers }) => [atMs, value.toString('hex'), headersAsRead(headers)]);
      const read = (found.get(key) ?? []).map(({ timestampMs, value, headers }) => {
        return [timestampMs, value?.toString('hex'), headers.map(([name, bytes]) => [name, bytes && String(bytes)])];
      });
      expect(read).toEqual(expected);
    }
  },
);

test.each(['snappy', 'lz4'])('%s: many blocks with repetitions up to their last byte', async (compression) => {
  const lines = Array.from({ length: 20_000 }, (_, line) => {
    return Array.from({ length: 60 }, (_, word) => String((line * 60 + word) % 1_000_003).padStart(9)).join('');
  });
  const topic = `blocks-${compression}`;
  await kafka.createTopic(topic);
  const file = files.path('blocks.ndjson');
  writeFileSync(file, lines.map((line) => `"${line}"\n`).join(''));
  await sendAll([...toKafka(kafka, topic), file, '--partition-key', 'one', '--compression', compression]);
  const read: string[] = [];
  for await (const { value } of readTopic(kafka, topic)) read.push(String(value));
  expect(read).toEqual(lines.map((line) => `"${line}"`));
});

test('a capture of Fetch responses is replayed unchanged, at its original pace and with its timestamps', async () => {
  const header = 'kafka.response.FetchResponse.topics.0.partitions.0.records.records.0.valueString,.ts,RRPair UUID';
  const gapsMs = [0, 40, 10, 300, 5, 120, 80, 400];
  let atMs = FIRST_MS;
  const captured = gapsMs.map((gapMs, index) => {
    atMs += gapMs;
    return { value: `{"order":${index},"note":"a ""quoted"" word, and\na line"}`, atMs };
  });
  const quoted = captured.map(({ value, atMs }, index) => {
    const ts = `${new Date(atMs).toISOString().slice(0, -1)}456789Z`;
    return `"${value.replaceAll('"', '""')}",${ts},0d9c1f2e-0000-4000-8000-00000000000${index}`;
  });
  const file = files.path('capture.csv');
  writeFileSync(file, `${[header, ...quoted].join('\n')}\n`);
  await kafka.createTopic('replayed', { partitions: 3 });
  const report = await sendAll([...toKafka(kafka, 'replayed'), file, '--respect-timing']);
  const length = gapsMs.reduce((sum, gapMs) => sum + gapMs);
  expect(report.durationMs).toBeGreaterThanOrEqual(length);
  const read = [];
  for await (const { key, value, timestampMs } of readTopic(kafka, 'replayed')) {
    expect(key).toBeNull();
    read.push({ value: String(value), atMs: timestampMs });
  }
  expect(read.sort((a, b) => a.atMs - b.atMs)).toEqual(captured);
});

test('generated records have keys, and the time of sending as their timestamp', async () => {
  await kafka.createTopic('generated', { partitions: PARTITIONS });
  const beforeMs = Date.now();
  await sendAll([...toKafka(kafka, 'generated'), '--count', '20000', '--keys', '50', '--record-size', '100']);
  const afterMs = Date.now();
  const keys = new Map<string, number>();
  let count = 0;
  for await (const { key, value, timestampMs, partition } of readTopic(kafka, 'generated')) {
    expect(value?.length).toBe(100);
    expect(timestampMs >= beforeMs && timestampMs <= afterMs).toBe(true);
    expect(keys.get(String(key)) ?? partition).toBe(partition);
    keys.set(String(key), partition);
    count++;
  }
  expect(count).toBe(20_000);
  expect(keys.size).toBe(50);
});

test('a record too large for the topic is reported in one line, and the others are sent', async () => {
  await kafka.createTopic('small', { partitions: 1, config: { 'max.message.bytes': '5000' } });
  const lines = Array.from(
    { length: 50 },
    (_, index) => `{"n":${index},"text":"${'x'.repeat(index === 20 ? 8_000 : 100)}"}`,
  );
  const [file, report] = [files.path('large.ndjson'), files.path('large.json')];
  writeFileSync(file, `${lines.join('\n')}\n`);
  const words = [...toKafka(kafka, 'small'), file, '--report', report];
  const failed = await kload(words);
  expect(failed.stderr).toMatch(/^kload: \S+large\.ndjson:21: the record has 80\d\d bytes[^\n]*\n +[^\n]+\n$/);
  expect(failed.code).toBe(3);
  const skipped = await kload([...words, '--on-bad-record', 'skip']);
  expect(skipped.code, skipped.stderr).toBe(0);
  expect(ledgerOf(readReport(report))).toMatchObject({ read: 50, sent: 49, rejected: 1 });
});
