import { isAscii, isUtf8 } from 'node:buffer';
import { type Bytes, bytesOf, startsWith } from '../protocol/bytes.js';
import { BREAK, FOUR_BYTES, INDEFINITE, MAJOR, ONE_BYTE, TWO_BYTES } from '../protocol/cbor-head.js';
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
 * Finds the records in the CBOR of a PutRecords. They are not copied: the batch borrows the body. Reads only the form
 * that clients send: strings in one piece; no tags, no nulls, no unknown or repeated members; maps and lists with or
 * without a length. Returns undefined for any other form: the request is then read by its shape, which reports what is
 * wrong.
 *
 * Each scan function takes the position where an item should begin, and returns the position after it, or -1 if the
 * item has another form.
 */
export function scanCborPutRecords(body: Buffer): PackedPutRecords | undefined {
  const request = bytesOf(body);
  return packed(body, RecordBatch.over(request), (reference, batch) => scanRequest(request, reference, batch));
}

const REFERENCE_MEMBERS = REFERENCE_NAMES.map((name) => ({ name, item: nameItem(name) }));
const RECORDS = nameItem('Records');
const DATA = nameItem('Data');
const PARTITION_KEY = nameItem('PartitionKey');
const EXPLICIT_HASH_KEY = nameItem('ExplicitHashKey');

const ZERO = 0x30;
const NINE = 0x39;

/** A map or list without a length: its members end with a break. */
const INDEFINITE_COUNT = -1;
/** The item is not the expected map or list. */
const OTHER_ITEM = -2;

function scanRequest(request: Bytes, reference: Reference, batch: RecordBatch): number {
  const body = request.bytes;
  const members = countAt(body, 0, MAJOR.map);
  let at = afterHead(body, 0);
  for (let read = 0; hasMore(body, at, members, read); read++) {
    at = startsWith(request, at, RECORDS)
      ? scanRecords(request, at + RECORDS.bytes.length, batch)
      : scanReference(request, at, reference);
    if (at < 0) return -1;
  }
  return afterMembers(at, members);
}

function scanReference(request: Bytes, at: number, reference: Reference): number {
  const body = request.bytes;
  for (const { name, item } of REFERENCE_MEMBERS) {
    if (!startsWith(request, at, item)) continue;
    const from = at + item.bytes.length;
    const length = lengthAt(body, from, MAJOR.text);
    const start = afterHead(body, from);
    if (length < 0 || reference[name] !== undefined || !isAscii(body.subarray(start, start + length))) return -1;
    reference[name] = body.toString('latin1', start, start + length);
    return start + length;
  }
  return -1;
}

function scanRecords(request: Bytes, from: number, batch: RecordBatch): number {
  const body = request.bytes;
  const records = countAt(body, from, MAJOR.list);
  if (batch.count > 0 || records > RECORDS_MAX) return -1;
  let at = afterHead(body, from);
  while (hasMore(body, at, records, batch.count)) {
    if (batch.count === RECORDS_MAX) return -1;
    at = scanRecord(request, at, batch);
    if (at < 0) return -1;
  }
  return afterMembers(at, records);
}

function scanRecord(request: Bytes, from: number, batch: RecordBatch): number {
  const body = request.bytes;
  const i = batch.count;
  const members = countAt(body, from, MAJOR.map);
  batch.keyBytes[i] = 0;
  batch.explicitHashKeys[i] = undefined;
  let hasData = false;
  let at = afterHead(body, from);
  for (let read = 0; hasMore(body, at, members, read); read++) {
    if (startsWith(request, at, DATA)) {
      if (hasData) return -1;
      hasData = true;
      at = scanData(body, at + DATA.bytes.length, batch, i);
    } else if (startsWith(request, at, PARTITION_KEY)) {
      at = scanKey(body, at + PARTITION_KEY.bytes.length, batch, i);
    } else if (startsWith(request, at, EXPLICIT_HASH_KEY)) {
      at = scanHashKey(body, at + EXPLICIT_HASH_KEY.bytes.length, batch, i);
    } else {
      return -1;
    }
    if (at < 0) return -1;
  }
  // A key has at least one byte, so 0 means that the record has none.
  if (members === OTHER_ITEM || !hasData || batch.keyBytes[i] === 0) return -1;
  batch.count++;
  return afterMembers(at, members);
}

