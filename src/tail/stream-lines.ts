import { isUtf8 } from 'node:buffer';
import { BACKSLASH, LF, QUOTE } from '../bytes/ascii.js';
import { formatKloadRecord, formatRecordTimestamp, KLOAD_RECORD_SCHEMA } from '../core/kload-record.js';
import type { StreamRecord } from '../core/stream-record.js';

const BYTES_INITIAL = 256 * 1024;
const SPACE = 0x20;
const DELETE = 0x7f;
/** A byte of text takes up to six in JSON: '\u0001'. A character of a string has up to three bytes. */
const ESCAPED_BYTES_MAX = 6;
const CHARACTER_BYTES_MAX = 3;
/** A bound on the parts of a line that are the same for all records. */
const REST_BYTES_MAX = 256;

/** The character after the backslash for a byte with a short escape; 0 for one with a long escape or none. */
const SHORT_ESCAPES = new Uint8Array(256);
for (const [character, short] of ['""', '\\\\', '\bb', '\tt', '\nn', '\ff', '\rr']) {
  SHORT_ESCAPES[character!.charCodeAt(0)] = short!.charCodeAt(0);
}
const HEX = Buffer.from('0123456789abcdef');

const BEGIN = Buffer.from(`{"schema":${JSON.stringify(KLOAD_RECORD_SCHEMA)},"partitionKey":`);
const BEFORE_DATA = Buffer.from(',"data":');
const BEFORE_SHARD = Buffer.from(',"shardId":');
const BEFORE_NUMBER = Buffer.from(',"sequenceNumber":');
const END = Buffer.from('}\n');

/**
 * Writes records of a stream as lines of kload's record format: the same bytes as `formatKloadRecord`, in a fifth of
 * the time, because no strings are made.
 */
export class StreamLines {
  #bytes = Buffer.allocUnsafeSlow(BYTES_INITIAL);
  #at = 0;
  #timeMs = Number.NaN;
  #time = Buffer.alloc(0);

  /** Returns the lines of these records. They are valid until the next call. */
  linesOf(batch: readonly StreamRecord[]): Buffer {
    this.#at = 0;
    for (const record of batch) this.#line(record);
    return this.#bytes.subarray(0, this.#at);
  }

  #line(record: StreamRecord): void {
    const { key, data, arrivedAtMs, shardId, sequenceNumber } = record;
    if (typeof key !== 'string' || data === null || !isUtf8(data)) {
      this.#slowLine(record);
      return;
    }
    const texts = CHARACTER_BYTES_MAX * (key.length + shardId.length + sequenceNumber.length) + data.length;
    this.#reserve(REST_BYTES_MAX + ESCAPED_BYTES_MAX * texts);
    if (arrivedAtMs !== this.#timeMs) {
      const time = formatRecordTimestamp(arrivedAtMs);
      this.#time = Buffer.from(time === undefined ? '' : `,"timestamp":"${time}"`);
      this.#timeMs = arrivedAtMs;
    }
    this.#copy(BEGIN);
    this.#string(key);
    this.#copy(BEFORE_DATA);
    this.#text(data);
    this.#copy(this.#time);
    this.#copy(BEFORE_SHARD);
    this.#string(shardId);
    this.#copy(BEFORE_NUMBER);
    this.#string(sequenceNumber);
    this.#copy(END);
  }

  /** Writes a record whose bytes are not text. */
  #slowLine({ key, data, arrivedAtMs, shardId, sequenceNumber }: StreamRecord): void {
    const line = formatKloadRecord({ key, data, recordedAtMs: arrivedAtMs, shardId, sequenceNumber });
    this.#reserve(CHARACTER_BYTES_MAX * line.length);
    this.#at += this.#bytes.write(line, this.#at);
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(2 * this.#bytes.length, this.#at + bytes));
    this.#bytes.copy(grown, 0, 0, this.#at);
    this.#bytes = grown;
  }

  #copy(piece: Uint8Array): void {
    const into = this.#bytes;
    const at = this.#at;
    for (let i = 0; i < piece.length; i++) into[at + i] = piece[i]!;
    this.#at = at + piece.length;
  }

  /** Writes text as JSON, byte by byte if it is plain ASCII. */
  #string(text: string): void {
    const into = this.#bytes;
    let at = this.#at;
    into[at++] = QUOTE;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code < SPACE || code >= DELETE || code === QUOTE || code === BACKSLASH) {
        this.#at += into.write(JSON.stringify(text), this.#at);
        return;
      }
      into[at++] = code;
    }
    into[at++] = QUOTE;
    this.#at = at;
  }

  /** Writes UTF-8 as JSON, with the escapes of JSON.stringify. */
  #text(text: Uint8Array): void {
    const into = this.#bytes;
    let at = this.#at;
    into[at++] = QUOTE;
    for (let i = 0; i < text.length; i++) {
      const byte = text[i]!;
      if (byte >= SPACE && byte !== QUOTE && byte !== BACKSLASH) into[at++] = byte;
      else at = writeEscaped(byte, into, at);
    }
    into[at++] = QUOTE;
    this.#at = at;
  }
}

function writeEscaped(byte: number, into: Buffer, at: number): number {
  const short = SHORT_ESCAPES[byte]!;
  into[at] = BACKSLASH;
  if (short !== 0) {
    into[at + 1] = short;
    return at + 2;
  }
  into[at + 1] = 0x75;
  into[at + 2] = into[at + 3] = 0x30;
  into[at + 4] = HEX[byte >> 4]!;
  into[at + 5] = HEX[byte & 15]!;
  return at + 6;
}

/** Writes the data of records, each with a line feed. */
export class RawLines {
  #bytes = Buffer.allocUnsafeSlow(BYTES_INITIAL);

  /** Returns the lines of these records. They are valid until the next call. */
  linesOf(batch: readonly StreamRecord[]): Buffer {
    let size = batch.length;
    for (const { data } of batch) size += data?.length ?? 0;
    if (size > this.#bytes.length) this.#bytes = Buffer.allocUnsafeSlow(2 * size);
    let at = 0;
    for (const { data } of batch) {
      if (data !== null) this.#bytes.set(data, at);
      at += data?.length ?? 0;
      this.#bytes[at++] = LF;
    }
    return this.#bytes.subarray(0, at);
  }
}
