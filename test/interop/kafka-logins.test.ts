import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readTopic } from '../support/kafka/consumer.js';
import { type ListenerName, USER } from '../support/kafka/properties.js';
import { folder, kload } from '../support/kload.js';
import { type Kafka, sendAll, startKafka, toKafka } from './support/kafka.js';

/** kload connects to each listener of a real broker, and reports in one line why a connection failed. */

/** Almost as short as possible: a broker accepts at most one new login a second on a connection. */
const SESSION_MS = 3_000;
const AWS = { AWS_ACCESS_KEY_ID: 'AKIDKLOAD', AWS_SECRET_ACCESS_KEY: 'aws-secret', AWS_REGION: 'eu-west-1' };
const PASSWORD = { KLOAD_SASL_PASSWORD: USER.password };
const TARGET_EXIT = 4;
const ONE_LINE_AND_A_HINT = /^kload: [^\n]+\n( {7}[^\n]+\n)?$/;

let kafka: Kafka;
const files = folder();

beforeAll(async () => {
  kafka = await startKafka({
    listeners: ['tls', 'mtls', 'sasl', 'saslTls', 'oauth', 'iam'],
    properties: { 'listener.name.iam.oauthbearer.connections.max.reauth.ms': String(SESSION_MS) },
  });
  await kafka.createTopic('refused');
});

afterAll(async () => {
  await kafka?.[Symbol.asyncDispose]();
  files[Symbol.dispose]();
});

interface Login {
  readonly listener: ListenerName;
  readonly args?: () => string[];
  readonly env?: NodeJS.ProcessEnv;
}

const ca = (): string[] => ['--tls-ca', kafka.certificates.caFile];
const clientCertificate = (): string[] => {
  const { clientCertFile, clientKeyFile } = kafka.certificates;
  return ['--tls-cert', clientCertFile, '--tls-key', clientKeyFile];
};
const login = (mechanism: string): string[] => ['--sasl', mechanism, '--sasl-username', USER.username];

function unsignedToken(): string {
  const now = Math.floor(Date.now() / 1000);
  const parts = [{ alg: 'none' }, { sub: 'alice', iat: now, exp: now + 600 }];
  return `${parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')}.`;
}

describe('kload sends', () => {
  test.each<[string, Login]>([
    ['unencrypted', { listener: 'plain' }],
    ['with-tls', { listener: 'tls', args: ca }],
    ['with-mutual-tls', { listener: 'mtls', args: () => [...ca(), ...clientCertificate()] }],
    ['with-plain', { listener: 'sasl', args: () => login('plain'), env: PASSWORD }],
    ['with-scram-sha-256', { listener: 'sasl', args: () => login('scram-sha-256'), env: PASSWORD }],
    ['with-scram-sha-512', { listener: 'sasl', args: () => login('scram-sha-512'), env: PASSWORD }],
    ['with-tls-and-plain', { listener: 'saslTls', args: () => [...ca(), ...login('plain')], env: PASSWORD }],
    ['with-tls-and-scram', { listener: 'saslTls', args: () => [...ca(), ...login('scram-sha-512')], env: PASSWORD }],
    [
      'with-a-token',
      { listener: 'oauth', args: () => ['--sasl', 'oauthbearer'], env: { KLOAD_SASL_TOKEN: unsignedToken() } },
    ],
    ['with-iam', { listener: 'iam', args: () => [...ca(), '--sasl', 'aws-msk-iam'], env: AWS }],
  ])('%s', async (topic, { listener, args = () => [], env = {} }) => {
    await kafka.createTopic(topic, { partitions: 2 });
    const report = await sendAll([...toKafka(kafka, topic, listener), ...args(), '--count', '2000'], '', env);
    const values = new Set<string>();
    for await (const { value } of readTopic(kafka, topic)) values.add(String(value));
    expect(values.size).toBe(2_000);
    for (const secret of [...Object.values(PASSWORD), AWS.AWS_SECRET_ACCESS_KEY, ...Object.values(env)]) {
      expect(JSON.stringify(report)).not.toContain(secret);
    }
  });

  test('with the password and the token from files', async () => {
    await kafka.createTopic('from-files');
    const [password, token] = [files.path('password'), files.path('token')];
    writeFileSync(password, `${USER.password}\n`);
    writeFileSync(token, `${unsignedToken()}\n`);
    const count = ['--count', '500'];
    await sendAll([
      ...toKafka(kafka, 'from-files', 'sasl'),
      ...login('scram-sha-256'),
      ...['--sasl-password-file', password],
      ...count,
    ]);
    await sendAll([
      ...toKafka(kafka, 'from-files', 'oauth'),
      ...['--sasl', 'oauthbearer', '--sasl-token-file', token],
      ...count,
    ]);
    let read = 0;
    for await (const _ of readTopic(kafka, 'from-files')) read++;
    expect(read).toBe(1_000);
  });

  test('longer than an IAM session lasts, by logging in again', async () => {
    await kafka.createTopic('many-sessions');
    const logins = () =>
      kafka.nodes[0]?.lines.filter((line) => line.endsWith('took a token of AKIDSESSIONS')).length ?? 0;
    const words = [
      ...toKafka(kafka, 'many-sessions', 'iam'),
      ...ca(),
      '--sasl',
      'aws-msk-iam',
      '--region',
      'eu-west-1',
    ];
    const env = { AWS_ACCESS_KEY_ID: 'AKIDSESSIONS', AWS_SECRET_ACCESS_KEY: 'aws-secret' };
    const report = await sendAll([...words, '--rps', '500', '--duration', '12s'], '', env);
    expect(report.records).toMatchObject({ sent: 6_000, maybeDuplicated: 0 });
    expect(logins()).toBeGreaterThanOrEqual(6);
    let read = 0;
    for await (const _ of readTopic(kafka, 'many-sessions')) read++;
    expect(read).toBe(6_000);
  });
});

