import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatBrokerAddress, parseBrokerAddress } from '../../src/core/kafka-access.js';
import { KAFKA_CONNECTION_OPTIONS } from '../../src/kafka/connection-options.js';
import { type KafkaPlan, kafkaWarning, planKafkaConnection } from '../../src/kafka/connection-plan.js';
import { CONNECTION_OPTIONS } from '../../src/kinesis/connection-options.js';
import { parseOptions } from '../../src/options/parse.js';
import { errorOf } from '../support/errors.js';

const TABLE = { ...CONNECTION_OPTIONS, ...KAFKA_CONNECTION_OPTIONS };
const HERE = { brokers: 'kafka-1:9092', topic: 'orders' };

function plan(given: Readonly<Record<string, unknown>>, env: NodeJS.ProcessEnv = {}): KafkaPlan {
  return planKafkaConnection(parseOptions(TABLE, given, env), given, env);
}

describe('brokers', () => {
  it('are hosts with a port or the default port, without duplicates', () => {
    const list = 'kafka-1, kafka-2:9094,[::1]:9093,[::1],127.0.0.1:9092,kafka-1:9092';
    const { brokers } = plan({ ...HERE, brokers: list });
    expect(brokers).toEqual(['kafka-1:9092', 'kafka-2:9094', '[::1]:9093', '[::1]:9092', '127.0.0.1:9092']);
  });

  it.each(['', 'a:', 'a:0', 'a:65536', 'kafka://a:9092', 'http://a', '::1', 'a b', 'a:9092,', '[::1', 'a/b'])(
    'are not %j',
    (list) => {
      const { exit, message } = errorOf(() => plan({ ...HERE, brokers: list }));
      expect(exit).toBe('usage');
      expect(message).toMatch(/^--brokers takes brokers as host:9092/);
    },
  );

  it('with a password are refused without showing it', () => {
    const { message } = errorOf(() => plan({ ...HERE, brokers: 'alice:hunter2@kafka:9092' }));
    expect(message).toMatch(/not an address with a user$/);
  });

  it('are read back as they are written', () => {
    const host = fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6());
    fc.assert(
      fc.property(host, fc.integer({ min: 1, max: 65_535 }), (host, port) => {
        expect(parseBrokerAddress(formatBrokerAddress({ host, port }))).toEqual({ host, port });
      }),
    );
  });
});

it('needs brokers and a valid topic name', () => {
  expect(errorOf(() => plan({ topic: 'orders' })).hint).toContain('--brokers');
  expect(errorOf(() => plan({ brokers: 'a' })).hint).toContain('--topic');
  for (const topic of ['', '.', '..', 'a b', 'x'.repeat(250)]) {
    expect(errorOf(() => plan({ ...HERE, topic })).message).toMatch(/^--topic takes the name of a topic/);
  }
});

it('can take everything from the environment', () => {
  const env = {
    KLOAD_BROKERS: 'a',
    KLOAD_TOPIC: 't',
    KLOAD_TLS: 'true',
    KLOAD_SASL: 'SCRAM-SHA-512',
    KLOAD_SASL_USERNAME: 'alice',
    KLOAD_SASL_PASSWORD: 'hunter2',
  };
  const planned = plan({}, env);
  expect(planned).toEqual({
    brokers: ['a:9092'],
    topic: 't',
    tls: { ca: undefined, certificate: undefined, key: undefined },
    sasl: { mechanism: 'scram-sha-512', username: 'alice', password: { variable: 'KLOAD_SASL_PASSWORD' } },
  });
  expect(JSON.stringify(planned)).not.toContain('hunter2');
});

it.each([
  [{}, undefined],
  [{ tls: true }, { ca: undefined, certificate: undefined, key: undefined }],
  [{ tlsCa: 'ca.pem' }, { ca: 'ca.pem', certificate: undefined, key: undefined }],
  [
    { tlsCert: 'c.pem', tlsKey: 'k.pem' },
    { ca: undefined, certificate: 'c.pem', key: 'k.pem' },
  ],
])('encrypts with %j', (given, tls) => {
  expect(plan({ ...HERE, ...given }).tls).toEqual(tls);
});

