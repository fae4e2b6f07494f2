import type { KafkaHeader } from '../bytes/kafka-headers.js';

/** A record that was read from a Kinesis shard or a Kafka partition. */
export interface StreamRecord {
  /** In Kafka, the number of the partition. */
  readonly shardId: string;
  /** In Kafka, the offset. */
  readonly sequenceNumber: string;
  /** In Kafka, bytes, or null for a record without a key. */
  readonly key: string | Uint8Array | null;
  /** null for a Kafka record without a value. */
  readonly data: Uint8Array | null;
  /** Epoch milliseconds: in Kinesis, when it arrived; in Kafka, the record's timestamp. NaN if it has none. */
  readonly arrivedAtMs: number;
  /** Kafka only. */
  readonly headers?: readonly KafkaHeader[];
}

/** Where to start reading a shard or a partition. */
export type Position =
  | { readonly type: 'LATEST' }
  | { readonly type: 'TRIM_HORIZON' }
  | { readonly type: 'AT_TIMESTAMP'; readonly atMs: number }
  | { readonly type: 'AT_SEQUENCE_NUMBER' | 'AFTER_SEQUENCE_NUMBER'; readonly sequenceNumber: string };
