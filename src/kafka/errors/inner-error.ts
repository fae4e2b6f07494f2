/** What an error of kafkajs, or one of a socket that it passed on, tells. */
export interface InnerError {
  /** Of its class: 'KafkaJSConnectionError'. */
  readonly name: string;
  /** Of Kafka's errors: 'UNKNOWN_TOPIC_OR_PARTITION'. */
  readonly type: string | undefined;
  /** Of the system's errors, of TLS and of our sockets: 'ECONNREFUSED'. */
  readonly code: string | undefined;
  /** host:port, where it is known. */
  readonly broker: string | undefined;
  /** None of the brokers that were named could be connected to; this is of the first. */
  readonly isOfAll: boolean;
  readonly message: string;
  /** As it was thrown, without what kafkajs wrapped around it. */
  readonly error: unknown;
}

/** Several brokers were asked, and none could be connected to. */
export class NoBrokerError extends Error {
  /** As kafkajs names what stands for its cause. */
  override readonly name = 'KafkaJSNumberOfRetriesExceeded';
}

/** kafkajs wraps an error after its last attempt, and it has but one. */
export function rootCause(error: unknown, isOfAll = error instanceof NoBrokerError): InnerError {
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

const OF_SASL = new Set(['UNSUPPORTED_SASL_MECHANISM', 'ILLEGAL_SASL_STATE', 'SASL_AUTHENTICATION_FAILED']);

/** A broker was reached, and did not let us in. */
export function isRefusedLogin({ name, type }: InnerError): boolean {
  return name === 'KafkaJSSASLAuthenticationError' || name === 'TokenError' || OF_SASL.has(type ?? '');
}
