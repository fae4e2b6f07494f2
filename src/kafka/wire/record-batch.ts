import { copyBytes } from '../../bytes/copy.js';
import { crc32c } from '../../bytes/crc32c.js';
import { type Scratch, scratchOf } from '../../bytes/scratch.js';
import { lengthBytes, numberBytes, writeLength, writeNumber } from '../../bytes/varint.js';
import type { OutgoingRecord } from '../../target/target.js';
import { type EncodedHeaders, isWithoutValue } from './headers.js';

/** What stands before the records. */
export const HEAD_BYTES = 61;
/** The longest frame of a record: its length, attributes, moment, place, and the lengths of key and value; no headers. */
const FRAME_BYTES_MAX = 5 + 1 + 10 + 5 + 5 + 5 + 1;

const LENGTH_AT = 8;
const MAGIC_AT = 16;
const CRC_AT = 17;
const ATTRIBUTES_AT = 21;
const MAGIC = 2;
/** Where the number begins that says how many records there are. */
const COUNT_AT = 57;
/** -1 as a varint: the length of what is null. */
const NULL_LENGTH = 1;

/** By whom a batch is sent and where it stands in what they send to its partition. */
export interface ProducerStamp {
  readonly producerId: bigint;
  readonly epoch: number;
  /** Of the first record. */
  readonly sequence: number;
}

/** A batch of nobody in particular. */
export const ANONYMOUS: ProducerStamp = { producerId: -1n, epoch: -1, sequence: -1 };

/** Epoch milliseconds, whole. */
export interface BatchTimes {
  readonly first: number;
  readonly max: number;
}

/** Bytes that a batch takes at most, before compression. */
export function batchBytesMax(batch: readonly OutgoingRecord[], headers: EncodedHeaders | undefined): number {
  let bytes = HEAD_BYTES + batch.length * FRAME_BYTES_MAX + (headers?.bytes.length ?? 0);
  for (const { dataStart, dataEnd, keyStart, keyEnd } of batch) bytes += dataEnd - dataStart + keyEnd - keyStart;
  return bytes;
}

/** Writes records from their bytes where they lie, with nothing made for each. */
export class RecordWriter {
  readonly #recordedTimestamps: boolean;
  #source: Scratch = scratchOf(Buffer.alloc(0));

  /** @param recordedTimestamps whether records carry the time at which they were recorded */
  constructor(recordedTimestamps: boolean) {
    this.#recordedTimestamps = recordedTimestamps;
  }

  /** @param nowMs the time of records that have none of their own */
  timesOf(batch: readonly OutgoingRecord[], nowMs: number): BatchTimes {
    if (!this.#recordedTimestamps) return { first: nowMs, max: nowMs };
    let max = Number.NEGATIVE_INFINITY;
    for (const { recordedAtMs } of batch) max = Math.max(max, timeOf(recordedAtMs, nowMs));
    return { first: timeOf(batch[0]!.recordedAtMs, nowMs), max };
  }

  /**
   * @param batch   at least one record
   * @param nowMs   as `timesOf` was told
   * @param firstMs of the batch's first record
   * @param into    with room for `batchBytesMax`
   * @returns where the records end
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
      // Records come in packs: most have the source of the one before.
      if (source !== this.#source.bytes) this.#source = scratchOf(source);
      const dataBytes = dataEnd - dataStart;
      const keyBytes = keyEnd - keyStart;
      const laterMs = this.#recordedTimestamps ? timeOf(recordedAtMs, nowMs) - firstMs : 0;
      const headersFrom = headers === undefined || index === 0 ? 0 : headers.ends[index - 1]!;
      const headersBytes = headers === undefined ? 1 : headers.ends[index]! - headersFrom;
      const body = 1 + numberBytes(laterMs) + lengthBytes(index) + lengthBytes(keyBytes) + keyBytes;
      to = writeLength(body + lengthBytes(dataBytes) + dataBytes + headersBytes, view, to);
      bytes[to++] = 0;
      to = writeNumber(laterMs, view, to);
      to = writeLength(index, view, to);
      if (keyBytes === 0) {
        bytes[to++] = NULL_LENGTH;
      } else {
        to = copyBytes(this.#source, keyStart, keyEnd, into, writeLength(keyBytes, view, to));
      }
      to = copyBytes(this.#source, dataStart, dataEnd, into, writeLength(dataBytes, view, to));
      // The length of an empty value takes one byte, as that of none does.
      if (dataBytes === 0 && isWithoutValue(record)) bytes[to - 1] = NULL_LENGTH;
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

/** Writes the head of a batch whose records stand behind it, up to `end`. */
export function writeHead({ codec, count, times, stamp }: BatchHead, into: Scratch, at: number, end: number): void {
  const { bytes, view } = into;
  // Offset and leader's epoch are the broker's to set.
  bytes.fill(0, at, at + MAGIC_AT);
  view.setInt32(at + LENGTH_AT, end - at - LENGTH_AT - 4);
  view.setUint8(at + MAGIC_AT, MAGIC);
  view.setInt16(at + ATTRIBUTES_AT, codec);
  view.setInt32(at + ATTRIBUTES_AT + 2, count - 1);
  view.setBigInt64(at + ATTRIBUTES_AT + 6, BigInt(times.first));
  view.setBigInt64(at + ATTRIBUTES_AT + 14, BigInt(times.max));
  view.setBigInt64(at + ATTRIBUTES_AT + 22, stamp.producerId);
  view.setInt16(at + ATTRIBUTES_AT + 30, stamp.epoch);
  view.setInt32(at + ATTRIBUTES_AT + 32, stamp.sequence);
  view.setInt32(at + COUNT_AT, count);
  view.setUint32(at + CRC_AT, crc32c(bytes, at + ATTRIBUTES_AT, end));
}
