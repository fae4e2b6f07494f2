import { NO_VALUE_MARK } from '../../bytes/kafka-headers.js';
import { type HeaderText, headersIn } from '../../bytes/kafka-headers-text.js';
import { lengthBytes, writeLength } from '../../bytes/varint.js';
import type { OutgoingRecord } from '../../target/target.js';

/** The encoded headers of a batch's records, concatenated. */
export interface EncodedHeaders {
  readonly bytes: Buffer;
  /** The end of each record's headers in `bytes`. */
  readonly ends: Int32Array;
}

const NO_VALUE_BYTE = NO_VALUE_MARK.charCodeAt(0);
/** -1 as a varint: the length of null. */
const NULL_LENGTH = 1;

/**
 * Encodes the headers of each record:
 *
 * ```
 * headers  ARRAY (VARINT count) of HEADER
 *   key    VARINT length, bytes
 *   value  VARINT length (-1: null), bytes
 * ```
 *
 * @returns undefined if no record has headers
 * @throws BadHeadersError
 */
export function encodeHeaders(batch: readonly OutgoingRecord[]): EncodedHeaders | undefined {
  if (batch.every(({ attributesEnd }) => attributesEnd === 0)) return undefined;
  const ends = new Int32Array(batch.length);
  const records = batch.map(({ source, attributesStart, attributesEnd }) => {
    return attributesEnd === 0 ? [] : headersIn(source.toString('utf8', attributesStart, attributesEnd));
  });
  const bytes = Buffer.allocUnsafe(records.reduce((sum, headers) => sum + bytesOf(headers), 0));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 0;
  for (const [index, headers] of records.entries()) {
    at = writeLength(headers.length, view, at);
    for (const { name, value } of headers) {
      at = writeText(name, bytes, view, at);
      if (value === null) bytes[at++] = NULL_LENGTH;
      else at = writeText(value, bytes, view, at);
    }
    ends[index] = at;
  }
  return { bytes, ends };
}

function bytesOf(headers: readonly HeaderText[]): number {
  let bytes = lengthBytes(headers.length);
  for (const { name, value } of headers) bytes += textBytes(name) + (value === null ? 1 : textBytes(value));
  return bytes;
}

function textBytes(text: string | Uint8Array): number {
  const bytes = Buffer.byteLength(text);
  return lengthBytes(bytes) + bytes;
}

function writeText(text: string | Uint8Array, into: Buffer, view: DataView, at: number): number {
  const from = writeLength(Buffer.byteLength(text), view, at);
  if (typeof text === 'string') return from + into.write(text, from, 'utf8');
  into.set(text, from);
  return from + text.length;
}

/** Whether a record's value is null (a tombstone, which deletes its key). Its data is empty then. */
export function hasNoValue({ source, attributesStart, attributesEnd }: OutgoingRecord): boolean {
  return attributesEnd !== 0 && source[attributesStart] === NO_VALUE_BYTE;
}
