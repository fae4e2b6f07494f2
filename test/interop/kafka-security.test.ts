import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KloadError } from '../../src/core/errors.js';
import type { KafkaAccess, KafkaSaslAccess } from '../../src/core/kafka-access.js';
import { readConnection } from '../../src/kafka/cluster/security.js';
import { KafkaTarget } from '../../src/kafka/target.js';
import { describeTopic } from '../../src/kafka/topic.js';
import { startKafka } from '../support/kafka/broker.js';
import { type ListenerName, USER } from '../support/kafka/properties.js';
import { startKload } from '../support/kload.js';

/** Connects to each listener of a real broker, and checks the message of each failure. */

/** Short, so that sessions are renewed many times while a test sends. */
const SESSION_MS = 2_000;
const SENDING_MS = 3 * SESSION_MS;
const WRONG = 'not-her-password';

let kafka: Awaited<ReturnType<typeof startKafka>>;
let tokenFile: string;
let expiredFile: string;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  kafka = await startKafka({
    listeners: ['tls', 'mtls', 'sasl', 'saslTls', 'oauth', 'iam'],
    properties: { 'connections.max.reauth.ms': String(SESSION_MS) },
  });
  await kafka.createTopic('orders', { partitions: 3, config: { 'max.message.bytes': '2000000' } });
  tokenFile = join(dirname(kafka.certificates.caFile), 'token');
  writeFileSync(tokenFile, `${unsignedToken()}\n`);
  expiredFile = join(dirname(tokenFile), 'expired');
  writeFileSync(expiredFile, unsignedToken(-300));
  env = { PASSWORD: USER.password, WRONG };
  process.env.AWS_ACCESS_KEY_ID = 'AKIDEXAMPLE';
  process.env.AWS_SECRET_ACCESS_KEY = 'its-secret';
});

afterAll(() => kafka?.[Symbol.asyncDispose]());

function unsignedToken(lifeSeconds = 600): string {
  const now = Math.floor(Date.now() / 1000);
  const parts = [{ alg: 'none' }, { sub: 'alice', iat: now - 600, exp: now + lifeSeconds }];
  return `${parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')}.`;
}

interface Login {
  readonly listener: ListenerName;
  readonly tls?: 'none' | 'ca' | 'client';
  readonly sasl?: KafkaSaslAccess | undefined;
}

function connect({ listener, tls = 'none', sasl }: Login) {
  const { caFile, clientCertFile, clientKeyFile } = kafka.certificates;
  const own = tls === 'client' ? { certificate: clientCertFile, key: clientKeyFile } : NO_CERTIFICATE;
  const access: KafkaAccess = {
    brokers: kafka.brokers(listener).split(','),
    tls: tls === 'none' ? undefined : { ca: caFile, ...own },
    sasl,
  };
  return readConnection(access, env, 5_000);
}

const NO_CERTIFICATE = { certificate: undefined, key: undefined };

type PasswordMechanism = 'plain' | 'scram-sha-256' | 'scram-sha-512';
const login = (mechanism: PasswordMechanism, variable = 'PASSWORD'): KafkaSaslAccess => ({
  mechanism,
  username: USER.username,
  password: { variable },
});
const bearer = (file: () => string): KafkaSaslAccess => ({
  mechanism: 'oauthbearer',
  get token() {
    return { file: file() };
  },
});
const MSK: KafkaSaslAccess = { mechanism: 'aws-msk-iam', region: 'eu-west-1', profile: undefined };

const LOGINS: [string, Login][] = [
  ['unencrypted', { listener: 'plain' }],
  ['with TLS', { listener: 'tls', tls: 'ca' }],
  ['with TLS and a client certificate', { listener: 'mtls', tls: 'client' }],
  ['with PLAIN', { listener: 'sasl', sasl: login('plain') }],
  ['with SCRAM-SHA-256', { listener: 'sasl', sasl: login('scram-sha-256') }],
  ['with SCRAM-SHA-512 and TLS', { listener: 'saslTls', tls: 'ca', sasl: login('scram-sha-512') }],
  ['with a token from a file', { listener: 'oauth', sasl: bearer(() => tokenFile) }],
  ['with a token for MSK', { listener: 'iam', tls: 'ca', sasl: MSK }],
];

test.each(LOGINS)('looks up a topic %s', async (_, login) => {
  const connection = connect(login);
  const brokers = connection.brokers.join();
  expect(await describeTopic(connection, 'orders', () => {})).toEqual({
    partitions: 3,
    messageBytesMax: 2_000_000,
    brokers,
  });
});

test('finds the only broker that is up', async () => {
  const connection = connect({ listener: 'plain' });
  const brokers = ['127.0.0.1:1', ...connection.brokers, '127.0.0.1:2'];
  expect(await describeTopic({ ...connection, brokers }, 'orders', () => {})).toMatchObject({ partitions: 3 });
});

