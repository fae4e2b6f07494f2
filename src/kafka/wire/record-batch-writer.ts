import { copyBytes } from '../../bytes/copy.js';
import { crc32c } from '../../bytes/crc32c.js';
import { type Scratch, scratchOf } from '../../bytes/scratch.js';
import { lengthBytes, numberBytes, writeLength, writeNumber } from '../../bytes/varint.js';
import type { OutgoingRecord } from '../../target/target.js';
import { type EncodedHeaders, hasNoValue } from './headers.js';
import * as layout from './record-batch-layout.js';

/** Upper bound of the fields of a RECORD (record-batch-layout.ts) without key and value bytes and without headers. */
const FRAME_BYTES_MAX = 5 + 1 + 10 + 5 + 5 + 5 + 1;
/** -1 as a varint: the length of null. */
const NULL_LENGTH = 1;

/** The producer fields of a batch, by which the broker recognises a batch that it has stored already. */
export interface ProducerStamp {
  readonly producerId: bigint;
  readonly epoch: number;
  /** The sequence number of the batch's first record. */
  readonly sequence: number;
}

/** The stamp of a batch sent without idempotence. */
export const NO_PRODUCER_ID: ProducerStamp = { producerId: -1n, epoch: -1, sequence: -1 };

/** Whole epoch milliseconds. */
export interface BatchTimes {
  readonly first: number;
  readonly max: number;
}

/** Upper bound of a batch's size before compression. */
export function batchBytesMax(batch: readonly OutgoingRecord[], headers: EncodedHeaders | undefined): number {
  let bytes = layout.HEAD_BYTES + batch.length * FRAME_BYTES_MAX + (headers?.bytes.length ?? 0);
  for (const { dataStart, dataEnd, keyStart, keyEnd } of batch) bytes += dataEnd - dataStart + keyEnd - keyStart;
  return bytes;
}

/** Encodes records straight from their source buffers, without allocating an object per record. */
export class RecordWriter {
  readonly #recordedTimestamps: boolean;
  #source: Scratch = scratchOf(Buffer.alloc(0));

  /** @param recordedTimestamps whether a record's timestamp is the time at which it was recorded */
  constructor(recordedTimestamps: boolean) {
    this.#recordedTimestamps = recordedTimestamps;
  }

  /** @param nowMs the timestamp of records without a recorded time */
  timesOf(batch: readonly OutgoingRecord[], nowMs: number): BatchTimes {
    if (!this.#recordedTimestamps) return { first: nowMs, max: nowMs };
    let max = Number.NEGATIVE_INFINITY;
    for (const { recordedAtMs } of batch) max = Math.max(max, timeOf(recordedAtMs, nowMs));
    return { first: timeOf(batch[0]!.recordedAtMs, nowMs), max };
  }

  /**
   * Writes the RECORDs of record-batch-layout.ts.
   *
   * @param batch   at least one record
   * @param nowMs   the same as for `timesOf`
   * @param firstMs the batch's base_timestamp
   * @param into    with room for `batchBytesMax` bytes
   * @returns the offset after the last record
   */
  write(
    batch: readonly OutgoingRecord[],
    headers: EncodedHeaders | undefined,
    nowMs: number,
    firstMs: number,
    into: Scratch,
    at: number,
  ): number {
    const { bytes, view } = into;
    let to = at;
    for (let index = 0; index < batch.length; index++) {
      const record = batch[index]!;
      const { source, dataStart, dataEnd, keyStart, keyEnd, recordedAtMs } = record;
      // Records come in packs, so most have the same source as the previous one.
      if (source !== this.#source.bytes) this.#source = scratchOf(source);
      const dataBytes = dataEnd - dataStart;
      const keyBytes = keyEnd - keyStart;
      const deltaMs = this.#recordedTimestamps ? timeOf(recordedAtMs, nowMs) - firstMs : 0;
      const headersFrom = headers === undefined || index === 0 ? 0 : headers.ends[index - 1]!;
      const headersBytes = headers === undefined ? 1 : headers.ends[index]! - headersFrom;
      const body = 1 + numberBytes(deltaMs) + lengthBytes(index) + lengthBytes(keyBytes) + keyBytes;
      to = writeLength(body + lengthBytes(dataBytes) + dataBytes + headersBytes, view, to);
      bytes[to++] = 0;
      to = writeNumber(deltaMs, view, to);
      to = writeLength(index, view, to);
      if (keyBytes === 0) {
        bytes[to++] = NULL_LENGTH;
      } else {
        to = copyBytes(this.#source, keyStart, keyEnd, into, writeLength(keyBytes, view, to));
      }
      to = copyBytes(this.#source, dataStart, dataEnd, into, writeLength(dataBytes, view, to));
      // The lengths 0 (an empty value) and -1 (null) both take one byte, so the length can be overwritten.
      if (dataBytes === 0 && hasNoValue(record)) bytes[to - 1] = NULL_LENGTH;
      if (headers === undefined) bytes[to++] = 0;
      else to += headers.bytes.copy(bytes, to, headersFrom, headersFrom + headersBytes);
    }
    return to;
  }
}

function timeOf(recordedAtMs: number, nowMs: number): number {
  return Number.isNaN(recordedAtMs) ? nowMs : Math.floor(recordedAtMs);
}

export interface BatchHead {
  readonly codec: number;
  readonly count: number;
  readonly times: BatchTimes;
  readonly stamp: ProducerStamp;
}

/** Writes the head of a batch (record-batch-layout.ts). The CRC covers the records, so they must be in place. */
export function writeHead({ codec, count, times, stamp }: BatchHead, into: Scratch, at: number, end: number): void {
  const { bytes, view } = into;
  bytes.fill(0, at, at + layout.MAGIC_AT);
  view.setInt32(at + layout.BATCH_LENGTH_AT, end - at - layout.UNCOUNTED_BYTES);
  view.setUint8(at + layout.MAGIC_AT, layout.MAGIC);
  view.setInt16(at + layout.ATTRIBUTES_AT, codec);
  view.setInt32(at + layout.LAST_OFFSET_DELTA_AT, count - 1);
  view.setBigInt64(at + layout.BASE_TIMESTAMP_AT, BigInt(times.first));
  view.setBigInt64(at + layout.MAX_TIMESTAMP_AT, BigInt(times.max));
  view.setBigInt64(at + layout.PRODUCER_ID_AT, stamp.producerId);
  view.setInt16(at + layout.PRODUCER_EPOCH_AT, stamp.epoch);
  view.setInt32(at + layout.BASE_SEQUENCE_AT, stamp.sequence);
  view.setInt32(at + layout.COUNT_AT, count);
  view.setUint32(at + layout.CRC_AT, crc32c(bytes, at + layout.ATTRIBUTES_AT, end));
}
