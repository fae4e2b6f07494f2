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
 * Finds the records in the CBOR of a PutRecords, where they stay: the batch borrows the body. It takes only the form that
 * clients send: strings in one piece, no tags, no unknown or repeated members, no nulls; whether maps and lists tell their
 * length is all the same. For anything else it returns undefined, and the request is read by its shape, which alone
 * decides what is wrong with it.
 *
 * The functions take the position at which something should begin and return the one behind it; -1: it isn't plain.
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

/** A length that is not told: the members go on to a break. */
const UNTOLD = -1;
const NONE = -2;

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
  // No key is empty.
  if (members === NONE || !hasData || batch.keyBytes[i] === 0) return -1;
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

/** The members of a map or a list; UNTOLD, or NONE where another kind of item stands. */
function countAt(body: Buffer, at: number, major: number): number {
  if (body[at] === ((major << 5) | INDEFINITE)) return UNTOLD;
  const count = argumentAt(body, at, major);
  return count < 0 ? NONE : count;
}

function hasMore(body: Buffer, at: number, count: number, read: number): boolean {
  return count === UNTOLD ? at < body.length && body[at] !== BREAK : read < count;
}

function afterMembers(at: number, count: number): number {
  if (count === NONE) return -1;
  return count === UNTOLD ? at + 1 : at;
}

/** The length of a string in one piece that ends within the body; -1 where none stands. */
function lengthAt(body: Buffer, at: number, major: number): number {
  const length = argumentAt(body, at, major);
  return length <= body.length - afterHead(body, at) ? length : -1;
}

/** -1 where the item is of another kind, or does not say. No length that fits into a request takes more than four bytes. */
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
