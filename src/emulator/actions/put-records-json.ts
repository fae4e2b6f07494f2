import { isUtf8 } from 'node:buffer';
import * as ASCII from '../../bytes/ascii.js';
import { copyBytes } from '../../bytes/copy.js';
import { decodeQuotedBase64 } from '../protocol/base64.js';
import { type Bytes, bytesOf, startsWith } from '../protocol/bytes.js';
import { RecordBatch } from '../store/record-batch.js';
import {
  charactersOf,
  DATA_BYTES_MAX,
  HASH_KEY_DIGITS_MAX,
  KEY_CHARACTERS_MAX,
  type PackedPutRecords,
  packed,
  RECORDS_MAX,
  REFERENCE_NAMES,
  type Reference,
} from './packed-put-records.js';

/**
 * Reads the JSON of a PutRecords straight into a batch, in a third of the time of JSON.parse. Reads only the plain form
 * that clients send. Returns undefined for escapes, nulls, unknown or repeated members, and anything invalid: the
 * request is then read by its shape, which reports what is wrong.
 *
 * Each scan function takes the position where a value should begin, and returns the position after it, or -1 if the
 * value has another form.
 */

// V8 folds constants of this module, but loads imported ones each time.
const { BACKSLASH, CLOSE_BRACE, CLOSE_BRACKET, COLON, COMMA, CR, LF } = ASCII;
const { OPEN_BRACE, OPEN_BRACKET, QUOTE, SPACE, TAB, ZERO } = ASCII;
const NINE = ZERO + 9;

const REFERENCE_MEMBERS = REFERENCE_NAMES.map((name) => ({ name, quoted: quotedName(name) }));

const DATA = quotedName('Data');
const PARTITION_KEY = quotedName('PartitionKey');
const EXPLICIT_HASH_KEY = quotedName('ExplicitHashKey');
const RECORDS = quotedName('Records');

export function scanJsonPutRecords(body: Buffer): PackedPutRecords | undefined {
  const batch = RecordBatch.take();
  // Base64 decodes to fewer bytes than it has characters.
  batch.reserve(body.length);
  return packed(body, batch, (reference, batch) => scanRequest(bytesOf(body), reference, batch));
}

function scanRequest(request: Bytes, reference: Reference, batch: RecordBatch): number {
  const body = request.bytes;
  let at = skipSpace(body, 0);
  let separator = OPEN_BRACE;
  while (body[at] === separator) {
    at = skipSpace(body, at + 1);
    const records = valueAt(request, at, RECORDS);
    at = records < 0 ? scanReference(request, at, reference) : scanRecords(request, records, batch);
    if (at < 0) return -1;
    at = skipSpace(body, at);
    separator = COMMA;
  }
  return body[at] === CLOSE_BRACE ? skipSpace(body, at + 1) : -1;
}

function scanReference(request: Bytes, at: number, reference: Reference): number {
  const body = request.bytes;
  for (const { name, quoted } of REFERENCE_MEMBERS) {
    const from = valueAt(request, at, quoted);
    if (from < 0) continue;
    const end = body[from] === QUOTE ? endOfAscii(body, from + 1) : -1;
    if (end < 0 || reference[name] !== undefined) return -1;
    reference[name] = body.toString('latin1', from + 1, end);
    return end + 1;
  }
  return -1;
}

function scanRecords(request: Bytes, from: number, batch: RecordBatch): number {
  const body = request.bytes;
  if (batch.count > 0) return -1;
  let at = from;
  let separator = OPEN_BRACKET;
  while (body[at] === separator) {
    if (batch.count === RECORDS_MAX) return -1;
    at = scanRecord(request, skipSpace(body, at + 1), batch);
    if (at < 0) return -1;
    at = skipSpace(body, at);
    separator = COMMA;
  }
  return body[at] === CLOSE_BRACKET ? at + 1 : -1;
}

