import { connect } from 'node:tls';
import { KloadError, messageOf } from '../../core/errors.js';
import { parseBrokerAddress } from '../../core/kafka-access.js';
import { isOutOfFiles, MORE_FILES } from '../../system/system-errors.js';
import type { KafkaConnection } from '../cluster/connection.js';
import { type InnerError, rootCause } from './inner-error.js';
import { loginError } from './login-error.js';
import { resembling } from './resembling.js';
import { tlsError } from './tls-error.js';

/** For a server that says nothing. */
const PROBE_MS = 3_000;

/**
 * What keeps a run, a tail or a recording from a topic, in the user's terms; what is no word of a cluster or of the way to
 * it comes back as it is.
 *
 * @param topicsThere the topics that the cluster has
 */
export async function targetError(
  error: unknown,
  connection: KafkaConnection,
  topic: string,
  topicsThere: () => Promise<readonly string[]>,
): Promise<unknown> {
  if (error instanceof KloadError) return error;
  const inner = rootCause(error);
  const place = placeOf(inner, connection.brokers);
  const told =
    (await topicError(inner, place, topic, topicsThere)) ??
    (await loginError(inner, place, connection)) ??
    tlsError(inner, place, connection.tls) ??
    (await networkError(inner, place, connection)) ??
    (inner.name.startsWith('KafkaJS') ? refusedError(inner, place) : undefined);
  if (told === undefined) return error;
  if (!inner.isOfAll) return told;
  return new KloadError(
    told.exit,
    `none of the ${connection.brokers.length} brokers can be used: ${told.message}`,
    told.hint,
  );
}

/** A broker that was named, as it was; another as the cluster names it. */
function placeOf({ broker }: InnerError, brokers: readonly string[]): string {
  if (broker === undefined) return brokers.join();
  return brokers.find((named) => named.replaceAll(/[[\]]/g, '') === broker) ?? broker;
}

async function topicError(
  { type }: InnerError,
  place: string,
  topic: string,
  topicsThere: () => Promise<readonly string[]>,
): Promise<KloadError | undefined> {
  if (type === 'UNKNOWN_TOPIC_OR_PARTITION') {
    const alike = resembling(topic, await topicsThere().catch(() => []));
    const meant = alike.map((name) => `'${name}'`).join(' or ');
    const hint = meant === '' ? 'check --topic, or create it first' : `did you mean ${meant}? else create it first`;
    return new KloadError('target', `there is no topic '${topic}' at ${place}`, hint);
  }
  if (type === 'TOPIC_AUTHORIZATION_FAILED') {
    const hint = 'to send takes the permissions Describe and Write, to read Describe and Read';
    return new KloadError('target', `no permission for topic '${topic}' at ${place} (${type})`, hint);
  }
  return undefined;
}

/** Where what answers, or does not, is no Kafka broker, or not one for such a connection. */
async function networkError(
  { name, code, broker, message }: InnerError,
  place: string,
  connection: KafkaConnection,
): Promise<KloadError | undefined> {
  // Other brokers are known by the names that the cluster has for them.
  const isNamed = broker === undefined || connection.brokers.includes(place);
  const check = isNamed ? 'check --brokers' : "the cluster names it so: check its brokers' advertised.listeners";
  const failed = (what: string, hint: string) => new KloadError('target', `${place} ${what}`, hint);
  const isSilent = name === 'KafkaJSRequestTimeoutError' || code === 'ETIMEDOUT' || /timeout/i.test(message);
  if (code === 'SPEAKS_HTTP') return failed('is an HTTP server, not a Kafka broker', 'check the port in --brokers');
  if (code === 'SPEAKS_NO_KAFKA')
    return failed('answers, but not as a Kafka broker does', 'check the port in --brokers');
  if (code === 'SPEAKS_TLS' || ((code === 'CLOSED_UNANSWERED' || isSilent) && (await speaksTls(place, connection)))) {
    return failed('takes encrypted connections only', 'add --tls');
  }
  if (code === 'CLOSED_UNANSWERED') {
    return failed('closes connections without an answer', 'is it a Kafka broker, and is its port for clients?');
  }
  if (code === 'CLOSED') {
    const hint = connection.sasl === undefined ? 'it may want a login: --sasl' : 'the log of the broker says why';
    return failed('closed the connection when it was asked for the topic', hint);
  }
  if (isOutOfFiles(code)) return failed(`cannot be reached: too many files are open (${code})`, MORE_FILES);
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return failed(`is not known by that name (${code})`, check);
  if (code === 'ECONNREFUSED')
    return failed(
      `cannot be reached: nobody listens there (${code})`,
      isNamed ? 'is it running? check --brokers' : check,
    );
  if (isSilent) return failed('does not respond', `${check}, and firewalls on the way there`);
  if (code !== undefined) return failed(`cannot be reached (${code})`, `${check} and the network`);
  return undefined;
}

/** A TLS server that gets anything else closes the connection, with or without a word. */
function speaksTls(place: string, { tls, brokers }: KafkaConnection): Promise<boolean> {
  const address = parseBrokerAddress(place) ?? parseBrokerAddress(brokers[0] ?? '');
  if (tls !== undefined || address === undefined) return Promise.resolve(false);
  return new Promise((resolve) => {
    const socket = connect({ ...address, rejectUnauthorized: false }, () => settle(true));
    const settle = (spoke: boolean) => {
      resolve(spoke);
      socket.destroy();
    };
    socket.setTimeout(PROBE_MS, () => settle(false));
    // A server that wants to know more of its client says so in TLS.
    socket.on('error', ({ message }) => settle(/alert/i.test(message)));
    socket.on('close', () => settle(false));
  });
}

function refusedError({ name, type, message }: InnerError, place: string): KloadError {
  if (type === 'UNSUPPORTED_VERSION' || name === 'KafkaJSServerDoesNotSupportApiKey') {
    return new KloadError('target', `${place} does not know a request that kload needs`, 'it takes Kafka 2.1 or newer');
  }
  return new KloadError('target', `${place} refused: ${type ?? name}: ${messageOf(message)}`);
}
