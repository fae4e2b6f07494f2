/** Limits of Kinesis Data Streams that hold for every stream (AWS API reference, PutRecords). */
export const KINESIS_LIMITS = {
  /** Records in one PutRecords request. */
  batchRecordsMax: 500,
  /** Bytes of one PutRecords request: data (before base64) and keys. */
  batchBytesMax: 10 * 1024 * 1024,
  /** Unicode characters of a partition key; at least one. */
  keyCharsMax: 256,
  /** Bytes of one record, data and key, unless the stream's MaxRecordSizeInKiB says otherwise. */
  recordBytesMax: 1024 * 1024,
  /** The largest MaxRecordSizeInKiB a stream can have, in bytes. */
  recordBytesMaxEver: 10 * 1024 * 1024,
  /** Records and bytes that one shard accepts in a second. */
  shardRecordsPerSecond: 1000,
  shardBytesPerSecond: 1024 * 1024,
} as const;

/** Limits and sizes of Kafka's record batches (format version 2, since Kafka 0.11). */
export const KAFKA_LIMITS = {
  /** kload's own maximum: larger batches are no cheaper. A topic may allow less; a single record may need more. */
  batchBytesMax: 1024 * 1024,
  /** The header of a batch. */
  batchOverheadBytes: 61,
  /** The most bytes of a record's lengths, deltas and attributes. */
  recordOverheadBytes: 36,
} as const;

/** The limits of one request. */
export interface BatchLimits {
  readonly batchRecordsMax: number;
  /** Data (before base64) and keys. */
  readonly batchBytesMax: number;
}