describe('kload explains in one line why it cannot send', () => {
  const wrongToken = { KLOAD_SASL_TOKEN: 'bm90IGEgdG9rZW4' };
  test.each<[string, Login & { readonly topic?: string; readonly says: RegExp }]>([
    ['an unknown topic', { listener: 'plain', topic: 'nowhere', says: /nowhere/ }],
    ['a TLS port without --tls', { listener: 'tls', says: /--tls/ }],
    ['an unencrypted port with --tls', { listener: 'plain', args: () => ['--tls'], says: /TLS/ }],
    ['an untrusted certificate authority', { listener: 'tls', args: () => ['--tls'], says: /certificate.*--tls-ca/s }],
    ['no client certificate', { listener: 'mtls', args: ca, says: /certificate.*--tls-cert/s }],
    ['no login', { listener: 'sasl', says: /--sasl/ }],
    [
      'a wrong password with PLAIN',
      { listener: 'sasl', args: () => login('plain'), env: { KLOAD_SASL_PASSWORD: 'wr0ng' }, says: /alice/ },
    ],
    [
      'a wrong password with SCRAM',
      { listener: 'sasl', args: () => login('scram-sha-256'), env: { KLOAD_SASL_PASSWORD: 'wr0ng' }, says: /alice/ },
    ],
    [
      'a mechanism that is not enabled',
      { listener: 'oauth', args: () => login('plain'), env: PASSWORD, says: /OAUTHBEARER|oauthbearer/ },
    ],
    ['a malformed token', { listener: 'oauth', args: () => ['--sasl', 'oauthbearer'], env: wrongToken, says: /token/ }],
    [
      'a token that IAM does not accept',
      { listener: 'iam', args: () => [...ca(), '--sasl', 'oauthbearer'], env: wrongToken, says: /token/ },
    ],
  ])('%s', async (_, { listener, args = () => [], env = {}, topic = 'refused', says }) => {
    const ended = await kload([...toKafka(kafka, topic, listener), ...args(), '--count', '10'], '', env);
    expect(ended.stderr).toMatch(says);
    expect(ended.stderr).toMatch(ONE_LINE_AND_A_HINT);
    expect(ended.stderr).not.toMatch(/wr0ng|alice-secret|bm90IGEgdG9rZW4/);
    expect(ended.code).toBe(TARGET_EXIT);
  });

  test('nothing listening', async () => {
    const args = ['run', '--target', 'kafka', '--brokers', '127.0.0.1:1', '--topic', 'refused', '--quiet'];
    const ended = await kload([...args, '--count', '10']);
    expect(ended.stderr).toMatch(/^kload: [^\n]*127\.0\.0\.1:1[^\n]*\n/);
    expect(ended.stderr).toMatch(ONE_LINE_AND_A_HINT);
    expect(ended.code).toBe(TARGET_EXIT);
  });
});
