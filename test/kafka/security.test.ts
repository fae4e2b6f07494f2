import { createPrivateKey } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { beforeAll, expect, it } from 'vitest';
import type { KafkaAccess } from '../../src/core/kafka-access.js';
import { readConnection } from '../../src/kafka/cluster/security.js';
import { errorOf } from '../support/errors.js';

const folder = mkdtempSync(join(tmpdir(), 'kload-security-'));
const PLAIN: KafkaAccess = { brokers: ['a:9092'], tls: undefined, sasl: undefined };
const SECRET = 'hunter2 with a space';
const NO_FILES = { ca: undefined, certificate: undefined, key: undefined };

let one: { private: string; cert: string };
let other: { private: string; cert: string };

beforeAll(async () => {
  one = await generate([{ name: 'commonName', value: 'one' }]);
  other = await generate([{ name: 'commonName', value: 'other' }]);
});

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const read = (access: Partial<KafkaAccess>, env: NodeJS.ProcessEnv = {}) =>
  readConnection({ ...PLAIN, ...access }, env, 1000);

it.each(['', '\n', '\r\n'])('reads a password from a file that ends in %j', (end) => {
  const password = { file: file('password', SECRET + end) };
  const { sasl } = read({ sasl: { mechanism: 'plain', username: 'alice', password } });
  expect(sasl).toEqual({ mechanism: 'plain', username: 'alice', password: SECRET });
});

it('reads secrets from variables, and leaves a token file to be read at each login', () => {
  const env = { KLOAD_SASL_TOKEN: SECRET };
  const token = { variable: 'KLOAD_SASL_TOKEN' };
  expect(read({ sasl: { mechanism: 'oauthbearer', token } }, env).sasl).toMatchObject({ token: SECRET });
  const tokenFile = { file: file('token', SECRET) };
  expect(read({ sasl: { mechanism: 'oauthbearer', token: tokenFile } }).sasl).toMatchObject({ token: tokenFile });
});

it('names the secret that cannot be read', () => {
  const sasl = (name: string) => ({ mechanism: 'plain', username: 'a', password: { file: name } }) as const;
  const missing = errorOf(() => read({ sasl: sasl('/nowhere') }));
  expect(missing).toMatchObject({ exit: 'usage', message: expect.stringContaining('--sasl-password-file') });
  expect(errorOf(() => read({ sasl: sasl(file('empty', '\n')) })).message).toMatch(/the file is empty$/);
});

it.each<[string, string | undefined, NodeJS.ProcessEnv, string]>([
  ['b-1.orders.abc123.c2.kafka.us-east-1.amazonaws.com:9098', undefined, { AWS_REGION: 'eu-west-1' }, 'us-east-1'],
  ['boot-x1.c1.kafka-serverless.eu-north-1.amazonaws.com:9098', undefined, {}, 'eu-north-1'],
  ['b-1.orders.abc123.c2.kafka.cn-north-1.amazonaws.com.cn:9098', undefined, {}, 'cn-north-1'],
  ['kafka.internal:9098', undefined, { AWS_REGION: 'eu-west-1' }, 'eu-west-1'],
  ['b-1.orders.abc123.c2.kafka.us-east-1.amazonaws.com:9098', 'eu-west-2', {}, 'eu-west-2'],
])('signs for the region of %s', (broker, given, env, region) => {
  const sasl = { mechanism: 'aws-msk-iam', region: given, profile: undefined } as const;
  expect(read({ brokers: [broker], sasl }, env).sasl).toMatchObject({ region });
});

it('requires a region to sign for', () => {
  const sasl = { mechanism: 'aws-msk-iam', region: undefined, profile: undefined } as const;
  expect(errorOf(() => read({ sasl })).hint).toContain('--region');
});

it('accepts certificates and keys in PEM, and encrypted keys', () => {
  const ca = file('ca.pem', `for reading\n${other.cert}`);
  const certificate = file('cert.pem', one.cert);
  const key = file('key.pem', one.private);
  const { tls } = read({ tls: { ca, certificate, key } });
  expect(tls?.ca).toContain(other.cert.trim());
  const encrypted = createPrivateKey(one.private)
    .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: SECRET })
    .toString();
  const files = { ca: undefined, certificate, key: file('encrypted.pem', encrypted) };
  expect(read({ tls: files }, { KLOAD_TLS_KEY_PASSPHRASE: SECRET }).tls?.key).toBe(tls?.key);
  expect(errorOf(() => read({ tls: files })).hint).toBe('set KLOAD_TLS_KEY_PASSPHRASE');
  const wrong = errorOf(() => read({ tls: files }, { KLOAD_TLS_KEY_PASSPHRASE: `${SECRET}!` }));
  expect(wrong.message).toMatch(/cannot be decrypted$/);
  expect(`${wrong.message} ${wrong.hint}`).not.toContain(SECRET);
});

it('explains what is wrong with a certificate or key', () => {
  const certificate = file('one.pem', one.cert);
  const noPem = file('store.jks', 'not PEM');
  const message = (tls: object) => errorOf(() => read({ tls: { ...NO_FILES, ...tls } })).message;
  expect(message({ ca: '/nowhere' })).toMatch(/^--tls-ca: the file cannot be read/);
  expect(message({ ca: noPem })).toMatch(/^--tls-ca .* contains no PEM certificate$/);
  const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
  expect(message({ ca: file('broken.pem', broken) })).toMatch(/contains no PEM certificate$/);
  expect(message({ certificate, key: noPem })).toMatch(/^--tls-key .* contains no PEM private key$/);
  const otherKey = file('other-key.pem', other.private);
  expect(message({ certificate, key: otherKey })).toBe(
    `--tls-key ${otherKey} is not the key of --tls-cert ${certificate}`,
  );
});
