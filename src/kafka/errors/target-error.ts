import { connect } from 'node:tls';
import { KloadError, messageOf } from '../../core/errors.js';
import { parseBrokerAddress } from '../../core/kafka-access.js';
import { isOutOfFiles, MORE_FILES } from '../../system/system-errors.js';
import type { KafkaConnection } from '../cluster/connection.js';
import { loginError } from './login-error.js';
import { type RootCause, rootCause } from './root-cause.js';
import { similarNames } from './similar-names.js';
import { tlsError } from './tls-error.js';

/** How long to wait for a server to respond to a TLS handshake. */
const PROBE_MS = 3_000;

/**
 * Explains to the user why a topic cannot be used: returns a KloadError. Returns any error that comes neither from the
 * cluster nor from the network as it is.
 *
 * @param listTopics returns the names of the cluster's topics
 */
export async function targetError(
  error: unknown,
  connection: KafkaConnection,
  topic: string,
  listTopics: () => Promise<readonly string[]>,
): Promise<unknown> {
  if (error instanceof KloadError) return error;
  const cause = rootCause(error);
  const address = addressOf(cause, connection.brokers);
  const explained =
    (await topicError(cause, address, topic, listTopics)) ??
    (await loginError(cause, address, connection)) ??
    tlsError(cause, address, connection.tls) ??
    (await networkError(cause, address, connection)) ??
    (cause.name.startsWith('KafkaJS') ? refusedError(cause, address) : undefined);
  if (explained === undefined) return error;
  if (!cause.isOfAll) return explained;
  const { exit, message, hint } = explained;
  return new KloadError(exit, `none of the ${connection.brokers.length} brokers can be used: ${message}`, hint);
}

/** The broker's address as --brokers gives it, or as the cluster advertises it if --brokers does not list it. */
function addressOf({ broker }: RootCause, brokers: readonly string[]): string {
  if (broker === undefined) return brokers.join();
  return brokers.find((listed) => listed.replaceAll(/[[\]]/g, '') === broker) ?? broker;
}

async function topicError(
  { type }: RootCause,
  address: string,
  topic: string,
  listTopics: () => Promise<readonly string[]>,
): Promise<KloadError | undefined> {
  if (type === 'UNKNOWN_TOPIC_OR_PARTITION') {
    const similar = similarNames(topic, await listTopics().catch(() => []));
    const names = similar.map((name) => `'${name}'`).join(' or ');
    const hint = names === '' ? 'check --topic, or create it first' : `did you mean ${names}? else create it first`;
    return new KloadError('target', `there is no topic '${topic}' at ${address}`, hint);
  }
  if (type === 'TOPIC_AUTHORIZATION_FAILED') {
    const hint = 'sending needs the permissions Describe and Write, reading needs Describe and Read';
    return new KloadError('target', `no permission for topic '${topic}' at ${address} (${type})`, hint);
  }
  return undefined;
}

/** Explains a server that cannot be reached, is not a Kafka broker, or needs another kind of connection. */
async function networkError(
  { name, code, broker, message }: RootCause,
  address: string,
  connection: KafkaConnection,
): Promise<KloadError | undefined> {
  // Brokers that --brokers does not list are known by their advertised addresses.
  const isListed = broker === undefined || connection.brokers.includes(address);
  const check = isListed ? 'check --brokers' : 'the cluster advertises this address: check advertised.listeners';
  const failed = (what: string, hint: string) => new KloadError('target', `${address} ${what}`, hint);
  const isSilent = name === 'KafkaJSRequestTimeoutError' || code === 'ETIMEDOUT' || /timeout/i.test(message);
  const isClosed = code === 'CLOSED_WITHOUT_RESPONSE';
  if (code === 'SPEAKS_HTTP') return failed('is an HTTP server, not a Kafka broker', 'check the port in --brokers');
  if (code === 'NOT_KAFKA') return failed('responds, but is not a Kafka broker', 'check the port in --brokers');
  if (code === 'SPEAKS_TLS' || ((isClosed || isSilent) && (await speaksTls(address, connection)))) {
    return failed('accepts encrypted connections only', 'add --tls');
  }
  if (isClosed) return failed('closes connections without a response', 'is it the client port of a Kafka broker?');
  if (code === 'CLOSED') {
    const hint =
      connection.sasl === undefined ? 'it may require a login: --sasl' : "see the broker's log for the reason";
    return failed('closed the connection when asked for the topic', hint);
  }
  if (isOutOfFiles(code)) return failed(`cannot be reached: too many files are open (${code})`, MORE_FILES);
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return failed(`cannot be resolved (${code})`, check);
  if (code === 'ECONNREFUSED') {
    const hint = isListed ? 'is it running? check --brokers' : check;
    return failed(`cannot be reached: nothing is listening there (${code})`, hint);
  }
  if (isSilent) return failed('does not respond', `${check}, and firewalls on the way there`);
  if (code !== undefined) return failed(`cannot be reached (${code})`, `${check} and the network`);
  return undefined;
}

/** Tries a TLS handshake: a TLS server may close an unencrypted connection without sending an alert. */
function speaksTls(address: string, { tls, brokers }: KafkaConnection): Promise<boolean> {
  const parsed = parseBrokerAddress(address) ?? parseBrokerAddress(brokers[0] ?? '');
  if (tls !== undefined || parsed === undefined) return Promise.resolve(false);
  return new Promise((resolve) => {
    const socket = connect({ ...parsed, rejectUnauthorized: false }, () => settle(true));
    const settle = (spoke: boolean) => {
      resolve(spoke);
      socket.destroy();
    };
    socket.setTimeout(PROBE_MS, () => settle(false));
    // A server that requires a client certificate sends a TLS alert.
    socket.on('error', ({ message }) => settle(/alert/i.test(message)));
    socket.on('close', () => settle(false));
  });
}

function refusedError({ name, type, message }: RootCause, address: string): KloadError {
  if (type === 'UNSUPPORTED_VERSION' || name === 'KafkaJSServerDoesNotSupportApiKey') {
    return new KloadError('target', `${address} does not support a request that kload needs`, 'use Kafka 2.1 or newer');
  }
  return new KloadError('target', `${address} refused: ${type ?? name}: ${messageOf(message)}`);
}
