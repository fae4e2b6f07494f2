import { KloadError } from '../../core/errors.js';
import type { KafkaConnection, KafkaSasl } from '../cluster/connection.js';
import { enabledMechanisms } from '../cluster/mechanisms.js';
import type { RootCause } from './root-cause.js';

/** Explains a failed login; undefined for any other error. `address` names the broker. */
export async function loginError(
  { name, type, message, error }: RootCause,
  address: string,
  connection: KafkaConnection,
): Promise<KloadError | undefined> {
  const { sasl } = connection;
  if (sasl === undefined) return undefined;
  const { mechanism } = sasl;
  if (type === 'UNSUPPORTED_SASL_MECHANISM') {
    const enabled = await enabledMechanisms(connection).catch(() => []);
    const offer = enabled.length === 0 ? '' : `, only ${enabled.map((name) => name.toLowerCase()).join(', ')}`;
    const hint = 'use a mechanism that the broker has enabled';
    return new KloadError('target', `${address} does not offer --sasl ${mechanism}${offer}`, hint);
  }
  if (type === 'ILLEGAL_SASL_STATE') {
    const hint = 'leave out --sasl, or give its SASL port in --brokers';
    return new KloadError('target', `${address} does not accept a login`, hint);
  }
  if (name === 'TokenError') return tokenError(error, message, mechanism);
  // kafkajs uses this name for PLAIN and SCRAM; for our own provider, the broker's error code arrives as it is.
  if (name !== 'KafkaJSSASLAuthenticationError' && type !== 'SASL_AUTHENTICATION_FAILED') return undefined;
  const who = 'username' in sasl ? `the login of '${sasl.username}'` : 'the token';
  const reason = message.replace(/^SASL [\w -]+ authentication failed: /, '');
  return new KloadError('target', `${address} refused ${who} by ${mechanism}: ${reason}`, HINTS[mechanism]);
}

const WRONG_PASSWORD = 'check --sasl-username and the password';
const HINTS: Readonly<Record<KafkaSasl['mechanism'], string>> = {
  plain: WRONG_PASSWORD,
  'scram-sha-256': WRONG_PASSWORD,
  'scram-sha-512': WRONG_PASSWORD,
  oauthbearer: 'has the token expired? is it meant for this cluster?',
  'aws-msk-iam': "do the AWS credentials allow kafka-cluster:Connect? is --region the cluster's region?",
};

function tokenError(error: unknown, message: string, mechanism: KafkaSasl['mechanism']): KloadError {
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof Error && /Credentials/.test(cause.name)) {
    const hint = 'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or pass --profile';
    return new KloadError('target', `no AWS credentials: ${firstLine(message)}`, hint);
  }
  const hint = mechanism === 'oauthbearer' ? 'see --sasl-token-file' : 'check --profile and --region';
  return new KloadError('target', `no token for --sasl ${mechanism}: ${firstLine(message)}`, hint);
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