function scanRecord(request: Bytes, from: number, batch: RecordBatch): number {
  const body = request.bytes;
  const i = batch.count;
  batch.keyBytes[i] = 0;
  batch.explicitHashKeys[i] = undefined;
  let hasData = false;
  let at = from;
  let separator = OPEN_BRACE;
  while (body[at] === separator) {
    at = skipSpace(body, at + 1);
    let value = valueAt(request, at, DATA);
    if (value >= 0) {
      if (hasData) return -1;
      hasData = true;
      at = scanData(request, value, batch, i);
    } else {
      value = valueAt(request, at, PARTITION_KEY);
      at =
        value >= 0
          ? scanKey(request, value, batch, i)
          : scanHashKey(body, valueAt(request, at, EXPLICIT_HASH_KEY), batch, i);
    }
    if (at < 0) return -1;
    at = skipSpace(body, at);
    separator = COMMA;
  }
  // A key has at least one byte, so 0 means that the record has none.
  if (body[at] !== CLOSE_BRACE || !hasData || batch.keyBytes[i] === 0) return -1;
  batch.count++;
  return at + 1;
}

function scanData(request: Bytes, at: number, batch: RecordBatch, i: number): number {
  if (request.bytes[at] !== QUOTE) return -1;
  const bytes = decodeQuotedBase64(request, at + 1, batch, batch.used);
  if (bytes < 0 || bytes > DATA_BYTES_MAX) return -1;
  batch.dataStarts[i] = batch.used;
  batch.dataBytes[i] = bytes;
  batch.used += bytes;
  return at + 1 + 4 * Math.ceil(bytes / 3) + 1;
}

function scanKey(request: Bytes, at: number, batch: RecordBatch, i: number): number {
  const body = request.bytes;
  if (body[at] !== QUOTE || batch.keyBytes[i] !== 0) return -1;
  const start = at + 1;
  let end = endOfAscii(body, start);
  let characters = end - start;
  if (end < 0) {
    end = endOfText(body, start);
    if (end < 0 || !isUtf8(body.subarray(start, end))) return -1;
    characters = charactersOf(body, start, end);
  }
  if (characters > KEY_CHARACTERS_MAX) return -1;
  batch.keyStarts[i] = batch.used;
  batch.keyBytes[i] = end - start;
  batch.used = copyBytes(request, start, end, batch, batch.used);
  return end + 1;
}

function scanHashKey(body: Buffer, at: number, batch: RecordBatch, i: number): number {
  if (at < 0 || body[at] !== QUOTE || batch.explicitHashKeys[i] !== undefined) return -1;
  const start = at + 1;
  let end = start;
  while (body[end]! >= ZERO && body[end]! <= NINE) end++;
  const digits = end - start;
  const isPlain = digits > 0 && digits <= HASH_KEY_DIGITS_MAX && (digits === 1 || body[start] !== ZERO);
  if (!isPlain || body[end] !== QUOTE) return -1;
  batch.explicitHashKeys[i] = body.toString('latin1', start, end);
  return end + 1;
}

/** The position of this member's value; -1 if another member begins at `from`. */
function valueAt(request: Bytes, from: number, quoted: Bytes): number {
  if (!startsWith(request, from, quoted)) return -1;
  const body = request.bytes;
  const at = skipSpace(body, from + quoted.bytes.length);
  return body[at] === COLON ? skipSpace(body, at + 1) : -1;
}

function quotedName(name: string): Bytes {
  return bytesOf(Buffer.from(`"${name}"`));
}

/** The position of the quote that ends an ASCII string; -1 if it has escapes, control or other characters. */
function endOfAscii(body: Buffer, from: number): number {
  for (let at = from; at < body.length; at++) {
    const byte = body[at]!;
    if (byte === QUOTE) return at;
    if (byte < 0x20 || byte === BACKSLASH || byte >= 0x80) return -1;
  }
  return -1;
}

/** The position of the quote that ends a string; -1 if it has escapes or control characters. */
function endOfText(body: Buffer, from: number): number {
  for (let at = from; at < body.length; at++) {
    const byte = body[at]!;
    if (byte === QUOTE) return at;
    if (byte < 0x20 || byte === BACKSLASH) return -1;
  }
  return -1;
}

function skipSpace(body: Buffer, from: number): number {
  let at = from;
  while (body[at]! <= SPACE && isSpace(body[at]!)) at++;
  return at;
}

function isSpace(byte: number): boolean {
  return byte === SPACE || byte === LF || byte === CR || byte === TAB;
}
