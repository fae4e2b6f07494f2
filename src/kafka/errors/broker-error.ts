import type { FailureKind } from '../../core/failure.js';

/** What a broker's error code means for what it was asked. */
export interface BrokerError {
  /** Kafka's name of it. */
  readonly code: string;
  readonly kind: FailureKind;
  readonly message: string;
  /** The broker, or some of its replicas, may hold the batch all the same. */
  readonly mayBeStored?: boolean;
}

/** Codes that brokers answer to what a producer or a reader asks, retriable or not as Kafka's own clients take them. */
const ERRORS: Record<number, BrokerError> = {
  [-1]: maybeStored('UNKNOWN_SERVER_ERROR', 'permanent', 'the broker met an error of its own'),
  1: error('OFFSET_OUT_OF_RANGE', 'permanent', 'the offset has left retention, or was never there'),
  2: error('CORRUPT_MESSAGE', 'retriable', 'the batch did not arrive as it was sent'),
  3: error('UNKNOWN_TOPIC_OR_PARTITION', 'retriable', 'the broker does not know the partition'),
  5: error('LEADER_NOT_AVAILABLE', 'retriable', 'the partition has no leader now'),
  6: error('NOT_LEADER_OR_FOLLOWER', 'retriable', 'the partition has another leader'),
  7: maybeStored('REQUEST_TIMED_OUT', 'retriable', 'the replicas did not have the batch in time'),
  8: error('BROKER_NOT_AVAILABLE', 'retriable', 'the broker is not available'),
  9: error('REPLICA_NOT_AVAILABLE', 'retriable', 'the replica is not available'),
  10: error('MESSAGE_TOO_LARGE', 'permanent', "a record or the batch is larger than the topic's max.message.bytes"),
  13: error('NETWORK_EXCEPTION', 'retriable', 'the broker lost a connection'),
  14: error('COORDINATOR_LOAD_IN_PROGRESS', 'retriable', 'the coordinator is still loading'),
  15: error('COORDINATOR_NOT_AVAILABLE', 'retriable', 'there is no coordinator now'),
  16: error('NOT_COORDINATOR', 'retriable', 'the broker is not the coordinator'),
  17: error('INVALID_TOPIC_EXCEPTION', 'fatal', 'the topic has no valid name, or is one of the cluster itself'),
  18: error('RECORD_LIST_TOO_LARGE', 'permanent', "the batch is larger than the topic's segment.bytes"),
  19: error('NOT_ENOUGH_REPLICAS', 'retriable', 'fewer replicas are in sync than min.insync.replicas'),
  20: maybeStored('NOT_ENOUGH_REPLICAS_AFTER_APPEND', 'retriable', 'the leader has the batch, but too few replicas do'),
  21: error('INVALID_REQUIRED_ACKS', 'fatal', 'the broker does not know such acks'),
  29: error('TOPIC_AUTHORIZATION_FAILED', 'fatal', 'no permission to write to the topic'),
  31: error('CLUSTER_AUTHORIZATION_FAILED', 'fatal', 'no permission to write with idempotence (IdempotentWrite)'),
  32: error('INVALID_TIMESTAMP', 'permanent', "a record's timestamp is further from now than the topic allows"),
  33: error('UNSUPPORTED_SASL_MECHANISM', 'fatal', 'the broker does not offer the SASL mechanism'),
  34: error('ILLEGAL_SASL_STATE', 'fatal', 'the broker expects no SASL handshake now'),
  35: error('UNSUPPORTED_VERSION', 'fatal', 'the broker is older than Kafka 2.1'),
  42: error('INVALID_REQUEST', 'permanent', 'the broker does not take such a request'),
  43: error(
    'UNSUPPORTED_FOR_MESSAGE_FORMAT',
    'fatal',
    "the topic's messages are stored in a format of before Kafka 0.11",
  ),
  44: error('POLICY_VIOLATION', 'permanent', "the cluster's policy refuses it"),
  45: error('OUT_OF_ORDER_SEQUENCE_NUMBER', 'retriable', 'the broker missed a batch before this one'),
  46: error('DUPLICATE_SEQUENCE_NUMBER', 'retriable', 'the broker has the batch already'),
  47: error('INVALID_PRODUCER_EPOCH', 'retriable', 'the producer id was given out again'),
  49: error('INVALID_PRODUCER_ID_MAPPING', 'retriable', 'the producer id is not known any more'),
  53: error('TRANSACTIONAL_ID_AUTHORIZATION_FAILED', 'fatal', 'no permission to use the transactional id'),
  55: error('OPERATION_NOT_ATTEMPTED', 'retriable', 'the broker did not come to it'),
  56: error('KAFKA_STORAGE_ERROR', 'retriable', "the broker's disk failed"),
  58: error('SASL_AUTHENTICATION_FAILED', 'fatal', 'the broker did not accept user and password, or the token'),
  59: error('UNKNOWN_PRODUCER_ID', 'retriable', 'the broker has forgotten the producer id'),
  72: error('LISTENER_NOT_FOUND', 'retriable', 'the leader has no listener like the one that was asked'),
  74: error('FENCED_LEADER_EPOCH', 'retriable', 'the partition has another leader by now'),
  75: error('UNKNOWN_LEADER_EPOCH', 'retriable', 'the broker has not yet heard of the leader'),
  76: error('UNSUPPORTED_COMPRESSION_TYPE', 'fatal', 'the broker does not take the compression'),
  78: error('OFFSET_NOT_AVAILABLE', 'retriable', 'the leader does not know its end yet'),
  87: error(
    'INVALID_RECORD',
    'permanent',
    'the broker does not take a record, say one without a key in a compacted topic',
  ),
  89: error('THROTTLING_QUOTA_EXCEEDED', 'throttled', 'the quota is used up'),
  90: error('PRODUCER_FENCED', 'retriable', 'the producer id was given out again'),
  100: error('UNKNOWN_TOPIC_ID', 'retriable', 'the broker does not know the topic'),
};