describe('keeps sending when sessions are renewed with requests in flight', () => {
  test.each(LOGINS.filter(([, { sasl }]) => sasl !== undefined))('%s', async (_, login) => {
    const produce = {
      topic: 'orders',
      acks: -1,
      compression: 'none',
      idempotent: false,
      recordedTimestamps: false,
    } as const;
    const target = new KafkaTarget(connect(login), produce);
    const source = Buffer.from('a value');
    const record = {
      source,
      dataStart: 0,
      dataEnd: 7,
      keyStart: 0,
      keyEnd: 0,
      attributesStart: 0,
      attributesEnd: 0,
      recordedAtMs: NaN,
    };
    const endMs = performance.now() + SENDING_MS;
    const sendTo = async (partition: string) => {
      let sent = 0;
      while (performance.now() < endMs) {
        const { refusal, failures } = await target.send([record], () => {}, partition);
        // If a session expired, the broker would close the connection and the batches on it would fail.
        expect(refusal).toBeUndefined();
        expect(failures).toEqual([]);
        sent += 1;
      }
      return sent;
    };
    await target.warmUp();
    const counts = await Promise.all(['0', '1', '2'].map(sendTo));
    target.close();
    expect(Math.min(...counts)).toBeGreaterThan(0);
  });
});

test.each<[string, Login, RegExp, RegExp]>([
  ['a TLS port without TLS', { listener: 'tls' }, /accepts encrypted connections only$/, /--tls/],
  ['an unencrypted port with TLS', { listener: 'plain', tls: 'ca' }, /does not speak TLS$/, /leave out --tls/],
  ['no client certificate', { listener: 'mtls', tls: 'ca' }, /refused the TLS connection/, /--tls-cert/],
  ['no login', { listener: 'sasl' }, /closed the connection/, /--sasl/],
  ['no login with TLS', { listener: 'saslTls', tls: 'ca' }, /closed the connection/, /--sasl/],
  [
    'a login where none is accepted',
    { listener: 'plain', sasl: login('plain') },
    /does not accept a login$/,
    /leave out --sasl/,
  ],
  [
    'a wrong password',
    { listener: 'sasl', sasl: login('plain', 'WRONG') },
    /refused the login of 'alice' by plain/,
    /password/,
  ],
  [
    'a wrong password with SCRAM',
    { listener: 'sasl', sasl: login('scram-sha-512', 'WRONG') },
    /refused the login of 'alice' by scram-sha-512/,
    /password/,
  ],
  [
    'a mechanism that is not enabled',
    { listener: 'oauth', sasl: login('plain') },
    /does not offer --sasl plain, only oauthbearer$/,
    /enabled/,
  ],
  [
    'a malformed token',
    { listener: 'oauth', sasl: bearer(() => kafka.certificates.caFile) },
    /refused the token by oauthbearer: Authentication failed/,
    /expired/,
  ],
  [
    'an expired token',
    { listener: 'oauth', sasl: bearer(() => expiredFile) },
    /refused the token by oauthbearer: .*invalid_token/,
    /expired/,
  ],
  [
    'no token',
    { listener: 'oauth', sasl: bearer(() => tokenFile) },
    /no token for --sasl oauthbearer/,
    /--sasl-token-file/,
  ],
])('explains the failure of %s', async (name, login, message, hint) => {
  const connection = connect(login);
  if (name === 'no token') Object.assign(connection.sasl ?? {}, { token: { file: '/nowhere' } });
  const error = await describeTopic(connection, 'orders', () => {}).catch((error: unknown) => error);
  if (!(error instanceof KloadError)) throw error;
  expect(error.exit).toBe('target');
  expect(error.message).toMatch(message);
  expect(error.hint).toMatch(hint);
  const text = `${error.message} ${error.hint} ${error.stack}`;
  for (const secret of [USER.password, WRONG, readFileSync(tokenFile, 'utf8').trim()])
    expect(text).not.toContain(secret);
});

test('suggests topics with names similar to an unknown one', async () => {
  const unknown = async (topic: string) => {
    const error = await describeTopic(connect({ listener: 'plain' }), topic, () => {}).catch((error: unknown) => error);
    return error as KloadError;
  };
  expect((await unknown('Order')).message).toMatch(/^there is no topic 'Order' at /);
  expect((await unknown('Order')).hint).toBe("did you mean 'orders'? else create it first");
  expect((await unknown('something-else')).hint).toBe('check --topic, or create it first');
});

test.each([
  ['a variable', USER.password, 0],
  ['a file', undefined, 0],
  ['a variable and is wrong', WRONG, 4],
])('never shows or writes a password that comes from %s', async (_, password, code) => {
  const folder = mkdtempSync(join(tmpdir(), 'kload-secrets-'));
  const file = (name: string) => join(folder, name);
  writeFileSync(file('in.csv'), 'data\none\ntwo\nthree\n');
  const passwordFile = join(dirname(tokenFile), 'password');
  writeFileSync(passwordFile, `${USER.password}\n`);
  const { caFile } = kafka.certificates;
  const target = ['--brokers', kafka.brokers('saslTls'), '--topic', 'orders', '--tls-ca', caFile];
  const login = ['--sasl', 'scram-sha-512', '--sasl-username', USER.username];
  const outputs = ['--report', file('report.json'), '--checkpoint', file('run.ckpt')];
  const secret = password === undefined ? ['--sasl-password-file', passwordFile] : [];
  const env = password === undefined ? {} : { KLOAD_SASL_PASSWORD: password };
  const ended = await startKload(['run', file('in.csv'), ...target, ...login, ...outputs, ...secret], env).ended;
  expect(ended.code).toBe(code);
  const written = readdirSync(folder).map((name) => readFileSync(file(name), 'utf8'));
  for (const text of [ended.stdout, ended.stderr, ...written]) {
    expect(text).not.toContain(USER.password);
    expect(text).not.toContain(WRONG);
  }
  rmSync(folder, { recursive: true });
});
