import { KloadError } from '../../core/errors.js';
import type { KafkaConnection, KafkaSasl } from '../cluster/connection.js';
import { enabledMechanisms } from '../cluster/mechanisms.js';
import type { InnerError } from './inner-error.js';

/** What a login failed at; undefined where that is something else. */
export async function loginError(
  { name, type, message, error }: InnerError,
  place: string,
  connection: KafkaConnection,
): Promise<KloadError | undefined> {
  const { sasl } = connection;
  if (sasl === undefined) return undefined;
  const { mechanism } = sasl;
  if (type === 'UNSUPPORTED_SASL_MECHANISM') {
    const enabled = await enabledMechanisms(connection).catch(() => []);
    const offer = enabled.length === 0 ? '' : `, but ${enabled.map((name) => name.toLowerCase()).join(', ')}`;
    return new KloadError(
      'target',
      `${place} does not offer --sasl ${mechanism}${offer}`,
      'use one that is enabled there',
    );
  }
  if (type === 'ILLEGAL_SASL_STATE') {
    return new KloadError('target', `${place} takes no login`, 'leave out --sasl, or name its SASL port in --brokers');
  }
  if (name === 'TokenError') return tokenError(error, message, mechanism);
  // kafkajs names its own mechanisms' failures so; ours come as the broker said it.
  if (name !== 'KafkaJSSASLAuthenticationError' && type !== 'SASL_AUTHENTICATION_FAILED') return undefined;
  const who = 'username' in sasl ? `the login of '${sasl.username}'` : 'the token';
  const reason = message.replace(/^SASL [\w -]+ authentication failed: /, '');
  return new KloadError('target', `${place} refused ${who} by ${mechanism}: ${reason}`, HINTS[mechanism]);
}

const WRONG_PASSWORD = 'check --sasl-username and the password';
const HINTS: Readonly<Record<KafkaSasl['mechanism'], string>> = {
  plain: WRONG_PASSWORD,
  'scram-sha-256': WRONG_PASSWORD,
  'scram-sha-512': WRONG_PASSWORD,
  oauthbearer: 'has the token expired, and is it meant for this cluster?',
  'aws-msk-iam': 'do the AWS credentials allow kafka-cluster:Connect, and is --region that of the cluster?',
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
