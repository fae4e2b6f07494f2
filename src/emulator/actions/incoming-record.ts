import { ServiceError } from '../protocol/service-error.js';
import { blobText, validationError, violation } from '../protocol/validation.js';
import { hashKeyOf, parseHashKey } from '../store/hash-key.js';
import type { Shard } from '../store/shard.js';
import type { Stream } from '../store/stream.js';
import type { StreamReference } from '../store/world.js';
import type { Call } from './operation.js';

/** A record of a request, ready to be stored. */
export interface IncomingRecord {
  readonly shard: Shard;
  readonly key: string;
  readonly keyBytes: number;
  readonly data: Buffer;
}

interface RecordInput {
  readonly Data: Buffer;
  readonly PartitionKey: string;
  readonly ExplicitHashKey?: string | undefined;
}

/** The stream to write to. A stream that is being created is not there yet: throws a ResourceNotFoundException. */
export function writableStream(reference: StreamReference, { world, caller, now }: Call): Stream {
  const stream = world.stream(caller, reference, now);
  if (stream.status !== 'CREATING') return stream;
  throw new ServiceError(
    'ResourceNotFoundException',
    `Stream ${stream.name} under account ${stream.account} not found.`,
  );
}

/**
 * Finds the record's shard. Throws a ValidationException where it is larger than the stream's records may be, an
 * InvalidArgumentException for an ExplicitHashKey out of range.
 * @param index of the record in the request, for messages; undefined where it is the only one
 */
export function incomingRecord(stream: Stream, input: RecordInput, index?: number): IncomingRecord {
  const { PartitionKey: key, Data: data, ExplicitHashKey: explicit } = input;
  const keyBytes = Buffer.byteLength(key);
  const dataBytes = data.length;
  const bytesMax = stream.state.maxRecordSizeInKiB * 1024;
  if (keyBytes + dataBytes > bytesMax) {
    // Data that would fit without its key is told how much room the key leaves.
    const dataMax = dataBytes > bytesMax ? bytesMax : bytesMax - keyBytes;
    const constraint = `Member must have length less than or equal to ${dataMax}`;
    const path = index === undefined ? 'data' : `records.${index + 1}.member.data`;
    throw validationError([violation(blobText(dataBytes), path, constraint)]);
  }
  const hashKey = explicit === undefined ? hashKeyOf(key) : parseHashKey(explicit);
  if (hashKey === undefined) {
    throw new ServiceError(
      'InvalidArgumentException',
      'Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. ' +
        `Specified value was ${explicit}`,
    );
  }
  return { shard: stream.shardFor(hashKey), key, keyBytes, data };
}

/** Stores the record and returns its sequence number; undefined where its shard is over its limit. */
export function store({ shard, key, keyBytes, data }: IncomingRecord, now: number): string | undefined {
  return shard.put(key, keyBytes, data, now);
}
