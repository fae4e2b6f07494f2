import { structure } from '../protocol/shape.js';
import { PUT_RECORDS_INPUT } from '../protocol/shapes.js';
import { isValid } from '../protocol/validation.js';
import type { StreamReference } from '../store/accounts.js';
import { BATCH_RECORDS_MAX, type RecordBatch } from '../store/record-batch.js';

/** A PutRecords whose records lie in a batch. */
export interface PackedPutRecords extends StreamReference {
  readonly batch: RecordBatch;
}

export type Reference = { -readonly [Name in keyof StreamReference]: StreamReference[Name] };

const { StreamName, StreamARN, StreamId } = PUT_RECORDS_INPUT.members;
const REFERENCE = structure({ StreamName, StreamARN, StreamId });

export const REFERENCE_NAMES = ['StreamName', 'StreamARN', 'StreamId'] as const;
export const RECORDS_MAX = BATCH_RECORDS_MAX;
export const KEY_CHARACTERS_MAX = 256;
export const DATA_BYTES_MAX = PUT_RECORDS_INPUT.members.Records.member.members.Data.max;
export const HASH_KEY_DIGITS_MAX = 39;

/**
 * Fills a batch from the body of a PutRecords.
 *
 * @param scan reads it into the reference and the batch; returns the position where it ended, -1 where it does not know the form
 */
export function packed(
  body: Buffer,
  batch: RecordBatch,
  scan: (reference: Reference, batch: RecordBatch) => number,
): PackedPutRecords | undefined {
  const reference: Reference = {};
  const end = scan(reference, batch);
  if (end === body.length && batch.count > 0 && isValid(REFERENCE, reference)) return { ...reference, batch };
  batch.release();
  return undefined;
}

/** Characters of valid UTF-8: each has one byte that does not continue another. */
export function charactersOf(body: Buffer, start: number, end: number): number {
  let characters = 0;
  for (let at = start; at < end; at++) if ((body[at]! & 0xc0) !== 0x80) characters++;
  return characters;
}
