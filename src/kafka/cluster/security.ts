import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { KloadError, messageOf } from '../../core/errors.js';
import {
  type KafkaAccess,
  type KafkaTlsFiles,
  parseBrokerAddress,
  type SecretSource,
} from '../../core/kafka-access.js';
import type { KafkaConnection, KafkaSasl, KafkaTls } from './connection.js';

const PASSPHRASE_VARIABLE = 'KLOAD_TLS_KEY_PASSPHRASE';

/**
 * Reads the secrets and certificates that `access` names. Throws a KloadError (usage) if one cannot be read or used. No
 * error message contains a secret.
 */
export function readConnection(access: KafkaAccess, env: NodeJS.ProcessEnv, requestTimeoutMs: number): KafkaConnection {
  const { brokers } = access;
  return { brokers, tls: readTls(access.tls, env), sasl: readSasl(access, env), requestTimeoutMs };
}

function readSasl({ sasl, brokers }: KafkaAccess, env: NodeJS.ProcessEnv): KafkaSasl | undefined {
  if (sasl === undefined) return undefined;
  switch (sasl.mechanism) {
    case 'aws-msk-iam': {
      const { mechanism, profile } = sasl;
      const region = sasl.region ?? regionOfBrokers(brokers) ?? env.AWS_REGION ?? env.AWS_DEFAULT_REGION;
      if (region) return { mechanism, region, profile };
      const hint = 'pass --region, or set AWS_REGION';
      throw new KloadError('usage', "no AWS region is set, and the brokers' names contain none", hint);
    }
    case 'oauthbearer': {
      const { mechanism, token } = sasl;
      const value = readSecret('--sasl-token-file', token, env);
      return { mechanism, token: 'file' in token ? token : value };
    }
    default: {
      const { mechanism, username, password } = sasl;
      return { mechanism, username, password: readSecret('--sasl-password-file', password, env) };
    }
  }
}

/** MSK's host names contain their region, which a login must be signed for. */
function regionOfBrokers(brokers: readonly string[]): string | undefined {
  for (const broker of brokers) {
    const host = parseBrokerAddress(broker)?.host.toLowerCase() ?? '';
    const [, region] = /\.kafka(?:-serverless)?\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?$/.exec(host) ?? [];
    if (region !== undefined) return region;
  }
  return undefined;
}

function readSecret(flag: string, from: SecretSource, env: NodeJS.ProcessEnv): string {
  if ('variable' in from) return env[from.variable] ?? '';
  const secret = secretOfFile(readFile(flag, from.file));
  if (secret === '') throw new KloadError('usage', `${flag} ${from.file}: the file is empty`);
  return secret;
}

/** Removes the line break that editors and `echo` put at the end of a file. */
export function secretOfFile(text: string): string {
  return text.replace(/\r?\n$/, '');
}

function readFile(flag: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new KloadError('usage', `${flag}: the file cannot be read: ${messageOf(error)}`);
  }
}

function readTls(files: KafkaTlsFiles | undefined, env: NodeJS.ProcessEnv): KafkaTls | undefined {
  if (files === undefined) return undefined;
  const ca = files.ca === undefined ? undefined : readCertificates('--tls-ca', files.ca);
  if (files.certificate === undefined || files.key === undefined) return { ca, certificate: undefined, key: undefined };
  const certificate = readCertificates('--tls-cert', files.certificate);
  const key = readKey(files.key, env[PASSPHRASE_VARIABLE]);
  if (!new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key))) {
    throw new KloadError('usage', `--tls-key ${files.key} is not the key of --tls-cert ${files.certificate}`);
  }
  return { ca, certificate, key };
}

function readCertificates(flag: string, file: string): string {
  const pem = readFile(flag, file);
  const blocks =
    pem.match(/-----BEGIN (?:TRUSTED )?CERTIFICATE-----[^-]*-----END (?:TRUSTED )?CERTIFICATE-----/g) ?? [];
  try {
    // TLS silently skips a certificate that it cannot parse, and then trusts no broker.
    for (const block of blocks) new X509Certificate(block);
    if (blocks.length > 0) return pem;
  } catch {}
  throw new KloadError('usage', `${flag} ${file} contains no PEM certificate`, PEM_HINT);
}

/** Returns the key unencrypted, so that no other code needs the passphrase. */
function readKey(file: string, passphrase: string | undefined): string {
  const pem = readFile('--tls-key', file);
  const isEncrypted = /-----BEGIN ENCRYPTED |^Proc-Type: 4,ENCRYPTED/m.test(pem);
  if (isEncrypted && !passphrase) {
    throw new KloadError('usage', `--tls-key ${file} is encrypted`, `set ${PASSPHRASE_VARIABLE}`);
  }
  try {
    return createPrivateKey({ key: pem, passphrase }).export({ type: 'pkcs8', format: 'pem' }).toString();
  } catch {
    if (!isEncrypted) throw new KloadError('usage', `--tls-key ${file} contains no PEM private key`, PEM_HINT);
    const hint = `is the passphrase in ${PASSPHRASE_VARIABLE} correct?`;
    throw new KloadError('usage', `--tls-key ${file} cannot be decrypted`, hint);
  }
}

const PEM_HINT = 'convert a Java key store with keytool -importkeystore -deststoretype PKCS12, then openssl pkcs12';
