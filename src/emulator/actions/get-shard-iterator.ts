import { ServiceError } from '../protocol/service-error.js';
import type { Input } from '../protocol/shape.js';
import { GET_SHARD_ITERATOR_INPUT } from '../protocol/shapes.js';
import { shardIdOf, shardIndexOf } from '../store/shard.js';
import { writeShardIterator } from '../store/shard-iterator.js';
import type { Stream } from '../store/stream.js';
import { endDryRun } from './dry-run.js';
import { type Call, operation } from './operation.js';
import { startPosition } from './start-position.js';

type GetShardIteratorInput = Input<typeof GET_SHARD_ITERATOR_INPUT>;

export const getShardIterator = operation(GET_SHARD_ITERATOR_INPUT, (input, call) => {
  const { now } = call;
  const stream = streamOfShard(input, call);
  const shard = stream.shard(input.ShardId);
  const { ShardIteratorType: type, StartingSequenceNumber: number, Timestamp: timestamp } = input;
  const position = startPosition({ type, number, timestamp, usedIn: 'GetShardIterator' }, stream, shard, now);
  endDryRun(input);
  const iterator = { streamArn: stream.arn, streamId: stream.id, shardId: shard.id, position };
  return { ShardIterator: writeShardIterator(iterator, now) };
});

/** Where the stream is not there, the service says that of the shard. */
function streamOfShard(input: GetShardIteratorInput, { accounts, caller, now }: Call): Stream {
  try {
    return accounts.stream(caller, input, now);
  } catch (error) {
    const index = shardIndexOf(input.ShardId);
    const isMissing = error instanceof ServiceError && error.type === 'ResourceNotFoundException';
    const name = input.StreamName ?? input.StreamARN?.split('/')[1];
    if (!isMissing || name === undefined) throw error;
    const stream = `stream ${name} under account ${input.StreamARN?.split(':')[4] ?? caller.account}`;
    const message =
      index === undefined
        ? `Could not find shard ${input.ShardId} in ${stream}.`
        : `Shard ${shardIdOf(index)} in ${stream} does not exist`;
    throw new ServiceError('ResourceNotFoundException', message);
  }
}
