import { messageOf } from '../../core/errors.js';
import type { Failure, FailureKind } from '../../core/failure.js';
import { brokerError } from './error-codes.js';
import { BadHeadersError } from './headers.js';

/** What kafkajs says of a cluster that it knows too little of: it is asked again. */
const NOT_YET_KNOWN = new Set(['KafkaJSBrokerNotFound', 'KafkaJSMetadataNotLoaded', 'KafkaJSTopicMetadataNotLoaded']);

/** What an error out of kafkajs, or of the system, means for a batch. Throws what is neither: that is a bug. */
export function failureOf(error: unknown): Failure {
  const { name, type, code, message } = factsOf(error);
  const failure = (kind: FailureKind, shown: string): Failure => ({ kind, code: shown, message });
  if (error instanceof BadHeadersError) return failure('permanent', error.code);
  if (name === 'KafkaJSProtocolError' && typeof code === 'number') {
    const known = brokerError(code);
    return { ...known, message: `${known.message} (${type ?? message})` };
  }
  if (name === 'KafkaJSSASLAuthenticationError') return failure('fatal', 'SASL_AUTHENTICATION_FAILED');
  if (name === 'KafkaJSServerDoesNotSupportApiKey') return failure('fatal', 'UNSUPPORTED_VERSION');
  if (name === 'KafkaJSConnectionClosedError') return failure('unreachable', 'ECONNRESET');
  if (name === 'KafkaJSRequestTimeoutError') return failure('unreachable', 'ETIMEDOUT');
  if (name === 'KafkaJSLockTimeout') return failure('unreachable', 'TimeoutError');
  if (NOT_YET_KNOWN.has(name)) return failure('retriable', 'LEADER_NOT_AVAILABLE');
  if (typeof code === 'string') return failure('unreachable', code);
  if (name === 'KafkaJSConnectionError')
    return failure('unreachable', message.includes('timeout') ? 'TimeoutError' : 'ENOTCONN');
  throw error;
}

interface ErrorFacts {
  readonly name: string;
  /** Of Kafka. */
  readonly type: unknown;
  /** Of Kafka a number, of the system a text. */
  readonly code: unknown;
  readonly message: string;
}

/** kafkajs wraps an error after its last attempt, and it has one. */
function factsOf(error: unknown): ErrorFacts {
  if (!(error instanceof Error)) return { name: '', type: undefined, code: undefined, message: messageOf(error) };
  const { cause, name } = error;
  const isWrapper = name === 'KafkaJSNumberOfRetriesExceeded' || name === 'KafkaJSNonRetriableError';
  if (isWrapper && cause instanceof Error) return factsOf(cause);
  const { type, code } = error as { type?: unknown; code?: unknown };
  return { name, type, code, message: error.message };
}
