import { list, structure } from '../protocol/shape.js';
import { BOOLEAN, DATA, HASH_KEY, PARTITION_KEY, STREAM_REFERENCE } from '../protocol/shapes.js';
import { isValid } from '../protocol/validation.js';
import type { StreamReference } from '../store/accounts.js';
import { BATCH_RECORDS_MAX, type RecordBatch } from '../store/record-batch.js';

export const PUT_RECORDS_INPUT = structure(
  {
    ...STREAM_REFERENCE,
    Records: list(
      structure({ Data: DATA, ExplicitHashKey: HASH_KEY, PartitionKey: PARTITION_KEY }, ['Data', 'PartitionKey']),
      { min: 1, max: 500 },
    ),
    DryRun: BOOLEAN,
  },
  ['Records'],
);

/** A PutRecords request whose records are in a batch. */
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
 * Fills a batch from the body of a PutRecords. Returns undefined, and releases the batch, if `scan` does not read the
 * whole body.
 *
 * @param scan reads the body into the reference and the batch; returns the position where it ended, or -1 for a form
 * that it does not know
 */
export function packed(
  body: Buffer,
  batch: RecordBatch,
  scan: (reference: Reference, batch: RecordBatch) => number,
): PackedPutRecords | undefined {
  const reference: Reference = {};
  let isPacked = false;
  try {
    const end = scan(reference, batch);
    isPacked = end === body.length && batch.count > 0 && isValid(REFERENCE, reference);
    return isPacked ? { ...reference, batch } : undefined;
  } finally {
    if (!isPacked) batch.release();
  }
}

/** Counts the characters of valid UTF-8: all but continuation bytes. */
export function charactersOf(body: Buffer, start: number, end: number): number {
  let characters = 0;
  for (let at = start; at < end; at++) if ((body[at]! & 0xc0) !== 0x80) characters++;
  return characters;
}
