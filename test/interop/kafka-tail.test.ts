import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { Kafka, logLevel, type Message } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startKafka } from '../support/kafka/broker.js';
import { readTopic } from '../support/kafka/consumer.js';
import { folder, kload, startEmulator, startKload } from '../support/kload.js';
import { readStream } from '../support/stream.js';

/** kload reads what another client wrote to a real broker, and sends its recordings to Kafka and Kinesis. */

let kafka: Awaited<ReturnType<typeof startKafka>>;

beforeAll(async () => {
  kafka = await startKafka();
});

afterAll(() => kafka?.[Symbol.asyncDispose]());

const client = () => new Kafka({ brokers: kafka.brokers().split(','), logLevel: logLevel.NOTHING });
const at = (topic: string) => ['--topic', topic, '--brokers', kafka.brokers()];

async function put(topic: string, messages: Message[]): Promise<void> {
  // Without idempotence, kafkajs may store a batch twice: if another partition in the same request has no leader yet.
  const producer = client().producer({ idempotent: true });
  await producer.connect();
  await producer.send({ topic, messages });
  await producer.disconnect();
}

interface Line {
  readonly partitionKey?: string | null;
  readonly data?: string | null;
  readonly offset: number;
  readonly partition: number;
}

function linesOf(text: string): Line[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
}

async function readAll(topic: string, ...args: string[]): Promise<Line[]> {
  const { code, stdout, stderr } = await kload(['tail', ...at(topic), '--no-follow', '--format', 'ndjson', ...args]);
  expect(stderr).toContain('caught up');
  expect(code).toBe(0);
  return linesOf(stdout);
}

const ODD: Message[] = [
  { key: null, value: 'no key', headers: { a: '1', b: ['x', 'y'] }, timestamp: '1700000000000' },
  { key: 'gone', value: null, timestamp: '1700000000100' },
  {
    key: Buffer.from([0, 255]),
    value: Buffer.from([255, 0]),
    headers: { raw: Buffer.from([255]) },
    timestamp: '1700000000200',
  },
  { key: 'käse', value: '', timestamp: '1700000000300' },
];

const ODD_LINES = [
  { partitionKey: null, data: 'no key', headers: { a: '1', b: ['x', 'y'] }, timestamp: '2023-11-14T22:13:20.000000Z' },
  { partitionKey: 'gone', data: null },
  { partitionKeyBase64: 'AP8=', dataBase64: '/wA=', headers: { raw: { base64: '/w==' } } },
  { partitionKey: 'käse', data: '' },
];

describe('kload tail --topic', () => {
  it('writes keys, values and headers unchanged, also missing ones', async () => {
    await kafka.createTopic('odd');
    await put('odd', ODD);
    const lines = await readAll('odd');
    expect(lines).toMatchObject(ODD_LINES.map((line, offset) => ({ ...line, topic: 'odd', partition: 0, offset })));
    expect(await readAll('odd', '--partition', '0', '--from', '2')).toEqual(lines.slice(2));
    expect(await readAll('odd', '--from', '2023-11-14T22:13:20.150Z')).toEqual(lines.slice(2));
  });

  it.each(['gzip', 'snappy', 'lz4', 'zstd'])('reads batches that a broker compressed with %s', async (codec) => {
    await kafka.createTopic(codec, { partitions: 3, config: { 'compression.type': codec } });
    const messages = Array.from({ length: 200 }, (_, n) => ({ key: `key-${n}`, value: `${n} `.repeat(n * 20) }));
    await put(codec, messages);
    const read = (await readAll(codec)).map(({ partitionKey, data }) => `${partitionKey}=${data}`);
    expect(read.sort()).toEqual(messages.map(({ key, value }) => `${key}=${value}`).sort());
  });

  it('shows the records of committed transactions only', async () => {
    await kafka.createTopic('paid');
    const producer = client().producer({ transactionalId: 'till', maxInFlightRequests: 1, idempotent: true });
    await producer.connect();
    for (const [value, isCommitted] of [
      ['no', false],
      ['yes', true],
      ['never', false],
      ['again', true],
    ] as const) {
      const transaction = await producer.transaction();
      await transaction.send({ topic: 'paid', messages: [{ key: 'k', value }] });
      await (isCommitted ? transaction.commit() : transaction.abort());
    }
    await producer.disconnect();
    expect((await readAll('paid')).map(({ data }) => data)).toEqual(['yes', 'again']);
  });

  it('follows a topic through a restart of its broker', async () => {
    await kafka.createTopic('long', { partitions: 2 });
    await using tail = startKload(['tail', ...at('long'), '--from', 'earliest', '--format', 'raw', '--count', '20']);
    const numbers = (from: number) => Array.from({ length: 10 }, (_, n) => ({ key: `${n}`, value: `${from + n}` }));
    await put('long', numbers(0));
    await tail.printed(/(\d+\n){10}/);
    await kafka.restart();
    await put('long', numbers(10));
    const { code, stdout, stderr } = await tail.ended;
    expect(stderr).toMatch(/trying again\n.*recovered/s);
    expect(code).toBe(0);
    expect(
      stdout
        .split('\n')
        .slice(0, -1)
        .map(Number)
        .sort((a, b) => a - b),
    ).toEqual(Array.from({ length: 20 }, (_, n) => n));
  });

  it('explains an error in one line', async () => {
    await kafka.createTopic('single');
    await put('single', [{ value: 'one' }]);
    const errorOf = async (...args: string[]) => {
      const { code, stderr } = await kload(['tail', '--quiet', ...args]);
      return `${code} ${stderr}`;
    };
    expect(await errorOf(...at('none'))).toMatch(/^4 kload: there is no topic 'none' at /);
    expect(await errorOf(...at('single'), '--partition', '7')).toMatch(/^4 kload: the topic has no partition 7\n/);
    expect(await errorOf(...at('single'), '--partition', '0', '--from', '5')).toMatch(
      /^4 kload: partition 0 has no offset 5 \(--from\)\n.*holds offsets 0 to 0/,
    );
  });
});

