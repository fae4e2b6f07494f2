import type { KafkaHeader } from '../../bytes/kafka-headers.js';
import { messageOf } from '../../core/errors.js';
import type { StreamRecord } from '../../core/stream-record.js';
import { ByteCursor } from './byte-cursor.js';

/** A transaction of which no record is to be seen. */
export interface AbortedTransaction {
  readonly producerId: bigint;
  /** Of its first record in this partition. */
  readonly firstOffset: number;
}

/** What a partition's bytes hold from an offset on. */
export interface PartitionRecords {
  readonly records: readonly StreamRecord[];
  /** Where to go on: behind the last batch that is whole, even where nothing of it is to be seen. */
  readonly nextOffset: number;
}

/** Undoes a codec, by the number that batches name it by. */
export type Decompress = (codec: number, bytes: Buffer) => Promise<Buffer>;

/** A partition holds what kload cannot read. */
export class UnreadableBatchError extends Error {}

/** First offset, length, leader's epoch, magic, checksum, attributes, and so on up to the number of records. */
const HEAD_BYTES = 61;
/** Of these, what the length does not count. */
const UNCOUNTED_BYTES = 12;
const MAGIC = 2;
const CODEC_BITS = 0x07;
const LOG_APPEND_TIME_BIT = 0x08;
const TRANSACTIONAL_BIT = 0x10;
const CONTROL_BIT = 0x20;
const ABORT_MARKER = 0;

interface BatchHead {
  readonly firstOffset: number;
  readonly lastOffset: number;
  readonly attributes: number;
  readonly firstTimestampMs: number;
  readonly maxTimestampMs: number;
  readonly producerId: bigint;
  readonly count: number;
}

/**
 * Reads record batches as a broker keeps them, from an offset on: without the marks of transactions, and without what was
 * written in a transaction that was aborted. A batch that was cut off at the end is left for the next time.
 *
 * @param aborted as the broker tells them for these bytes
 */
export async function readRecordBatches(
  bytes: Buffer,
  partition: number,
  fromOffset: number,
  aborted: readonly AbortedTransaction[],
  decompress: Decompress,
): Promise<PartitionRecords> {
  const transactions = new AbortedTransactions(aborted);
  const records: StreamRecord[] = [];
  let nextOffset = fromOffset;
  for (let at = 0; at + HEAD_BYTES <= bytes.length; ) {
    const end = at + UNCOUNTED_BYTES + bytes.readInt32BE(at + 8);
    const magic = bytes.readInt8(at + 16);
    if (magic !== MAGIC) throw new UnreadableBatchError('records are stored in a format from before Kafka 0.11');
    if (end > bytes.length) break;
    const head = readHead(bytes, at);
    const body = bytes.subarray(at + HEAD_BYTES, end);
    at = end;
    if (head.lastOffset < fromOffset) continue;
    nextOffset = head.lastOffset + 1;
    const isSeen = transactions.isSeen(head, body);
    if (!isSeen) continue;
    const codec = head.attributes & CODEC_BITS;
    try {
      const plain = codec === 0 ? body : await decompress(codec, body);
      readRecords(new ByteCursor(plain), head, partition, fromOffset, records);
    } catch (error) {
      const place = `the batch at offset ${head.firstOffset} of partition ${partition}`;
      throw new UnreadableBatchError(`${place} cannot be read: ${messageOf(error)}`);
    }
  }
  return { records, nextOffset };
}

function readHead(bytes: Buffer, at: number): BatchHead {
  const firstOffset = Number(bytes.readBigInt64BE(at));
  return {
    firstOffset,
    attributes: bytes.readInt16BE(at + 21),
    lastOffset: firstOffset + bytes.readInt32BE(at + 23),
    firstTimestampMs: Number(bytes.readBigInt64BE(at + 27)),
    maxTimestampMs: Number(bytes.readBigInt64BE(at + 35)),
    producerId: bytes.readBigInt64BE(at + 43),
    count: bytes.readInt32BE(at + 57),
  };
}

function readRecords(cursor: ByteCursor, head: BatchHead, partition: number, from: number, into: StreamRecord[]): void {
  const { firstOffset, firstTimestampMs, maxTimestampMs, attributes, count } = head;
  const isAppendTime = (attributes & LOG_APPEND_TIME_BIT) !== 0;
  const shardId = String(partition);
  for (let n = 0; n < count; n++) {
    const end = cursor.varint() + cursor.at;
    cursor.at++;
    const timestampMs = isAppendTime ? maxTimestampMs : firstTimestampMs + cursor.varint();
    if (isAppendTime) cursor.varint();
    const offset = firstOffset + cursor.varint();
    if (offset >= from) {
      const key = cursor.varBytes();
      const data = cursor.varBytes();
      const headers = readHeaders(cursor);
      const arrivedAtMs = timestampMs < 0 ? Number.NaN : timestampMs;
      into.push({ shardId, sequenceNumber: String(offset), key, data, arrivedAtMs, headers });
    }
    cursor.at = end;
  }
}

function readHeaders(cursor: ByteCursor): readonly KafkaHeader[] {
  const count = cursor.varint();
  return Array.from({ length: count }, () => ({ name: String(cursor.varBytes() ?? ''), value: cursor.varBytes() }));
}

/** Follows which producers are in a transaction that was aborted, batch by batch. */
class AbortedTransactions {
  /** Those that have not begun, the next one last. */
  readonly #coming: AbortedTransaction[];
  readonly #producers = new Set<bigint>();

  constructor(aborted: readonly AbortedTransaction[]) {
    this.#coming = [...aborted].sort((a, b) => b.firstOffset - a.firstOffset);
  }

  /** Whether the records of a batch are to be seen. */
  isSeen({ attributes, producerId, lastOffset }: BatchHead, body: Buffer): boolean {
    for (
      let next = this.#coming.at(-1);
      next !== undefined && next.firstOffset <= lastOffset;
      next = this.#coming.at(-1)
    ) {
      this.#producers.add(next.producerId);
      this.#coming.pop();
    }
    if ((attributes & CONTROL_BIT) !== 0) {
      if (controlType(body) === ABORT_MARKER) this.#producers.delete(producerId);
      return false;
    }
    return (attributes & TRANSACTIONAL_BIT) === 0 || !this.#producers.has(producerId);
  }
}

/** What the first record of a control batch says: its key is a version and a type. Undefined: there is none. */
function controlType(body: Buffer): number | undefined {
  if (body.length === 0) return undefined;
  const cursor = new ByteCursor(body);
  cursor.varint();
  cursor.at++;
  cursor.varint();
  cursor.varint();
  const key = cursor.varBytes();
  return key === null || key.length < 4 ? undefined : key.readInt16BE(2);
}
