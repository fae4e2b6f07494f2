import { BadHeadersError } from '../../bytes/kafka-headers-text.js';
import type { Failure, FailureKind } from '../../core/failure.js';
import { BrokerRefusal, brokerError } from './broker-error.js';
import { rootCause } from './root-cause.js';

/** kafkajs lacks metadata that a later refresh may bring. */
const NO_METADATA = new Set(['KafkaJSBrokerNotFound', 'KafkaJSMetadataNotLoaded', 'KafkaJSTopicMetadataNotLoaded']);

/** Classifies an error of kafkajs, of the system or of kload. Rethrows any other error: it is a bug. */
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
  if (NO_METADATA.has(name)) return failure('retriable', 'LEADER_NOT_AVAILABLE');
  if (code !== undefined) return failure('unreachable', code);
  if (name === 'KafkaJSConnectionError') {
    return failure('unreachable', message.includes('timeout') ? 'TimeoutError' : 'ENOTCONN');
  }
  throw thrown;
}