describe('kload record', () => {
  it('records a topic for Kinesis: keys become text, and headers are dropped', async () => {
    using dir = folder();
    await using emulator = await startEmulator('--stream', 's:1');
    await kafka.createTopic('source');
    await put('source', ODD);
    const recording = dir.path('source.ndjson.gz');
    const record = ['record', ...at('source'), '--no-follow', '--output', recording];
    expect(await kload(record)).toMatchObject({ code: 0, stdout: '' });
    expect(linesOf(gunzipSync(readFileSync(recording)).toString())).toMatchObject(ODD_LINES);
    expect(await kload(record)).toMatchObject({ code: 6, stderr: expect.stringContaining('already exists') });
    const target = ['--stream', 's', '--region', 'us-east-1', '--endpoint-url', emulator.endpoint];
    expect(await kload(['run', recording, ...target, '--quiet'])).toMatchObject({ code: 0 });
    const read = await readStream(emulator.endpoint, 's');
    const pairs = read.map(({ key, data }) => [key, data.toString('latin1')]);
    expect(pairs).toEqual(
      expect.arrayContaining([
        ['gone', ''],
        ['AP8=', '\u00ff\u0000'],
        ['käse', ''],
      ]),
    );
    expect(pairs).toHaveLength(4);
  });

  it('records a stream for Kafka with keys, data and arrival times', async () => {
    using dir = folder();
    await using emulator = await startEmulator('--stream', 's:3');
    await kafka.createTopic('of-stream', { partitions: 2 });
    const stream = ['--stream', 's', '--region', 'us-east-1', '--endpoint-url', emulator.endpoint];
    expect(await kload(['run', ...stream, '--count', '2000', '--keys', '50', '--quiet'])).toMatchObject({ code: 0 });
    const recording = dir.path('s.ndjson');
    const record = ['record', 's', ...stream.slice(2), '--no-follow', '--output', recording];
    expect(await kload(record)).toMatchObject({ code: 0 });
    const sent = await kload(['run', recording, ...at('of-stream'), '--respect-timing', '--quiet']);
    expect(sent).toMatchObject({ code: 0 });

    const textOf = (key: string, data: Uint8Array, atMs: number) => `${key} ${atMs} ${Buffer.from(data).toString()}`;
    const stored = await readStream(emulator.endpoint, 's');
    const arrived: string[] = [];
    for await (const { key, value, timestampMs } of readTopic(kafka, 'of-stream')) {
      arrived.push(textOf(String(key), value!, timestampMs));
    }
    expect(arrived).toHaveLength(2000);
    expect(arrived.sort()).toEqual(stored.map(({ key, data, arrivedAtMs }) => textOf(key, data, arrivedAtMs)).sort());
  });

  it('records a topic for Kafka without any change', async () => {
    using dir = folder();
    await kafka.createTopic('from');
    await kafka.createTopic('to');
    await put('from', ODD);
    const recording = dir.path('from.ndjson');
    expect((await kload(['record', ...at('from'), '--no-follow', '--output', recording])).code).toBe(0);
    const sent = await kload(['run', recording, '--target', 'kafka', ...at('to'), '--respect-timing', '--quiet']);
    expect(sent).toMatchObject({ code: 0 });
    const all = async (topic: string) => {
      const records = [];
      for await (const record of readTopic(kafka, topic)) records.push(record);
      return records;
    };
    expect(await all('to')).toEqual(await all('from'));
  });
});

describe('kload verify --topic', () => {
  it('says whether two topics, or a recording and a topic, hold the same records', async () => {
    using dir = folder();
    for (const topic of ['first', 'copy']) await kafka.createTopic(topic, { partitions: topic === 'first' ? 1 : 3 });
    const made = ['--count', '500', '--record-size', '100', '--quiet'];
    for (const topic of ['first', 'copy'])
      expect(await kload(['run', ...made, ...at(topic)])).toMatchObject({ code: 0 });
    const counts = { equal: true, expected: 500, found: 500, missing: 0, extra: 0 };
    const verify = async (...args: string[]) => {
      const { code, stdout } = await kload(['verify', ...at('copy'), '--json', ...args]);
      return { code, ...JSON.parse(stdout) };
    };
    expect(await verify('--against', 'first')).toMatchObject({ code: 0, ...counts });
    const recorded = await kload([
      'tail',
      ...at('first'),
      '--no-follow',
      '--format',
      'ndjson',
      '--output',
      dir.path('r.ndjson'),
    ]);
    expect(recorded.code).toBe(0);
    expect(await verify('--input', dir.path('r.ndjson'))).toMatchObject({ code: 0, ...counts });
    await put('copy', [{ key: 'x', value: 'one more' }]);
    expect(await verify('--against', 'first')).toMatchObject({ code: 5, equal: false, missing: 0, extra: 1 });
  });
});
