/** The facts of an error of kafkajs, or of a socket's error that kafkajs passed on. */
export interface RootCause {
  /** The name of the error's class, for example 'KafkaJSConnectionError'. */
  readonly name: string;
  /** Kafka's name of a broker's error code, for example 'UNKNOWN_TOPIC_OR_PARTITION'. */
  readonly type: string | undefined;
  /** The code of an error of the system, of TLS or of our sockets, for example 'ECONNREFUSED'. */
  readonly code: string | undefined;
  /** host:port, if known. */
  readonly broker: string | undefined;
  /** True if no configured broker could be connected to; the other fields are those of the first one's error. */
  readonly isOfAll: boolean;
  readonly message: string;
  /** The original error, without kafkajs's wrappers. */
  readonly error: unknown;
}

/** Several brokers were tried, and none could be connected to. The cause is the first broker's error. */
export class NoBrokerError extends Error {
  /** One of the names that `rootCause` unwraps. */
  override readonly name = 'KafkaJSNumberOfRetriesExceeded';
}

/** Unwraps an error: kafkajs wraps it after the last attempt, also if there was only one. */
export function rootCause(error: unknown, isOfAll = error instanceof NoBrokerError): RootCause {
  if (!(error instanceof Error)) {
    return { name: '', type: undefined, code: undefined, broker: undefined, isOfAll, message: String(error), error };
  }
  const { name, cause } = error;
  const isWrapper = name === 'KafkaJSNumberOfRetriesExceeded' || name === 'KafkaJSNonRetriableError';
  if (isWrapper && cause instanceof Error) return rootCause(cause, isOfAll);
  const { type, code, broker } = error as { type?: unknown; code?: unknown; broker?: unknown };
  const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
  return { name, type: text(type), code: text(code), broker: text(broker), isOfAll, message: error.message, error };
}

const SASL_ERRORS = new Set(['UNSUPPORTED_SASL_MECHANISM', 'ILLEGAL_SASL_STATE', 'SASL_AUTHENTICATION_FAILED']);

/** Whether a login failed, as opposed to the connection. */
export function isRefusedLogin({ name, type }: RootCause): boolean {
  return name === 'KafkaJSSASLAuthenticationError' || name === 'TokenError' || SASL_ERRORS.has(type ?? '');
}
