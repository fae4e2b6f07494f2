import { ServiceError } from '../protocol/service-error.js';
import type { Input } from '../protocol/shape.js';
import { GET_SHARD_ITERATOR_INPUT } from '../protocol/shapes.js';
import { parseSequenceNumber } from '../store/sequence-number.js';
import { type Shard, shardIdOf, shardIndexOf } from '../store/shard.js';
import { writeShardIterator } from '../store/shard-iterator.js';
import type { Stream } from '../store/stream.js';
import { type Call, operation } from './operation.js';

type GetShardIteratorInput = Input<typeof GET_SHARD_ITERATOR_INPUT>;

export const getShardIterator = operation(GET_SHARD_ITERATOR_INPUT, (input, call) => {
  const { now } = call;
  const stream = streamOfShard(input, call);
  const shard = stream.shard(input.ShardId);
  shard.trim(now);
  const position = startPosition(input, stream, shard, now);
  const iterator = { streamArn: stream.arn, streamId: stream.id, shardId: shard.id, position };
  return { ShardIterator: writeShardIterator(iterator, now) };
});

/** Where the stream is not there, the service says that of the shard. */
function streamOfShard(input: GetShardIteratorInput, { world, caller, now }: Call): Stream {
  try {
    return world.stream(caller, input, now);
  } catch (error) {
    const index = shardIndexOf(input.ShardId);
    const isMissing = error instanceof ServiceError && error.type === 'ResourceNotFoundException';
    const name = input.StreamName ?? input.StreamARN?.split('/')[1];
    if (!isMissing || index === undefined || name === undefined) throw error;
    const account = input.StreamARN?.split(':')[4] ?? caller.account;
    throw new ServiceError(
      'ResourceNotFoundException',
      `Shard ${shardIdOf(index)} in stream ${name} under account ${account} does not exist`,
    );
  }
}

function startPosition(input: GetShardIteratorInput, stream: Stream, shard: Shard, now: number): number {
  const { ShardIteratorType: type, StartingSequenceNumber: number, Timestamp: timestamp } = input;
  const bySequenceNumber = type === 'AT_SEQUENCE_NUMBER' || type === 'AFTER_SEQUENCE_NUMBER';
  if (bySequenceNumber !== (number !== undefined)) {
    throw new ServiceError(
      'InvalidArgumentException',
      'Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and StartingSequenceNumber or ' +
        '(2) TRIM_HORIZON, LATEST or AT_TIMESTAMP and no StartingSequenceNumber. ' +
        `Request specified ${type} and ${number === undefined ? 'no' : 'also a'} StartingSequenceNumber.`,
    );
  }
  switch (type) {
    case 'TRIM_HORIZON':
      return shard.oldestPosition;
    case 'LATEST':
      return shard.nextPosition;
    case 'AT_TIMESTAMP':
      return positionAtTime(timestamp, shard, now);
    case 'AT_SEQUENCE_NUMBER':
      return positionOf(number ?? '', stream, shard);
    case 'AFTER_SEQUENCE_NUMBER':
      return Math.min(positionOf(number ?? '', stream, shard) + 1, shard.nextPosition);
  }
}

function positionAtTime(timestamp: Date | undefined, shard: Shard, now: number): number {
  if (timestamp === undefined) {
    throw new ServiceError('InvalidArgumentException', 'Must specify Timestamp when the type is AT_TIMESTAMP.');
  }
  if (timestamp.getTime() > now) {
    throw new ServiceError(
      'InvalidArgumentException',
      'The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. ' +
        `timestampInMillis: ${timestamp.getTime()}, currentTimestampInMillis: ${now}`,
    );
  }
  return shard.positionAt(timestamp.getTime());
}

/** The position that a sequence number of this shard stands for. */
function positionOf(decimal: string, stream: Stream, shard: Shard): number {
  const number = parseSequenceNumber(decimal);
  const used = `StartingSequenceNumber ${decimal} used in GetShardIterator on shard ${shard.id} in ${stream.description} is invalid`;
  if (number === undefined) throw new ServiceError('InvalidArgumentException', `${used}.`);
  if (number.shardIndex !== shard.index) {
    throw new ServiceError(
      'InvalidArgumentException',
      `Invalid StartingSequenceNumber. It encodes ${shardIdOf(number.shardIndex)}, ` +
        `while it was used in a call to a shard with ${shard.id}`,
    );
  }
  if (!shard.owns(number)) {
    throw new ServiceError('InvalidArgumentException', `${used} because it did not come from this stream.`);
  }
  return Math.min(number.index, shard.nextPosition);
}