/** The batch is there: an earlier answer was lost. */
export const DUPLICATE = 46;

const OFFSET_OUT_OF_RANGE = 1;

/** After these, whoever leads a partition has to be asked for again. */
const OF_STALE_LEADERS = new Set([3, 5, 6, 8, 9, 13, 56, 72, 74, 75, 100]);

/** The broker does not know, or no longer, what the producer sent before. */
const OF_LOST_SEQUENCES = new Set([45, 47, 49, 59, 90]);

export function brokerError(errorCode: number): BrokerError {
  return ERRORS[errorCode] ?? maybeStored(`ERROR_${errorCode}`, 'permanent', 'the broker answered with an error');
}

/** A broker's refusal on its way to `failureOf`. */
export class BrokerRefusal extends Error {
  /** As kafkajs names those that it throws. */
  override readonly name = 'KafkaJSProtocolError';
  readonly errorCode: number;
  /** Kafka's name of it, where kafkajs's errors have theirs. */
  readonly type: string;

  constructor(errorCode: number) {
    const { code, message } = brokerError(errorCode);
    super(message);
    this.errorCode = errorCode;
    this.type = code;
  }

  get isOutOfRange(): boolean {
    return this.errorCode === OFFSET_OUT_OF_RANGE;
  }
}

export function tellsOfStaleLeaders(errorCode: number): boolean {
  return OF_STALE_LEADERS.has(errorCode);
}

export function tellsOfLostSequences(errorCode: number): boolean {
  return OF_LOST_SEQUENCES.has(errorCode);
}

function error(code: string, kind: FailureKind, message: string): BrokerError {
  return { code, kind, message };
}

function maybeStored(code: string, kind: FailureKind, message: string): BrokerError {
  return { code, kind, message, mayBeStored: true };
}
