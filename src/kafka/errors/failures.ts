import { BadHeadersError } from '../../bytes/kafka-headers-text.js';
import type { Failure, FailureKind } from '../../core/failure.js';
import { BrokerRefusal, brokerError } from './broker-error.js';
import { rootCause } from './inner-error.js';

/** What kafkajs says of a cluster that it knows too little of: it is asked again. */
const NOT_YET_KNOWN = new Set(['KafkaJSBrokerNotFound', 'KafkaJSMetadataNotLoaded', 'KafkaJSTopicMetadataNotLoaded']);

/**
 * What an error means for what a broker was asked: one of kafkajs's, of the system's, or of ours. Throws what is none of
 * these: that is a bug.
 */
export function failureOf(thrown: unknown): Failure {
  const { name, type, code, message, error } = rootCause(thrown);
  const failure = (kind: FailureKind, shown: string): Failure => ({ kind, code: shown, message });
  if (error instanceof BadHeadersError) return failure('permanent', error.code);
  if (error instanceof BrokerRefusal) return brokerError(error.errorCode);
  if (name === 'KafkaJSProtocolError') {
    const known = brokerError((error as { code: number }).code);
    return { ...known, message: `${known.message} (${type ?? message})` };
  }
  if (name === 'KafkaJSSASLAuthenticationError') return failure('fatal', 'SASL_AUTHENTICATION_FAILED');
  if (name === 'KafkaJSServerDoesNotSupportApiKey') return failure('fatal', 'UNSUPPORTED_VERSION');
  if (name === 'KafkaJSConnectionClosedError') return failure('unreachable', 'ECONNRESET');
  if (name === 'KafkaJSRequestTimeoutError') return failure('unreachable', 'ETIMEDOUT');
  if (name === 'KafkaJSLockTimeout') return failure('unreachable', 'TimeoutError');
  if (NOT_YET_KNOWN.has(name)) return failure('retriable', 'LEADER_NOT_AVAILABLE');
  if (code !== undefined) return failure('unreachable', code);
  if (name === 'KafkaJSConnectionError')
    return failure('unreachable', message.includes('timeout') ? 'TimeoutError' : 'ENOTCONN');
  throw thrown;
}
