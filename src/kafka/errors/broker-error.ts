import type { FailureKind } from '../../core/failure.js';

/** The meaning of a broker's error code for a producer or a reader. */
export interface BrokerError {
  /** Kafka's name of the code. */
  readonly code: string;
  readonly kind: FailureKind;
  readonly message: string;
  /** True if the leader or a replica may have stored the batch despite the error. */
  readonly mayBeStored?: boolean;
}

/** Error codes that producers and readers may receive. An error is retriable if Kafka's own clients retry it. */
const ERRORS: Record<number, BrokerError> = {
  [-1]: maybeStored('UNKNOWN_SERVER_ERROR', 'permanent', 'the broker had an internal error'),
  1: error('OFFSET_OUT_OF_RANGE', 'permanent', 'the offset is past retention, or never existed'),
  2: error('CORRUPT_MESSAGE', 'retriable', 'the batch was corrupt when it arrived'),
  3: error('UNKNOWN_TOPIC_OR_PARTITION', 'retriable', 'the broker does not know the partition'),
  5: error('LEADER_NOT_AVAILABLE', 'retriable', 'the partition has no leader now'),
  6: error('NOT_LEADER_OR_FOLLOWER', 'retriable', 'the partition has another leader'),
  7: maybeStored('REQUEST_TIMED_OUT', 'retriable', 'the replicas did not have the batch in time'),
  8: error('BROKER_NOT_AVAILABLE', 'retriable', 'the broker is not available'),
  9: error('REPLICA_NOT_AVAILABLE', 'retriable', 'the replica is not available'),
  10: error('MESSAGE_TOO_LARGE', 'permanent', "a record or the batch is larger than the topic's max.message.bytes"),
  13: error('NETWORK_EXCEPTION', 'retriable', 'the broker lost a connection'),
  14: error('COORDINATOR_LOAD_IN_PROGRESS', 'retriable', 'the coordinator is still loading'),
  15: error('COORDINATOR_NOT_AVAILABLE', 'retriable', 'no coordinator is available now'),
  16: error('NOT_COORDINATOR', 'retriable', 'the broker is not the coordinator'),
  17: error('INVALID_TOPIC_EXCEPTION', 'fatal', "the topic's name is not valid, or the topic is an internal one"),
  18: error('RECORD_LIST_TOO_LARGE', 'permanent', "the batch is larger than the topic's segment.bytes"),
  19: error('NOT_ENOUGH_REPLICAS', 'retriable', 'fewer replicas are in sync than min.insync.replicas'),
  20: maybeStored('NOT_ENOUGH_REPLICAS_AFTER_APPEND', 'retriable', 'the leader has the batch, but too few replicas do'),
  21: error('INVALID_REQUIRED_ACKS', 'fatal', 'the broker does not support this value of acks'),
  29: error('TOPIC_AUTHORIZATION_FAILED', 'fatal', 'no permission to write to the topic'),
  31: error('CLUSTER_AUTHORIZATION_FAILED', 'fatal', 'no permission to write with idempotence (IdempotentWrite)'),
  32: error('INVALID_TIMESTAMP', 'permanent', "a record's timestamp is further from now than the topic allows"),
  33: error('UNSUPPORTED_SASL_MECHANISM', 'fatal', 'the broker does not offer the SASL mechanism'),
  34: error('ILLEGAL_SASL_STATE', 'fatal', 'the broker did not expect a SASL handshake'),
  35: error('UNSUPPORTED_VERSION', 'fatal', 'the broker is older than Kafka 2.1'),
  42: error('INVALID_REQUEST', 'permanent', 'the broker does not accept the request'),
  43: error('UNSUPPORTED_FOR_MESSAGE_FORMAT', 'fatal', "the topic's message format is older than Kafka 0.11"),
  44: error('POLICY_VIOLATION', 'permanent', "the cluster's policy does not allow the request"),
  45: error('OUT_OF_ORDER_SEQUENCE_NUMBER', 'retriable', 'the broker missed a batch before this one'),
  46: error('DUPLICATE_SEQUENCE_NUMBER', 'retriable', 'the broker has the batch already'),
  47: error('INVALID_PRODUCER_EPOCH', 'retriable', 'another producer uses the producer id'),
  49: error('INVALID_PRODUCER_ID_MAPPING', 'retriable', 'the broker no longer knows the producer id'),
  53: error('TRANSACTIONAL_ID_AUTHORIZATION_FAILED', 'fatal', 'no permission to use the transactional id'),
  55: error('OPERATION_NOT_ATTEMPTED', 'retriable', 'the broker did not attempt the operation'),
  56: error('KAFKA_STORAGE_ERROR', 'retriable', "the broker's disk failed"),
  58: error('SASL_AUTHENTICATION_FAILED', 'fatal', 'the broker refused the user name and password, or the token'),
  59: error('UNKNOWN_PRODUCER_ID', 'retriable', 'the broker has forgotten the producer id'),
  72: error('LISTENER_NOT_FOUND', 'retriable', 'the leader has no listener of the same name'),
  74: error('FENCED_LEADER_EPOCH', 'retriable', 'the partition has a new leader'),
  75: error('UNKNOWN_LEADER_EPOCH', 'retriable', 'the broker does not know the new leader yet'),
  76: error('UNSUPPORTED_COMPRESSION_TYPE', 'fatal', 'the broker does not support the compression'),
  78: error('OFFSET_NOT_AVAILABLE', 'retriable', 'the new leader does not know its end offset yet'),
  87: error('INVALID_RECORD', 'permanent', 'a record is not valid, for example without a key in a compacted topic'),
  89: error('THROTTLING_QUOTA_EXCEEDED', 'throttled', 'the quota is used up'),
  90: error('PRODUCER_FENCED', 'retriable', 'another producer uses the producer id'),
  100: error('UNKNOWN_TOPIC_ID', 'retriable', 'the broker does not know the topic'),
};

const OFFSET_OUT_OF_RANGE = 1;
export const LEADER_NOT_AVAILABLE = 5;

/** The broker stored the batch already: the response to an earlier attempt was lost. */
export const DUPLICATE_SEQUENCE_NUMBER = 46;

/** After these errors, the metadata must be refreshed. */
const STALE_LEADER_CODES = new Set([3, LEADER_NOT_AVAILABLE, 6, 8, 9, 13, 56, 72, 74, 75, 100]);

/** After these errors, the broker's state of the producer and ours no longer agree. */
const LOST_SEQUENCE_CODES = new Set([45, 47, 49, 59, 90]);

export function brokerError(errorCode: number): BrokerError {
  return ERRORS[errorCode] ?? maybeStored(`ERROR_${errorCode}`, 'permanent', 'the broker responded with an error');
}

/** A broker's error code as an exception. `failureOf` turns it into a failure. */
export class BrokerRefusal extends Error {
  /** The name that kafkajs gives its own errors of this kind. */
  override readonly name = 'KafkaJSProtocolError';
  readonly errorCode: number;
  /** Kafka's name of the code, in the same property as in kafkajs's errors. */
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

/** Whether the leader of a partition may have changed. */
export function isStaleLeader(errorCode: number): boolean {
  return STALE_LEADER_CODES.has(errorCode);
}

/** Whether the partition needs a new producer id. */
export function isLostSequence(errorCode: number): boolean {
  return LOST_SEQUENCE_CODES.has(errorCode);
}

function error(code: string, kind: FailureKind, message: string): BrokerError {
  return { code, kind, message };
}

function maybeStored(code: string, kind: FailureKind, message: string): BrokerError {
  return { code, kind, message, mayBeStored: true };
}
