import { throughputExceeded } from '../protocol/service-error.js';
import { string, structure } from '../protocol/shape.js';
import { BOOLEAN, PAGE_LIMIT, STREAM_ARN_REFERENCE } from '../protocol/shapes.js';
import { readShardIterator, writeShardIterator } from '../store/shard-iterator.js';
import { describeChildren } from './descriptions.js';
import { endDryRun, operation } from './operation.js';
import { RecordsResult } from './records-result.js';

const RECORDS_MAX = 10_000;

export const getRecords = operation({
  input: structure(
    { ...STREAM_ARN_REFERENCE, ShardIterator: string({ min: 1, max: 512 }), Limit: PAGE_LIMIT, DryRun: BOOLEAN },
    ['ShardIterator'],
  ),
  emulated:
    '10,000 records or 10 MiB; MillisBehindLatest; a closed shard ends with an empty page that has ChildShards; ' +
    'iterators expire after 5 min; DryRun',
  run: (input, { accounts, now }) => {
    const iterator = readShardIterator(input.ShardIterator, now);
    const stream = accounts.sameStream(iterator.streamArn, iterator.streamId, now);
    const shard = stream.shard(iterator.shardId);
    endDryRun(input);
    const read = shard.read(iterator.position, input.Limit ?? RECORDS_MAX, now);
    if (read === undefined) {
      throw throughputExceeded(stream.rateExceeded(shard));
    }
    const encryptionAt = (atMs: number) => stream.encryptionAt(atMs);
    return new RecordsResult(read.page, encryptionAt, {
      NextShardIterator: read.isEnd ? undefined : writeShardIterator({ ...iterator, position: read.next }, now),
      ChildShards: read.isEnd ? describeChildren(stream, shard) : undefined,
      MillisBehindLatest: read.millisBehindLatest,
    });
  },
});