it('takes a login for each mechanism, and prefers a file to a variable', () => {
  const env = { KLOAD_SASL_PASSWORD: 'p', KLOAD_SASL_TOKEN: 't' };
  const sasl = (given: object) => plan({ ...HERE, ...given }, env).sasl;
  expect(sasl({})).toBeUndefined();
  const bob = { sasl: 'plain', saslUsername: 'bob' };
  expect(sasl(bob)).toEqual({ mechanism: 'plain', username: 'bob', password: { variable: 'KLOAD_SASL_PASSWORD' } });
  expect(sasl({ ...bob, saslPasswordFile: 'p.txt' })).toMatchObject({ password: { file: 'p.txt' } });
  expect(sasl({ sasl: 'oauthbearer' })).toEqual({ mechanism: 'oauthbearer', token: { variable: 'KLOAD_SASL_TOKEN' } });
  expect(sasl({ sasl: 'oauthbearer', saslTokenFile: 't' })).toMatchObject({ token: { file: 't' } });
  const msk = { sasl: 'aws-msk-iam', tls: true, region: 'eu-west-1' };
  expect(sasl(msk)).toEqual({ mechanism: 'aws-msk-iam', region: 'eu-west-1', profile: undefined });
});

it.each([
  [{ tlsCert: 'c.pem' }, '--tls-cert needs its private key'],
  [{ tlsKey: 'k.pem' }, '--tls-key needs its certificate'],
  [{ sasl: 'gssapi' }, "--sasl takes plain, scram-sha-256, scram-sha-512, oauthbearer, aws-msk-iam, not 'gssapi'"],
  [{ sasl: 'plain' }, '--sasl plain needs a user name'],
  [{ sasl: 'plain', saslUsername: 'a' }, '--sasl plain needs a password'],
  [{ sasl: 'oauthbearer' }, '--sasl oauthbearer needs a token'],
  [{ saslUsername: 'a' }, '--sasl-username needs --sasl'],
  [{ saslPasswordFile: 'a' }, '--sasl-password-file needs --sasl'],
  [{ saslTokenFile: 'a' }, '--sasl-token-file needs --sasl'],
  [
    { sasl: 'oauthbearer', saslTokenFile: 'a', saslUsername: 'a' },
    '--sasl-username cannot be used with --sasl oauthbearer',
  ],
  [{ sasl: 'aws-msk-iam', tls: true, saslTokenFile: 'a' }, '--sasl-token-file cannot be used with --sasl aws-msk-iam'],
  [{ sasl: 'aws-msk-iam' }, '--sasl aws-msk-iam needs --tls'],
])('refuses %j', (given, message) => {
  const error = errorOf(() => plan({ ...HERE, ...given }));
  expect(error).toMatchObject({ exit: 'usage', message });
});

it('ignores variables that the mechanism does not use', () => {
  const env = { KLOAD_SASL_USERNAME: 'alice', KLOAD_SASL_PASSWORD: 'p', KLOAD_SASL_TOKEN_FILE: 't' };
  expect(plan(HERE, env).sasl).toBeUndefined();
  expect(plan({ ...HERE, sasl: 'oauthbearer' }, env).sasl).toEqual({ mechanism: 'oauthbearer', token: { file: 't' } });
});

it('warns before a secret leaves the machine unencrypted', () => {
  const env = { KLOAD_SASL_PASSWORD: 'p', KLOAD_SASL_TOKEN: 't', KLOAD_SASL_USERNAME: 'a' };
  const warning = (given: object) => kafkaWarning(plan({ ...HERE, ...given }, env));
  expect(warning({ sasl: 'plain' })).toContain('sends the password over the network unencrypted');
  expect(warning({ sasl: 'oauthbearer' })).toContain('the token');
  expect(warning({ sasl: 'plain', tls: true })).toBeUndefined();
  expect(warning({ sasl: 'scram-sha-512' })).toBeUndefined();
  expect(warning({})).toBeUndefined();
  expect(warning({ sasl: 'plain', brokers: 'localhost,127.0.0.1,[::1]' })).toBeUndefined();
});
