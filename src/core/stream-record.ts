import type { KafkaHeader } from '../bytes/kafka-headers.js';

/** A record as it was read: of a shard of Kinesis, or of a partition of Kafka. */
export interface StreamRecord {
  /** A partition is named by its number. */
  readonly shardId: string;
  /** In Kafka the offset. */
  readonly sequenceNumber: string;
  /** In Kafka: bytes, or none. */
  readonly key: string | Uint8Array | null;
  /** Null: a record of Kafka without a value. */
  readonly data: Uint8Array | null;
  /** Epoch milliseconds: in Kinesis the time of arrival, in Kafka what producer or topic say; NaN where nobody does. */
  readonly arrivedAtMs: number;
  /** Of Kafka. */
  readonly headers?: readonly KafkaHeader[];
}

/** From where on a shard, or a partition, is read. */
export type Position =
  | { readonly type: 'LATEST' }
  | { readonly type: 'TRIM_HORIZON' }
  | { readonly type: 'AT_TIMESTAMP'; readonly atMs: number }
  | { readonly type: 'AT_SEQUENCE_NUMBER' | 'AFTER_SEQUENCE_NUMBER'; readonly sequenceNumber: string };
