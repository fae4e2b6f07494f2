import type { Scratch } from '../../bytes/scratch.js';
import { ByteCursor } from './byte-cursor.js';

export const API_KEY = 0;
/** The oldest version with zstd and client-side throttling (Kafka 2.1). Kafka 4 still accepts it. */
export const API_VERSION = 7;
/** The offset of correlation_id in a request. */
export const CORRELATION_ID_AT = 8;
/** Size of a partition's index and the length of its records. */
export const PARTITION_HEAD_BYTES = 8;
/** The length of a null string. */
const NO_TRANSACTION = -1;

export interface ProduceHead {
  readonly clientId: string;
  readonly acks: number;
  /** How long the broker waits for replicas. */
  readonly timeoutMs: number;
  readonly topic: string;
}

/**
 * Writes the part of a Produce request before `partition_data`. Only the three fields marked * vary between requests.
 *
 * ```
 * Produce request (version 7)
 *   size              INT32 *  bytes after this field
 *   api_key           INT16    0
 *   api_version       INT16    7
 *   correlation_id    INT32 *
 *   client_id         STRING (INT16 length, bytes)
 *   transactional_id  STRING   null (length -1)
 *   acks              INT16
 *   timeout_ms        INT32
 *   topic_data        ARRAY (INT32 count), here of one topic
 *     name            STRING
 *     partition_data  ARRAY (INT32 count *)
 *       index         INT32
 *       records       INT32 length, record batch (see record-batch-layout.ts)
 * ```
 */
export class ProduceHeadWriter {
  readonly #head: Buffer;

  constructor({ clientId, acks, timeoutMs, topic }: ProduceHead) {
    const [client, name] = [Buffer.from(clientId), Buffer.from(topic)];
    this.#head = Buffer.alloc(32 + client.length + name.length);
    let at = this.#head.writeInt16BE(API_KEY, 4);
    at = this.#head.writeInt16BE(API_VERSION, at) + 4;
    at = this.#head.writeInt16BE(client.length, at);
    at += client.copy(this.#head, at);
    at = this.#head.writeInt16BE(NO_TRANSACTION, at);
    at = this.#head.writeInt16BE(acks, at);
    at = this.#head.writeInt32BE(timeoutMs, at);
    at = this.#head.writeInt32BE(1, at);
    at = this.#head.writeInt16BE(name.length, at);
    name.copy(this.#head, at);
  }

  get bytes(): number {
    return this.#head.length;
  }

  /**
   * Writes the head at the start of `into`, except for correlation_id.
   *
   * @param end the end of the request
   */
  write(partitions: number, into: Scratch, end: number): void {
    into.bytes.set(this.#head, 0);
    into.view.setInt32(0, end - 4);
    into.view.setInt32(this.#head.length - 4, partitions);
  }
}

/** Writes `index` and the length of `records`. */
export function writePartitionHead(partition: number, batchBytes: number, into: Scratch, at: number): void {
  into.view.setInt32(at, partition);
  into.view.setInt32(at + 4, batchBytes);
}

/** A broker's response to a Produce request. */
export interface ProduceResponse {
  /** Kafka's error code for each partition; 0 is success. */
  readonly errorCodes: ReadonlyMap<number, number>;
  /** How long the broker wants no further requests. */
  readonly throttleMs: number;
}

/** base_offset, log_append_time_ms and log_start_offset, which kload does not need. */
const IGNORED_BYTES = 8 + 8 + 8;

/**
 * ```
 * Produce response (version 7), after its correlation_id
 *   responses              ARRAY (INT32 count)
 *     name                 STRING (INT16 length, bytes)
 *     partition_responses  ARRAY (INT32 count)
 *       index              INT32
 *       error_code         INT16
 *       base_offset        INT64
 *       log_append_time_ms INT64
 *       log_start_offset   INT64
 *   throttle_time_ms       INT32
 * ```
 * @throws RangeError if the payload ends too early
 */
export function decodeProduceResponse(payload: Buffer): ProduceResponse {
  const errorCodes = new Map<number, number>();
  const cursor = new ByteCursor(payload);
  for (let topics = cursor.int32(); topics > 0; topics--) {
    cursor.text();
    for (let partitions = cursor.int32(); partitions > 0; partitions--) {
      errorCodes.set(cursor.int32(), cursor.int16());
      cursor.at += IGNORED_BYTES;
    }
  }
  return { errorCodes, throttleMs: cursor.int32() };
}
