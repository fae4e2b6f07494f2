import { readFileSync } from 'node:fs';
import { generateAuthTokenFromCredentialsProvider } from 'aws-msk-iam-sasl-signer-js';
import { type EachMessagePayload, Kafka, type KafkaConfig, logLevel, type SASLOptions } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startKafka } from '../support/kafka/broker.js';
import { readTopic } from '../support/kafka/consumer.js';
import { type ListenerName, USER } from '../support/kafka/properties.js';

/** That the broker of the other tests is what they take it for: a client that is not ours comes in by each way. */

const TOPIC = 'round-trip';
const LISTENERS = ['tls', 'mtls', 'sasl', 'saslTls', 'oauth', 'iam'] as const;

let kafka: Awaited<ReturnType<typeof startKafka>>;

beforeAll(async () => {
  kafka = await startKafka({ listeners: LISTENERS });
  await kafka.createTopic(TOPIC);
});

afterAll(() => kafka?.[Symbol.asyncDispose]());

interface Way extends Pick<KafkaConfig, 'sasl'> {
  readonly listener: ListenerName;
  readonly certificate?: boolean;
}

const oauth = (token: () => Promise<string>): SASLOptions => ({
  mechanism: 'oauthbearer',
  oauthBearerProvider: async () => ({ value: await token() }),
});

const mskToken = (accessKeyId: string, expiration?: Date) => async () => {
  const awsCredentialsProvider = async () => ({
    accessKeyId,
    secretAccessKey: 'secret',
    ...(expiration && { expiration }),
  });
  return (await generateAuthTokenFromCredentialsProvider({ region: 'eu-west-1', awsCredentialsProvider })).token;
};

const unsignedToken = async () => {
  const now = Math.floor(Date.now() / 1000);
  const parts = [{ alg: 'none' }, { sub: 'alice', iat: now, exp: now + 60 }];
  return `${parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')}.`;
};

const TLS: readonly ListenerName[] = ['tls', 'mtls', 'saslTls', 'iam'];

function client({ listener, sasl, certificate = false }: Way, retries = 10): Kafka {
  const { caFile, clientCertFile, clientKeyFile } = kafka.certificates;
  const ssl = {
    ca: readFileSync(caFile),
    ...(certificate && { cert: readFileSync(clientCertFile), key: readFileSync(clientKeyFile) }),
  };
  return new Kafka({
    brokers: kafka.brokers(listener).split(','),
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 50, retries },
    ...(TLS.includes(listener) && { ssl }),
    ...(sasl && { sasl }),
  });
}

async function roundTrip(way: Way, value: string): Promise<string | undefined> {
  const one = client(way);
  const producer = one.producer({ idempotent: true, maxInFlightRequests: 1, retry: { retries: 3 } });
  await producer.connect();
  const [sent] = await producer.send({ topic: TOPIC, acks: -1, messages: [{ key: 'k', value, headers: { h: 'v' } }] });
  await producer.disconnect();
  const consumer = one.consumer({ groupId: `of-${value}` });
  await consumer.connect();
  await consumer.subscribe({ topic: TOPIC, fromBeginning: true });
  const text = await new Promise<string | undefined>((resolve, reject) => {
    const eachMessage = async ({ message }: EachMessagePayload) => {
      if (message.offset === sent?.baseOffset) resolve(message.value?.toString());
    };
    consumer.run({ eachMessage }).catch(reject);
  });
  await consumer.disconnect();
  return text;
}

describe('a real broker takes a client of kafkajs', () => {
  test.each<[string, Way]>([
    ['in the open', { listener: 'plain' }],
    ['by TLS', { listener: 'tls' }],
    ['by TLS with a certificate', { listener: 'mtls', certificate: true }],
    ['by PLAIN', { listener: 'sasl', sasl: { mechanism: 'plain', ...USER } }],
    ['by SCRAM-SHA-256', { listener: 'sasl', sasl: { mechanism: 'scram-sha-256', ...USER } }],
    ['by SCRAM-SHA-512 and TLS', { listener: 'saslTls', sasl: { mechanism: 'scram-sha-512', ...USER } }],
    ['by an unsigned token', { listener: 'oauth', sasl: oauth(unsignedToken) }],
    ['by a token of MSK', { listener: 'iam', sasl: oauth(mskToken('AKIDEXAMPLE')) }],
  ])('%s', async (name, way) => {
    expect(await roundTrip(way, name)).toBe(name);
  });

  test.each<[string, Way]>([
    ['without the certificate that it wants', { listener: 'mtls' }],
    ['with a wrong password', { listener: 'sasl', sasl: { mechanism: 'plain', username: 'alice', password: 'x' } }],
    ['with a token that is none', { listener: 'iam', sasl: oauth(async () => 'bm8') }],
    ['with an expired token', { listener: 'iam', sasl: oauth(mskToken('AKIDLATE', new Date(Date.now() - 60_000))) }],
  ])('but not %s', async (_, way) => {
    const admin = client(way, 0).admin();
    // The client takes a refused token for a taken one; then the broker hangs up at the next request.
    await expect(admin.connect().then(() => admin.listTopics())).rejects.toThrow();
    await admin.disconnect();
  });

  test('and says whose token it took', () => {
    expect(kafka.nodes[0]?.lines).toContain('msk-iam: took a token of AKIDEXAMPLE');
    expect(kafka.nodes[0]?.lines).not.toContain('msk-iam: took a token of AKIDLATE');
  });
});

test('what was taken is there after a restart, and after an end without warning', async () => {
  await kafka.createTopic('kept', { partitions: 3 });
  const send = async (value: string, partition: number) => {
    const producer = client({ listener: 'plain' }).producer();
    await producer.connect();
    await producer.send({ topic: 'kept', acks: -1, messages: [{ partition, value, timestamp: '1700000000000' }] });
    await producer.disconnect();
  };
  await send('first', 2);
  await kafka.restart();
  await send('second', 0);
  await kafka.nodes[0]?.stop('SIGKILL');
  await kafka.nodes[0]?.start();
  await send('third', 2);
  const record = { timestampMs: 1_700_000_000_000, key: null, headers: [] };
  const read: unknown[] = [];
  for await (const found of readTopic(kafka, 'kept')) read.push({ ...found, value: found.value?.toString() });
  expect(read).toHaveLength(3);
  expect(read).toEqual(
    expect.arrayContaining([
      { ...record, partition: 2, offset: 0, value: 'first' },
      { ...record, partition: 2, offset: 1, value: 'third' },
      { ...record, partition: 0, offset: 0, value: 'second' },
    ]),
  );
});
