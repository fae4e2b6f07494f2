import { parseArn } from '../protocol/arn.js';
import { resourceNotFound, ServiceError } from '../protocol/service-error.js';
import { type Input, structure } from '../protocol/shape.js';
import {
  BOOLEAN,
  SEQUENCE_NUMBER,
  SHARD_ID,
  SHARD_ITERATOR_TYPE,
  STREAM_REFERENCE,
  TIMESTAMP,
} from '../protocol/shapes.js';
import { shardIdOf, shardIndexOf } from '../store/shard.js';
import { writeShardIterator } from '../store/shard-iterator.js';
import type { Stream } from '../store/stream.js';
import { type Call, endDryRun, operation } from './operation.js';
import { startPosition } from './start-position.js';

type GetShardIteratorInput = Input<typeof INPUT>;

const INPUT = structure(
  {
    ...STREAM_REFERENCE,
    ShardId: SHARD_ID,
    ShardIteratorType: SHARD_ITERATOR_TYPE,
    StartingSequenceNumber: SEQUENCE_NUMBER,
    Timestamp: TIMESTAMP,
    DryRun: BOOLEAN,
  },
  ['ShardId', 'ShardIteratorType'],
);

export const getShardIterator = operation({
  input: INPUT,
  emulated: 'all five types, also on closed shards; DryRun',
  run: (input, call) => {
    const { now } = call;
    const stream = streamOfShard(input, call);
    const shard = stream.shard(input.ShardId);
    const { ShardIteratorType: type, StartingSequenceNumber: number, Timestamp: timestamp } = input;
    const position = startPosition({ type, number, timestamp, usedIn: 'GetShardIterator' }, stream, shard, now);
    endDryRun(input);
    const iterator = { streamArn: stream.arn, streamId: stream.id, shardId: shard.id, position };
    return { ShardIterator: writeShardIterator(iterator, now) };
  },
});

/** Throws the service's error for a missing stream: it says that the shard was not found. */
function streamOfShard(input: GetShardIteratorInput, { accounts, caller, now }: Call): Stream {
  try {
    return accounts.stream(caller, input, now);
  } catch (error) {
    const index = shardIndexOf(input.ShardId);
    const isMissing = error instanceof ServiceError && error.type === 'ResourceNotFoundException';
    const arn = input.StreamARN === undefined ? undefined : parseArn(input.StreamARN);
    const name = input.StreamName ?? arn?.streamName;
    if (!isMissing || name === undefined) throw error;
    const stream = `stream ${name} under account ${arn?.account ?? caller.account}`;
    const message =
      index === undefined
        ? `Could not find shard ${input.ShardId} in ${stream}.`
        : `Shard ${shardIdOf(index)} in ${stream} does not exist`;
    throw resourceNotFound(message);
  }
}
