import type { BrokerRequest } from '../cluster/cluster.js';
import { ByteCursor } from './byte-cursor.js';
import type { AbortedTransaction } from './record-batches.js';

/** What is wanted of one partition. */
export interface PartitionWish {
  readonly partition: number;
  readonly offset: number;
  /** A first batch that is larger comes all the same. */
  readonly bytesMax: number;
}

export interface FetchedPartition {
  readonly partition: number;
  /** Kafka's; 0 for none. */
  readonly errorCode: number;
  /** Up to where the partition can be read: what stands behind is not yet on all replicas, or in a transaction that is open. */
  readonly stableOffset: number;
  readonly aborted: readonly AbortedTransaction[];
  /** Record batches, the last of them possibly cut off. */
  readonly bytes: Buffer;
}

export interface FetchAnswer {
  /** Partitions that are not here were left out, because the broker keeps the client waiting. */
  readonly partitions: readonly FetchedPartition[];
  /** Kafka's, of the request as a whole. */
  readonly errorCode: number;
  /** By kafkajs's name: it keeps back the next request for so long. */
  readonly clientSideThrottleTime: number;
}

const API_KEY = 1;
/** The oldest that gives what was compressed with zstd (Kafka 2.1), and one that every newer broker speaks. */
const API_VERSION = 10;
const CONSUMER = -1;
const READ_COMMITTED = 1;
/** Each request says all: no fetch session. */
const NO_SESSION = [0, -1] as const;
const ANY_EPOCH = -1;
const NO_OFFSET = -1n;

/** A Fetch of some partitions of one topic. With nothing to give the broker waits before it answers. */
export function fetchRequest(
  topic: string,
  wishes: readonly PartitionWish[],
  { waitMs, bytesMax, timeoutMs }: { readonly waitMs: number; readonly bytesMax: number; readonly timeoutMs: number },
): BrokerRequest<FetchAnswer> {
  const bytes = encode(topic, wishes, waitMs, bytesMax);
  return {
    request: {
      ...{ apiKey: API_KEY, apiVersion: API_VERSION, apiName: 'Fetch' },
      encode: async () => ({ buf: bytes, buffer: bytes }),
    },
    response: { decode: async (payload) => decode(payload), parse: async (answer) => answer },
    requestTimeout: waitMs + timeoutMs,
  };
}

function encode(topic: string, wishes: readonly PartitionWish[], waitMs: number, bytesMax: number): Buffer {
  const name = Buffer.from(topic);
  const bytes = Buffer.alloc(39 + name.length + wishes.length * 28);
  let at = 0;
  for (const value of [CONSUMER, waitMs, 1, bytesMax]) at = bytes.writeInt32BE(value, at);
  at = bytes.writeInt8(READ_COMMITTED, at);
  for (const value of [...NO_SESSION, 1]) at = bytes.writeInt32BE(value, at);
  at = bytes.writeInt16BE(name.length, at);
  at += name.copy(bytes, at);
  at = bytes.writeInt32BE(wishes.length, at);
  for (const wish of wishes) {
    at = bytes.writeInt32BE(wish.partition, at);
    at = bytes.writeInt32BE(ANY_EPOCH, at);
    at = bytes.writeBigInt64BE(BigInt(wish.offset), at);
    at = bytes.writeBigInt64BE(NO_OFFSET, at);
    at = bytes.writeInt32BE(wish.bytesMax, at);
  }
  // No partitions to forget: there is no session.
  bytes.writeInt32BE(0, at);
  return bytes;
}

function decode(payload: Buffer): FetchAnswer {
  const cursor = new ByteCursor(payload);
  const clientSideThrottleTime = cursor.int32();
  const errorCode = cursor.int16();
  cursor.int32();
  const partitions: FetchedPartition[] = [];
  for (let topics = cursor.int32(); topics > 0; topics--) {
    cursor.text();
    for (let count = cursor.int32(); count > 0; count--) partitions.push(partitionOf(cursor));
  }
  return { partitions, errorCode, clientSideThrottleTime };
}

function partitionOf(cursor: ByteCursor): FetchedPartition {
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
