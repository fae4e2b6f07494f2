import protocol from 'kafkajs/src/protocol/error.js';
import type { Failure, FailureKind } from '../../core/failure.js';
import { rootCause } from '../inner-error.js';

/** What a broker answered in place of records. By kafkajs's shape of such errors, which a cluster throws as well. */
export interface BrokerError extends Error {
  readonly name: 'KafkaJSProtocolError';
  /** Kafka's name of it. */
  readonly type: string;
  readonly code: number;
  readonly retriable: boolean;
}

const OFFSET_OUT_OF_RANGE = 1;

/** Of these, kafkajs knows too little to say that another try may help. */
const RETRIABLE = new Set([
  'OFFSET_NOT_AVAILABLE',
  'UNKNOWN_LEADER_EPOCH',
  'FENCED_LEADER_EPOCH',
  'KAFKA_STORAGE_ERROR',
]);
const FATAL = new Set([
  'TOPIC_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'SASL_AUTHENTICATION_FAILED',
  'UNSUPPORTED_SASL_MECHANISM',
  'UNSUPPORTED_VERSION',
  'INVALID_TOPIC_EXCEPTION',
]);
/** A cluster that kafkajs knows too little of is asked again. */
const NOT_YET_KNOWN = new Set([
  'KafkaJSBrokerNotFound',
  'KafkaJSMetadataNotLoaded',
  'KafkaJSTopicMetadataNotLoaded',
  'KafkaJSLockTimeout',
]);

export function brokerError(code: number): BrokerError {
  return protocol.createErrorFromCode(code) as BrokerError;
}

/** The offset that was asked for has left retention, or was never there. */
export function isOutOfRange(error: unknown): boolean {
  return isBrokerError(error) && error.code === OFFSET_OUT_OF_RANGE;
}

/** What an error out of a cluster means for whoever reads from it. Throws what is no answer and no missing one: that is a bug. */
export function failureOf(error: unknown): Failure {
  const { name, code, message, error: cause } = rootCause(error);
  const failure = (kind: FailureKind, code: string): Failure => ({ kind, code, message });
  if (isBrokerError(cause)) {
    if (FATAL.has(cause.type)) return failure('fatal', cause.type);
    return failure(cause.retriable || RETRIABLE.has(cause.type) ? 'retriable' : 'permanent', cause.type);
  }
  if (name === 'KafkaJSSASLAuthenticationError' || name === 'KafkaJSServerDoesNotSupportApiKey')
    return failure('fatal', name);
  if (NOT_YET_KNOWN.has(name)) return failure('retriable', 'LEADER_NOT_AVAILABLE');
  if (code !== undefined) return failure('unreachable', code);
  if (name === 'KafkaJSRequestTimeoutError') return failure('unreachable', 'ETIMEDOUT');
  if (/^KafkaJSConnection/.test(name)) return failure('unreachable', 'ENOTCONN');
  throw error;
}

function isBrokerError(error: unknown): error is BrokerError {
  return error instanceof Error && error.name === 'KafkaJSProtocolError' && 'type' in error;
}
