import { base64Length, writeBase64 } from '../protocol/base64-bytes.js';
import { type Bytes, bytesOf, copyBytes, writeBytes } from '../protocol/bytes.js';
import { writeCbor } from '../protocol/cbor-writer.js';
import { Blob, BulkOutput, type Output, Timestamp } from '../protocol/output.js';
import type { RecordPage } from '../store/record-page.js';
import type { Segment } from '../store/segment.js';
import { SEQUENCE_NUMBER_DIGITS } from '../store/sequence-number.js';

const BEFORE_NUMBER = bytesOf(Buffer.from('{"SequenceNumber":"'));
const BEFORE_TIME = bytesOf(Buffer.from('","ApproximateArrivalTimestamp":'));
const BEFORE_DATA = bytesOf(Buffer.from(',"Data":"'));
const BEFORE_KEY = bytesOf(Buffer.from('","PartitionKey":'));
const PLAIN_END = bytesOf(Buffer.from('},'));
const ENCRYPTED_END = bytesOf(Buffer.from(',"EncryptionType":"KMS"},'));
const HEAD = bytesOf(Buffer.from('{"Records":['));
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

const TIME_BYTES_MAX = 24;
/** What a record takes beside its data and its key. */
const RECORD_BYTES_MAX =
  BEFORE_NUMBER.bytes.length +
  SEQUENCE_NUMBER_DIGITS +
  BEFORE_TIME.bytes.length +
  TIME_BYTES_MAX +
  BEFORE_DATA.bytes.length +
  BEFORE_KEY.bytes.length +
  '""'.length +
  ENCRYPTED_END.bytes.length;
/** A byte of a key as JSON may have to write it: '\u0001'. */
const ESCAPED_BYTES_MAX = 6;

/** What a GetRecords tells beside the records. */
interface Rest {
  readonly NextShardIterator: string | undefined;
  readonly ChildShards: Output;
  readonly MillisBehindLatest: number;
}

/** The answer of one GetRecords. */
export class GetRecordsResult extends BulkOutput {
  readonly #page: RecordPage;
  readonly #encryptionAt: (atMs: number) => 'KMS' | undefined;
  readonly #rest: Rest;

  /** @param encryptionAt what records of a time (epoch milliseconds) are encrypted with */
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
    const records = Array.from(this.#page, ({ sequenceNumber, atMs, key, data }) => ({
      SequenceNumber: sequenceNumber,
      ApproximateArrivalTimestamp: new Timestamp(atMs),
      Data: new Blob(data),
      PartitionKey: key,
      EncryptionType: this.#encryptionAt(atMs),
    }));
    return { Records: records, ...this.#rest };
  }

  /** The same as JSON.stringify makes of the output, straight from where the records lie, at a fifth of the time. */
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

/** Data and key. */
function writeRecord(segment: Segment, position: number, out: Bytes, from: number): number {
  const { bytes } = segment;
  const start = segment.start(position);
  const keyEnd = start + segment.keyBytes(position);
  let at = writeBytes(BEFORE_DATA, out, from);
  at = writeBase64(bytes, keyEnd, start + segment.recordBytes(position), out.bytes, at);
  at = writeBytes(BEFORE_KEY, out, at);
  if (isPlain(bytes, start, keyEnd)) {
    out.bytes[at++] = QUOTE;
    copyBytes(segment, start, keyEnd - start, out, at);
    at += keyEnd - start;
    out.bytes[at++] = QUOTE;
  } else {
    at += out.bytes.write(JSON.stringify(segment.key(position)), at);
  }
  return at;
}

/** Whether these bytes of UTF-8 stand in JSON as they are. */
function isPlain(bytes: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    if (byte < 0x20 || byte === QUOTE || byte === BACKSLASH) return false;
  }
  return true;
}
