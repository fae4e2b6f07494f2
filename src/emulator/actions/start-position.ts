import { invalidArgument } from '../protocol/service-error.js';
import { parseSequenceNumber, type SequenceNumber } from '../store/sequence-number.js';
import { type Shard, shardIdOf } from '../store/shard.js';
import type { Stream } from '../store/stream.js';

/** Where a reader begins, as written in the request. */
export interface StartingPoint {
  readonly type: 'AT_SEQUENCE_NUMBER' | 'AFTER_SEQUENCE_NUMBER' | 'TRIM_HORIZON' | 'LATEST' | 'AT_TIMESTAMP';
  readonly number: string | undefined;
  readonly timestamp: Date | undefined;
  /** The operation, for messages. */
  readonly usedIn: 'GetShardIterator' | 'SubscribeToShard';
}

/** The position in the shard that a reader begins at. Throws an InvalidArgumentException. */
export function startPosition(start: StartingPoint, stream: Stream, shard: Shard, now: number): number {
  const { type, number } = start;
  const bySequenceNumber = type === 'AT_SEQUENCE_NUMBER' || type === 'AFTER_SEQUENCE_NUMBER';
  if (bySequenceNumber !== (number !== undefined)) {
    throw invalidArgument(
      'Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and StartingSequenceNumber or ' +
        '(2) TRIM_HORIZON or LATEST and no StartingSequenceNumber. ' +
        `Request specified ${type} and ${number === undefined ? 'no' : 'also a'} StartingSequenceNumber.`,
    );
  }
  shard.trim(now);
  switch (type) {
    case 'TRIM_HORIZON':
      return shard.oldestPosition;
    case 'LATEST':
      return shard.nextPosition;
    case 'AT_TIMESTAMP':
      return positionAtTime(start.timestamp, shard, now);
    case 'AT_SEQUENCE_NUMBER':
      return shard.positionFrom(ownNumber(start, stream, shard));
    case 'AFTER_SEQUENCE_NUMBER':
      return Math.min(ownNumber(start, stream, shard).index + 1, shard.nextPosition);
  }
}

function positionAtTime(timestamp: Date | undefined, shard: Shard, now: number): number {
  if (timestamp === undefined) {
    throw invalidArgument(
      'Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP. ' +
        'Current request has no timestamp parameter.',
    );
  }
  if (timestamp.getTime() > now) {
    throw invalidArgument(
      'The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. ' +
        `timestampInMillis: ${timestamp.getTime()}, currentTimestampInMillis: ${now}`,
    );
  }
  return shard.positionAt(timestamp.getTime());
}

/** The sequence number. Throws an InvalidArgumentException unless it came from this shard of this stream. */
function ownNumber({ number: decimal = '', usedIn }: StartingPoint, stream: Stream, shard: Shard): SequenceNumber {
  const number = parseSequenceNumber(decimal);
  const used =
    `StartingSequenceNumber ${decimal} used in ${usedIn} on shard ${shard.id} ` + `in ${stream.description} is invalid`;
  if (number === undefined) throw invalidArgument(`${used}.`);
  if (number.shardIndex !== shard.index) {
    throw invalidArgument(
      `Invalid StartingSequenceNumber. It encodes ${shardIdOf(number.shardIndex)}, ` +
        `while it was used in a call to a shard with ${shard.id}`,
    );
  }
  if (!shard.owns(number)) {
    throw invalidArgument(`${used} because it did not come from this stream.`);
  }
  return number;
}
