import { ServiceError } from '../protocol/service-error.js';
import { blobText, validationError, violation } from '../protocol/validation.js';
import type { StreamReference } from '../store/accounts.js';
import { HASH_KEY_WORDS } from '../store/hash-key.js';
import type { RecordBatch } from '../store/record-batch.js';
import type { Shard } from '../store/shard.js';
import type { Stream } from '../store/stream.js';
import type { Call } from './operation.js';

/** The stream to write to. A stream that is being created is not there yet: throws a ResourceNotFoundException. */
export function writableStream(reference: StreamReference, { accounts, caller, now }: Call): Stream {
  const stream = accounts.stream(caller, reference, now);
  if (stream.status !== 'CREATING') return stream;
  throw new ServiceError(
    'ResourceNotFoundException',
    `Stream ${stream.name} under account ${stream.account} not found.`,
  );
}

/**
 * Checks a record of a batch and finds its hash key. Throws a ValidationException where it is larger than the stream's
 * records may be, an InvalidArgumentException for an ExplicitHashKey out of range.
 * @param path of its data, for messages
 */
export function checkRecord(stream: Stream, batch: RecordBatch, i: number, path: (i: number) => string): void {
  const bytesMax = stream.state.maxRecordSizeInKiB * 1024;
  if (batch.recordBytes(i) > bytesMax) {
    const dataBytes = batch.dataBytes[i]!;
    // Data that would fit without its key is told how much room the key leaves.
    const dataMax = dataBytes > bytesMax ? bytesMax : bytesMax - batch.keyBytes[i]!;
    const constraint = `Member must have length less than or equal to ${dataMax}`;
    throw validationError([violation(blobText(dataBytes), path(i), constraint)]);
  }
  if (batch.hash(i)) return;
  throw new ServiceError(
    'InvalidArgumentException',
    'Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. ' +
      `Specified value was ${batch.explicitHashKeys[i]}`,
  );
}

/** The shard that takes a record whose hash key was found. */
export function shardOf(stream: Stream, batch: RecordBatch, i: number): Shard {
  return stream.shardFor(batch.hashKeys, HASH_KEY_WORDS * i);
}
