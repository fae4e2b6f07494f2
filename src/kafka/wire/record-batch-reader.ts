import type { KafkaHeader } from '../../bytes/kafka-headers.js';
import { messageOf } from '../../core/errors.js';
import type { StreamRecord } from '../../core/stream-record.js';
import { ByteCursor } from './byte-cursor.js';
import * as layout from './record-batch-layout.js';

/** An aborted transaction: its records are not returned. */
export interface AbortedTransaction {
  readonly producerId: bigint;
  /** The offset of the transaction's first record in this partition. */
  readonly firstOffset: number;
}

/** The records of a partition from an offset on. */
export interface PartitionRecords {
  readonly records: readonly StreamRecord[];
  /** Where to continue: after the last complete batch, even if none of its records were returned. */
  readonly nextOffset: number;
}

/** Decompresses the records of a batch. `codec` is the codec id in the batch's attributes. */
export type Decompress = (codec: number, bytes: Buffer) => Promise<Buffer>;

/** kload cannot read a batch of the partition. */
export class UnreadableBatchError extends Error {}

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
 * Decodes record batches (see record-batch-layout.ts), and returns their records from `fromOffset` on. Skips control
 * batches and the records of aborted transactions. Ignores an incomplete batch at the end: the next fetch returns it.
 *
 * @param aborted the aborted transactions in the same Fetch response
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
  for (let at = 0; at + layout.HEAD_BYTES <= bytes.length; ) {
    const end = at + layout.UNCOUNTED_BYTES + bytes.readInt32BE(at + layout.BATCH_LENGTH_AT);
    const magic = bytes.readInt8(at + layout.MAGIC_AT);
    if (magic !== layout.MAGIC) throw new UnreadableBatchError('records are stored in a format older than Kafka 0.11');
    if (end > bytes.length) break;
    const head = readHead(bytes, at);
    const body = bytes.subarray(at + layout.HEAD_BYTES, end);
    at = end;
    if (head.lastOffset < fromOffset) continue;
    nextOffset = head.lastOffset + 1;
    if (!transactions.isVisible(head, body)) continue;
    const codec = head.attributes & CODEC_BITS;
    try {
      const plain = codec === 0 ? body : await decompress(codec, body);
      readRecords(new ByteCursor(plain), head, partition, fromOffset, records);
    } catch (error) {
      const batch = `the batch at offset ${head.firstOffset} of partition ${partition}`;
      throw new UnreadableBatchError(`${batch} cannot be read: ${messageOf(error)}`);
    }
  }
  return { records, nextOffset };
}

function readHead(bytes: Buffer, at: number): BatchHead {
  const firstOffset = Number(bytes.readBigInt64BE(at));
  return {
    firstOffset,
    attributes: bytes.readInt16BE(at + layout.ATTRIBUTES_AT),
    lastOffset: firstOffset + bytes.readInt32BE(at + layout.LAST_OFFSET_DELTA_AT),
    firstTimestampMs: Number(bytes.readBigInt64BE(at + layout.BASE_TIMESTAMP_AT)),
    maxTimestampMs: Number(bytes.readBigInt64BE(at + layout.MAX_TIMESTAMP_AT)),
    producerId: bytes.readBigInt64BE(at + layout.PRODUCER_ID_AT),
    count: bytes.readInt32BE(at + layout.COUNT_AT),
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

/** Tracks, batch by batch, which producers are inside an aborted transaction. */
class AbortedTransactions {
  /** Transactions that begin at a later offset; the next one is last. */
  readonly #upcoming: AbortedTransaction[];
  readonly #producers = new Set<bigint>();

  constructor(aborted: readonly AbortedTransaction[]) {
    this.#upcoming = [...aborted].sort((a, b) => b.firstOffset - a.firstOffset);
  }

  /** Whether a consumer sees the records of a batch: it is neither a control batch nor aborted. */
  isVisible({ attributes, producerId, lastOffset }: BatchHead, body: Buffer): boolean {
    let next = this.#upcoming.at(-1);
    while (next !== undefined && next.firstOffset <= lastOffset) {
      this.#producers.add(next.producerId);
      this.#upcoming.pop();
      next = this.#upcoming.at(-1);
    }
    if ((attributes & CONTROL_BIT) !== 0) {
      if (controlType(body) === ABORT_MARKER) this.#producers.delete(producerId);
      return false;
    }
    return (attributes & TRANSACTIONAL_BIT) === 0 || !this.#producers.has(producerId);
  }
}

/** The type of a control batch, from the key of its first record: version INT16, type INT16. */
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