function scanData(body: Buffer, at: number, batch: RecordBatch, i: number): number {
  const bytes = lengthAt(body, at, MAJOR.bytes);
  if (bytes < 0 || bytes > DATA_BYTES_MAX) return -1;
  const start = afterHead(body, at);
  batch.dataStarts[i] = start;
  batch.dataBytes[i] = bytes;
  return start + bytes;
}

function scanKey(body: Buffer, at: number, batch: RecordBatch, i: number): number {
  const bytes = lengthAt(body, at, MAJOR.text);
  if (bytes < 0 || batch.keyBytes[i] !== 0) return -1;
  const start = afterHead(body, at);
  const end = start + bytes;
  if (!isShortAscii(body, start, end)) {
    if (!isUtf8(body.subarray(start, end)) || charactersOf(body, start, end) > KEY_CHARACTERS_MAX) return -1;
  }
  batch.keyStarts[i] = start;
  batch.keyBytes[i] = bytes;
  return end;
}

function isShortAscii(body: Buffer, start: number, end: number): boolean {
  if (end - start > KEY_CHARACTERS_MAX) return false;
  let seen = 0;
  for (let at = start; at < end; at++) seen |= body[at]!;
  return seen < 0x80;
}

function scanHashKey(body: Buffer, at: number, batch: RecordBatch, i: number): number {
  const digits = lengthAt(body, at, MAJOR.text);
  if (digits <= 0 || digits > HASH_KEY_DIGITS_MAX || batch.explicitHashKeys[i] !== undefined) return -1;
  const start = afterHead(body, at);
  const end = start + digits;
  if (digits > 1 && body[start] === ZERO) return -1;
  for (let digit = start; digit < end; digit++) if (body[digit]! < ZERO || body[digit]! > NINE) return -1;
  batch.explicitHashKeys[i] = body.toString('latin1', start, end);
  return end;
}

/** The number of members of the map or list at `at`, or INDEFINITE_COUNT, or OTHER_ITEM. */
function countAt(body: Buffer, at: number, major: number): number {
  if (body[at] === ((major << 5) | INDEFINITE)) return INDEFINITE_COUNT;
  const count = argumentAt(body, at, major);
  return count < 0 ? OTHER_ITEM : count;
}

function hasMore(body: Buffer, at: number, count: number, read: number): boolean {
  return count === INDEFINITE_COUNT ? at < body.length && body[at] !== BREAK : read < count;
}

function afterMembers(at: number, count: number): number {
  if (count === OTHER_ITEM) return -1;
  return count === INDEFINITE_COUNT ? at + 1 : at;
}

/** The length of the string at `at`; -1 unless it is in one piece and ends within the body. */
function lengthAt(body: Buffer, at: number, major: number): number {
  const length = argumentAt(body, at, major);
  return length <= body.length - afterHead(body, at) ? length : -1;
}

/** The argument of the item's head; -1 for another type or no argument. Valid lengths take at most four bytes. */
function argumentAt(body: Buffer, at: number, major: number): number {
  const end = afterHead(body, at);
  if (end > body.length || body[at]! >> 5 !== major) return -1;
  const info = body[at]! & 0x1f;
  if (info < ONE_BYTE) return info;
  if (info === ONE_BYTE) return body[at + 1]!;
  if (info === TWO_BYTES) return (body[at + 1]! << 8) | body[at + 2]!;
  return info === FOUR_BYTES ? body.readUInt32BE(at + 1) : -1;
}

function afterHead(body: Buffer, at: number): number {
  const info = body[at]! & 0x1f;
  if (info === ONE_BYTE) return at + 2;
  if (info === TWO_BYTES) return at + 3;
  return info === FOUR_BYTES ? at + 5 : at + 1;
}

function nameItem(name: string): Bytes {
  return bytesOf(Buffer.of((MAJOR.text << 5) | name.length, ...Buffer.from(name)));
}
