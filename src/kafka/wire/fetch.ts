import type { BrokerRequest } from '../cluster/cluster.js';
import { ByteCursor } from './byte-cursor.js';
import type { AbortedTransaction } from './record-batch-reader.js';

/** What to fetch from one partition. */
export interface PartitionFetch {
  readonly partition: number;
  readonly offset: number;
  /** The broker returns the first batch even if it is larger. */
  readonly bytesMax: number;
}

export interface FetchedPartition {
  readonly partition: number;
  /** Kafka's error code; 0 is success. */
  readonly errorCode: number;
  /** The last stable offset. Later records are not fully replicated yet, or follow an open transaction. */
  readonly stableOffset: number;
  readonly aborted: readonly AbortedTransaction[];
  /** Record batches; the last may be incomplete. */
  readonly bytes: Buffer;
}

export interface FetchResponse {
  /** A broker that throttles this client leaves partitions out. */
  readonly partitions: readonly FetchedPartition[];
  /** Kafka's error code for the whole request. */
  readonly errorCode: number;
  /** kafkajs reads this name, and delays the next request by that many milliseconds. */
  readonly clientSideThrottleTime: number;
}

const API_KEY = 1;
/** The oldest version that returns batches compressed with zstd (Kafka 2.1); all newer brokers support it. */
const API_VERSION = 10;
const CONSUMER = -1;
const READ_COMMITTED = 1;
const NO_SESSION = [0, -1] as const;
const ANY_EPOCH = -1;
const NO_OFFSET = -1n;
const BYTES_MIN = 1;

/** Fetches from partitions of one topic. With nothing to return, the broker responds after `waitMs`. */
export function fetchRequest(
  topic: string,
  partitions: readonly PartitionFetch[],
  { waitMs, bytesMax, timeoutMs }: { readonly waitMs: number; readonly bytesMax: number; readonly timeoutMs: number },
): BrokerRequest<FetchResponse> {
  const bytes = encode(topic, partitions, waitMs, bytesMax);
  return {
    request: {
      ...{ apiKey: API_KEY, apiVersion: API_VERSION, apiName: 'Fetch' },
      encode: async () => ({ buf: bytes, buffer: bytes }),
    },
    response: { decode: async (payload) => decode(payload), parse: async (response) => response },
    requestTimeout: waitMs + timeoutMs,
  };
}

/**
 * ```
 * Fetch request (version 10), after its header
 *   replica_id              INT32  -1: a consumer
 *   max_wait_ms             INT32
 *   min_bytes               INT32  1
 *   max_bytes               INT32
 *   isolation_level         INT8   1: read committed
 *   session_id              INT32  0: no fetch session
 *   session_epoch           INT32  -1
 *   topics                  ARRAY (INT32 count), here of one topic
 *     topic                 STRING (INT16 length, bytes)
 *     partitions            ARRAY (INT32 count)
 *       partition           INT32
 *       current_leader_epoch INT32 -1: any
 *       fetch_offset        INT64
 *       log_start_offset    INT64  -1: a consumer
 *       partition_max_bytes INT32
 *   forgotten_topics_data   ARRAY  empty, as there is no fetch session
 * ```
 */
function encode(topic: string, partitions: readonly PartitionFetch[], waitMs: number, bytesMax: number): Buffer {
  const name = Buffer.from(topic);
  const bytes = Buffer.alloc(39 + name.length + partitions.length * 28);
  let at = 0;
  for (const value of [CONSUMER, waitMs, BYTES_MIN, bytesMax]) at = bytes.writeInt32BE(value, at);
  at = bytes.writeInt8(READ_COMMITTED, at);
  for (const value of [...NO_SESSION, 1]) at = bytes.writeInt32BE(value, at);
  at = bytes.writeInt16BE(name.length, at);
  at += name.copy(bytes, at);
  at = bytes.writeInt32BE(partitions.length, at);
  for (const { partition, offset, bytesMax: partitionBytesMax } of partitions) {
    at = bytes.writeInt32BE(partition, at);
    at = bytes.writeInt32BE(ANY_EPOCH, at);
    at = bytes.writeBigInt64BE(BigInt(offset), at);
    at = bytes.writeBigInt64BE(NO_OFFSET, at);
    at = bytes.writeInt32BE(partitionBytesMax, at);
  }
  bytes.writeInt32BE(0, at);
  return bytes;
}

/**
 * ```
 * Fetch response (version 10), after its correlation_id
 *   throttle_time_ms         INT32
 *   error_code               INT16
 *   session_id               INT32
 *   responses                ARRAY (INT32 count)
 *     topic                  STRING (INT16 length, bytes)
 *     partitions             ARRAY (INT32 count)
 *       partition_index      INT32
 *       error_code           INT16
 *       high_watermark       INT64
 *       last_stable_offset   INT64
 *       log_start_offset     INT64
 *       aborted_transactions ARRAY (INT32 count, -1: null)
 *         producer_id        INT64
 *         first_offset       INT64
 *       records              INT32 length (-1: null), record batches (see record-batch-layout.ts)
 * ```
 */
function decode(payload: Buffer): FetchResponse {
  const cursor = new ByteCursor(payload);
  const clientSideThrottleTime = cursor.int32();
  const errorCode = cursor.int16();
  cursor.int32();
  const partitions: FetchedPartition[] = [];
  for (let topics = cursor.int32(); topics > 0; topics--) {
    cursor.text();
    for (let count = cursor.int32(); count > 0; count--) partitions.push(decodePartition(cursor));
  }
  return { partitions, errorCode, clientSideThrottleTime };
}

function decodePartition(cursor: ByteCursor): FetchedPartition {
  const partition = cursor.int32();
  const errorCode = cursor.int16();
  cursor.int64();
  const stableOffset = cursor.safeInt64();
  cursor.int64();
  const aborted: AbortedTransaction[] = [];
  for (let count = cursor.int32(); count > 0; count--) {
    aborted.push({ producerId: cursor.int64(), firstOffset: cursor.safeInt64() });
  }
  return { partition, errorCode, stableOffset, aborted, bytes: cursor.take(Math.max(0, cursor.int32())) };
}
