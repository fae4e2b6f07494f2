/** Limits of Kinesis Data Streams that hold for every stream (AWS API reference, PutRecords). */
export const KINESIS_LIMITS = {
  /** Records in one PutRecords request. */
  batchRecordsMax: 500,
  /** Bytes of one PutRecords request: data before base64, and keys. */
  batchBytesMax: 10 * 1024 * 1024,
  /** Unicode characters of a partition key; at least one. */
  keyCharsMax: 256,
  /** Bytes of one record, data and key, unless the stream's MaxRecordSizeInKiB says otherwise. */
  recordBytesMax: 1024 * 1024,
  /** The largest MaxRecordSizeInKiB a stream can have, in bytes. */
  recordBytesMaxEver: 10 * 1024 * 1024,
  /** What one shard takes in a second. */
  shardRecordsPerSecond: 1000,
  shardBytesPerSecond: 1024 * 1024,
} as const;

/** Kafka: of record batches as they are written since 0.11, and what kload puts into one. */
export const KAFKA_LIMITS = {
  /** More than this in one batch makes it no cheaper. A topic may take less, or ask for more for a single record. */
  batchBytesMax: 1024 * 1024,
  /** The head of a batch. */
  batchOverheadBytes: 61,
  /** Lengths, deltas and attributes of a record, at most. */
  recordOverheadBytes: 36,
} as const;

/** What one request holds at most. */
export interface BatchLimits {
  readonly batchRecordsMax: number;
  /** Data before base64, and keys. */
  readonly batchBytesMax: number;
}
