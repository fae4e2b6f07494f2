import { BACKSLASH, QUOTE } from '../../bytes/ascii.js';
import { copyBytes } from '../../bytes/copy.js';
import { base64Length, writeBase64 } from '../protocol/base64.js';
import { type Bytes, bytesOf, writeBytes } from '../protocol/bytes.js';
import { writeCbor } from '../protocol/cbor-writer.js';
import { BulkOutput, type Output } from '../protocol/output.js';
import type { RecordPage } from '../store/record-page.js';
import type { Segment } from '../store/segment.js';
import { SEQUENCE_NUMBER_DIGITS } from '../store/sequence-number.js';
import { describeRecords } from './descriptions.js';

const BEFORE_NUMBER = bytesOf(Buffer.from('{"SequenceNumber":"'));
const BEFORE_TIME = bytesOf(Buffer.from('","ApproximateArrivalTimestamp":'));
const BEFORE_DATA = bytesOf(Buffer.from(',"Data":"'));
const BEFORE_KEY = bytesOf(Buffer.from('","PartitionKey":'));
const PLAIN_END = bytesOf(Buffer.from('},'));
const ENCRYPTED_END = bytesOf(Buffer.from(',"EncryptionType":"KMS"},'));
const HEAD = bytesOf(Buffer.from('{"Records":['));

const TIME_BYTES_MAX = 24;
/** The bytes of a record's JSON, without its data and key. */
const RECORD_BYTES_MAX =
  BEFORE_NUMBER.bytes.length +
  SEQUENCE_NUMBER_DIGITS +
  BEFORE_TIME.bytes.length +
  TIME_BYTES_MAX +
  BEFORE_DATA.bytes.length +
  BEFORE_KEY.bytes.length +
  '""'.length +
  ENCRYPTED_END.bytes.length;
/** The longest form of a key's byte in JSON: '\u0001'. */
const ESCAPED_BYTES_MAX = 6;

/** The members besides the records. */
type Rest = Readonly<Record<string, Output>>;

/** The response to a GetRecords, or an event of SubscribeToShard. */
export class RecordsResult extends BulkOutput {
  readonly #page: RecordPage;
  readonly #encryptionAt: (atMs: number) => 'KMS' | undefined;
  readonly #rest: Rest;

  /** @param encryptionAt how records that arrived at a time (epoch milliseconds) are encrypted */
  constructor(page: RecordPage, encryptionAt: (atMs: number) => 'KMS' | undefined, rest: Rest) {
    super();
    this.#page = page;
    this.#encryptionAt = encryptionAt;
    this.#rest = rest;
  }

  toCborBytes(): Buffer {
    return writeCbor(this.toOutput());
  }

  toOutput(): Output {
    return { Records: describeRecords(this.#page, this.#encryptionAt), ...this.#rest };
  }

  /** Equal to JSON.stringify of the output, but written straight from the stored records, in a fifth of the time. */
  toJsonBytes(): Buffer {
    const rest = Buffer.from(`],${JSON.stringify(this.#rest).slice(1)}`);
    const out = bytesOf(Buffer.allocUnsafe(HEAD.bytes.length + this.#bytesMax() + rest.length));
    let at = writeBytes(HEAD, out, 0);
    let timeMs = -1;
    let time = HEAD;
    let end = PLAIN_END;
    for (const { segment, from, end: spanEnd } of this.#page.spans) {
      for (let position = from; position < spanEnd; position++) {
        const atMs = segment.atMs(position);
        if (atMs !== timeMs) {
          timeMs = atMs;
          time = bytesOf(Buffer.from(String(atMs / 1000)));
          end = this.#encryptionAt(atMs) === undefined ? PLAIN_END : ENCRYPTED_END;
        }
        at = writeBytes(BEFORE_NUMBER, out, at);
        this.#page.sequence.write(position, Math.floor(atMs / 1000), out, at);
        at = writeBytes(BEFORE_TIME, out, at + SEQUENCE_NUMBER_DIGITS);
        at = writeBytes(time, out, at);
        at = writeRecord(segment, position, out, at);
        at = writeBytes(end, out, at);
      }
    }
    if (this.#page.count > 0) at--;
    at += rest.copy(out.bytes, at);
    return out.bytes.subarray(0, at);
  }

  #bytesMax(): number {
    let bytes = this.#page.count * RECORD_BYTES_MAX;
    for (const { segment, from, end } of this.#page.spans) {
      for (let position = from; position < end; position++) {
        const keyBytes = segment.keyBytes(position);
        bytes += ESCAPED_BYTES_MAX * keyBytes + base64Length(segment.recordBytes(position) - keyBytes);
      }
    }
    return bytes;
  }
}

/** Writes a record's data and key; returns the position after them. */
function writeRecord(segment: Segment, position: number, out: Bytes, from: number): number {
  const { bytes } = segment;
  const start = segment.start(position);
  const keyEnd = start + segment.keyBytes(position);
  let at = writeBytes(BEFORE_DATA, out, from);
  at = writeBase64(bytes, keyEnd, start + segment.recordBytes(position), out.bytes, at);
  at = writeBytes(BEFORE_KEY, out, at);
  if (isPlain(bytes, start, keyEnd)) {
    out.bytes[at++] = QUOTE;
    at = copyBytes(segment, start, keyEnd, out, at);
    out.bytes[at++] = QUOTE;
  } else {
    at += out.bytes.write(JSON.stringify(segment.key(position)), at);
  }
  return at;
}

/** True if JSON needs no escapes for these bytes of UTF-8. */
function isPlain(bytes: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    if (byte < 0x20 || byte === QUOTE || byte === BACKSLASH) return false;
  }
  return true;
}
