import { KloadError } from '../core/errors.js';
import {
  type KafkaAccess,
  type KafkaSaslAccess,
  type KafkaTlsFiles,
  parseBrokerAddress,
  type SecretSource,
} from '../core/kafka-access.js';
import { flagOf } from '../options/option.js';
import type { OptionValues } from '../options/parse.js';
import { isLoopback } from '../system/loopback.js';
import { KAFKA_CONNECTION_OPTIONS } from './connection-options.js';

/** A topic, and how to connect to its cluster. Holds no secret. */
export interface KafkaPlan extends KafkaAccess {
  readonly topic: string;
}

export type KafkaValues = OptionValues<typeof KAFKA_CONNECTION_OPTIONS> & {
  /** The AWS region, for aws-msk-iam. */
  readonly region: string | undefined;
  readonly profile: string | undefined;
};
type Name = keyof typeof KAFKA_CONNECTION_OPTIONS;
type Mechanism = NonNullable<KafkaValues['sasl']>;

/** The options of each mechanism. Options of another mechanism are refused: ignoring them would hide a mistake. */
const SASL_OPTIONS: Readonly<Record<Mechanism, readonly Name[]>> = {
  plain: ['saslUsername', 'saslPasswordFile'],
  'scram-sha-256': ['saslUsername', 'saslPasswordFile'],
  'scram-sha-512': ['saslUsername', 'saslPasswordFile'],
  oauthbearer: ['saslTokenFile'],
  'aws-msk-iam': [],
};

const PASSWORD_VARIABLE = 'KLOAD_SASL_PASSWORD';
const TOKEN_VARIABLE = 'KLOAD_SASL_TOKEN';

/**
 * Plans the connection to a topic. Throws a KloadError (usage) for options that contradict each other. Opens no file.
 *
 * @param given options given as flags. Only these are checked for being unused: variables are set for many runs
 */
export function planKafkaConnection(
  values: KafkaValues,
  given: Readonly<Record<string, unknown>>,
  env: NodeJS.ProcessEnv,
): KafkaPlan {
  const { brokers, topic } = values;
  if (brokers === undefined) {
    throw new KloadError('usage', 'Kafka needs --brokers', 'name one or more, as in --brokers host:9092');
  }
  if (topic === undefined) throw new KloadError('usage', '--brokers needs a topic', 'name it with --topic');
  checkSaslOptions(values.sasl, given);
  const tls = tlsOf(values);
  const sasl = saslOf(values, env);
  if (sasl?.mechanism === 'aws-msk-iam' && tls === undefined && !areLocal(brokers)) {
    throw new KloadError(
      'usage',
      '--sasl aws-msk-iam needs --tls',
      'add it: MSK accepts IAM authentication over TLS only',
    );
  }
  return { topic, brokers, tls, sasl };
}

/** A one-line warning that a secret is about to leave the machine unencrypted; undefined if none is. */
export function kafkaWarning({ brokers, tls, sasl }: KafkaAccess): string | undefined {
  const what = { plain: 'the password', oauthbearer: 'the token' }[sasl?.mechanism as 'plain' | 'oauthbearer'];
  if (what === undefined || tls !== undefined || areLocal(brokers)) return undefined;
  return `--sasl ${sasl?.mechanism} without --tls sends ${what} over the network unencrypted`;
}

function areLocal(brokers: readonly string[]): boolean {
  return brokers.every((broker) => {
    const address = parseBrokerAddress(broker);
    return address !== undefined && isLoopback(address.host);
  });
}

function checkSaslOptions(mechanism: Mechanism | undefined, given: Readonly<Record<string, unknown>>): void {
  const taken: readonly Name[] = mechanism === undefined ? [] : SASL_OPTIONS[mechanism];
  for (const name of ['saslUsername', 'saslPasswordFile', 'saslTokenFile'] as const) {
    if (given[name] === undefined || taken.includes(name)) continue;
    const flag = flagOf(KAFKA_CONNECTION_OPTIONS[name]);
    if (mechanism === undefined) {
      const hint =
        name === 'saslTokenFile' ? 'add --sasl oauthbearer' : 'add --sasl plain, scram-sha-256 or scram-sha-512';
      throw new KloadError('usage', `${flag} needs --sasl`, hint);
    }
    throw new KloadError('usage', `${flag} cannot be used with --sasl ${mechanism}`, 'leave it out');
  }
}

function tlsOf({ tls, tlsCa, tlsCert, tlsKey }: KafkaValues): KafkaTlsFiles | undefined {
  if (tlsCert !== undefined && tlsKey === undefined) {
    throw new KloadError('usage', '--tls-cert needs its private key', 'name the file with --tls-key');
  }
  if (tlsKey !== undefined && tlsCert === undefined) {
    throw new KloadError('usage', '--tls-key needs its certificate', 'name the file with --tls-cert');
  }
  if (!tls && tlsCa === undefined && tlsCert === undefined) return undefined;
  return { ca: tlsCa, certificate: tlsCert, key: tlsKey };
}

function saslOf(values: KafkaValues, env: NodeJS.ProcessEnv): KafkaSaslAccess | undefined {
  const { sasl: mechanism, saslUsername: username, saslPasswordFile, saslTokenFile, region, profile } = values;
  switch (mechanism) {
    case undefined:
      return undefined;
    case 'aws-msk-iam':
      return { mechanism, region, profile };
    case 'oauthbearer':
      return { mechanism, token: secretPlace(mechanism, 'token', saslTokenFile, TOKEN_VARIABLE, env) };
    default:
      if (username === undefined) {
        const hint = 'pass --sasl-username, or set KLOAD_SASL_USERNAME';
        throw new KloadError('usage', `--sasl ${mechanism} needs a user name`, hint);
      }
      return {
        mechanism,
        username,
        password: secretPlace(mechanism, 'password', saslPasswordFile, PASSWORD_VARIABLE, env),
      };
  }
}

function secretPlace(
  mechanism: Mechanism,
  what: 'password' | 'token',
  file: string | undefined,
  variable: string,
  env: NodeJS.ProcessEnv,
): SecretSource {
  if (file !== undefined) return { file };
  if (env[variable]) return { variable };
  throw new KloadError(
    'usage',
    `--sasl ${mechanism} needs a ${what}`,
    `set ${variable}, or pass a file that holds it with --sasl-${what}-file`,
  );
}
