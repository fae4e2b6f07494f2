import { readFileSync } from 'node:fs';
import { generateAuthTokenFromCredentialsProvider } from 'aws-msk-iam-sasl-signer-js';
import { type EachMessagePayload, Kafka, type KafkaConfig, logLevel, type SASLOptions } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startKafka } from '../support/kafka/broker.js';
import { readTopic } from '../support/kafka/consumer.js';
import { type ListenerName, USER } from '../support/kafka/properties.js';

/** Checks the broker that the other tests use: kafkajs can connect to each listener. */

const TOPIC = 'round-trip';
const LISTENERS = ['tls', 'mtls', 'sasl', 'saslTls', 'oauth', 'iam'] as const;

let kafka: Awaited<ReturnType<typeof startKafka>>;

beforeAll(async () => {
  kafka = await startKafka({ listeners: LISTENERS });
  await kafka.createTopic(TOPIC);
});

afterAll(() => kafka?.[Symbol.asyncDispose]());

interface Login extends Pick<KafkaConfig, 'sasl'> {
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

function client({ listener, sasl, certificate = false }: Login, retries = 10): Kafka {
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

async function roundTrip(login: Login, value: string): Promise<string | undefined> {
  const kafkajs = client(login);
  const producer = kafkajs.producer({ idempotent: true, maxInFlightRequests: 1, retry: { retries: 3 } });
  await producer.connect();
  const [sent] = await producer.send({ topic: TOPIC, acks: -1, messages: [{ key: 'k', value, headers: { h: 'v' } }] });
  await producer.disconnect();
  const consumer = kafkajs.consumer({ groupId: `of-${value}` });
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

describe('a real broker accepts kafkajs', () => {
  test.each<[string, Login]>([
    ['unencrypted', { listener: 'plain' }],
    ['with TLS', { listener: 'tls' }],
    ['with TLS and a client certificate', { listener: 'mtls', certificate: true }],
    ['with PLAIN', { listener: 'sasl', sasl: { mechanism: 'plain', ...USER } }],
    ['with SCRAM-SHA-256', { listener: 'sasl', sasl: { mechanism: 'scram-sha-256', ...USER } }],
    ['with SCRAM-SHA-512 and TLS', { listener: 'saslTls', sasl: { mechanism: 'scram-sha-512', ...USER } }],
    ['with an unsigned token', { listener: 'oauth', sasl: oauth(unsignedToken) }],
    ['with a token for MSK', { listener: 'iam', sasl: oauth(mskToken('AKIDEXAMPLE')) }],
  ])('%s', async (name, login) => {
    expect(await roundTrip(login, name)).toBe(name);
  });

  test.each<[string, Login]>([
    ['without the client certificate that it requires', { listener: 'mtls' }],
    ['with a wrong password', { listener: 'sasl', sasl: { mechanism: 'plain', username: 'alice', password: 'x' } }],
    ['with a malformed token', { listener: 'iam', sasl: oauth(async () => 'bm8') }],
    ['with an expired token', { listener: 'iam', sasl: oauth(mskToken('AKIDLATE', new Date(Date.now() - 60_000))) }],
  ])('but not %s', async (_, login) => {
    const admin = client(login, 0).admin();
    // kafkajs does not notice that a token was refused; the broker closes the connection at the next request.
    await expect(admin.connect().then(() => admin.listTopics())).rejects.toThrow();
    await admin.disconnect();
  });

  test('and logs whose token it accepted', () => {
    expect(kafka.nodes[0]?.lines).toContain('msk-iam: took a token of AKIDEXAMPLE');
    expect(kafka.nodes[0]?.lines).not.toContain('msk-iam: took a token of AKIDLATE');
  });
});

test('the broker keeps records when it is restarted or killed', async () => {
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
