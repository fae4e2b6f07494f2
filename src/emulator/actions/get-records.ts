import { ServiceError } from '../protocol/service-error.js';
import { GET_RECORDS_INPUT } from '../protocol/shapes.js';
import { readShardIterator, writeShardIterator } from '../store/shard-iterator.js';
import { describeChildren } from './descriptions.js';
import { endDryRun } from './dry-run.js';
import { GetRecordsResult } from './get-records-result.js';
import { operation } from './operation.js';

const RECORDS_MAX = 10_000;

export const getRecords = operation(GET_RECORDS_INPUT, (input, { accounts, now }) => {
  const iterator = readShardIterator(input.ShardIterator, now);
  const stream = accounts.sameStream(iterator.streamArn, iterator.streamId, now);
  const shard = stream.shard(iterator.shardId);
  endDryRun(input);
  const read = shard.read(iterator.position, input.Limit ?? RECORDS_MAX, now);
  if (read === undefined) {
    throw new ServiceError('ProvisionedThroughputExceededException', stream.rateExceeded(shard));
  }
  const encryptionAt = (atMs: number) => stream.encryptionAt(atMs);
  return new GetRecordsResult(read.page, encryptionAt, {
    NextShardIterator: read.isEnd ? undefined : writeShardIterator({ ...iterator, position: read.next }, now),
    ChildShards: read.isEnd ? describeChildren(stream, shard) : undefined,
    MillisBehindLatest: read.millisBehindLatest,
  });
});
