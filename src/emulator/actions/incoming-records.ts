import { invalidArgument } from '../protocol/service-error.js';
import { blobText, validationError, violation } from '../protocol/validation.js';
import type { StreamReference } from '../store/accounts.js';
import { HASH_KEY_WORDS } from '../store/hash-key.js';
import type { RecordBatch } from '../store/record-batch.js';
import type { Shard } from '../store/shard.js';
import type { Stream } from '../store/stream.js';
import { streamNotFound } from './not-found.js';
import type { Call } from './operation.js';

/** The stream to write to. Throws a ResourceNotFoundException if it does not exist or is still CREATING. */
export function writableStream(reference: StreamReference, { accounts, caller, now }: Call): Stream {
  const stream = accounts.stream(caller, reference, now);
  if (stream.status === 'CREATING') throw streamNotFound(stream);
  return stream;
}

/**
 * Checks a record of a batch and computes its hash key. Throws a ValidationException if the record is too large for the
 * stream, an InvalidArgumentException if its ExplicitHashKey is out of range.
 * @param path names the record's data in messages
 */
export function checkRecord(stream: Stream, batch: RecordBatch, i: number, path: (i: number) => string): void {
  const bytesMax = stream.state.maxRecordSizeInKiB * 1024;
  if (batch.recordBytes(i) > bytesMax) {
    const dataBytes = batch.dataBytes[i]!;
    // If the data alone would fit, the message says how much room the key leaves for it.
    const dataMax = dataBytes > bytesMax ? bytesMax : bytesMax - batch.keyBytes[i]!;
    const constraint = `Member must have length less than or equal to ${dataMax}`;
    throw validationError([violation(blobText(dataBytes), path(i), constraint)]);
  }
  if (batch.hash(i)) return;
  throw invalidArgument(
    'Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. ' +
      `Specified value was ${batch.explicitHashKeys[i]}`,
  );
}

/** The shard for a record that was checked. */
export function shardOf(stream: Stream, batch: RecordBatch, i: number): Shard {
  return stream.shardFor(batch.hashKeys, HASH_KEY_WORDS * i);
}
