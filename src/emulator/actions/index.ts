import { callSubject } from './call-subject.js';
import { createStream } from './create-stream.js';
import { decreaseStreamRetentionPeriod } from './decrease-stream-retention-period.js';
import { deleteStream } from './delete-stream.js';
import { describeStream } from './describe-stream.js';
import { describeStreamSummary } from './describe-stream-summary.js';
import { getRecords } from './get-records.js';
import { getShardIterator } from './get-shard-iterator.js';
import { increaseStreamRetentionPeriod } from './increase-stream-retention-period.js';
import { listShards } from './list-shards.js';
import { listStreams } from './list-streams.js';
import { mergeShards } from './merge-shards.js';
import type { Operation, ReadInput } from './operation.js';
import { putRecord } from './put-record.js';
import { putRecords } from './put-records.js';
import { splitShard } from './split-shard.js';
import { updateShardCount } from './update-shard-count.js';
import { updateStreamMode } from './update-stream-mode.js';

const ACTIONS: readonly (readonly [string, Operation])[] = [
  ['CreateStream', createStream],
  ['DecreaseStreamRetentionPeriod', decreaseStreamRetentionPeriod],
  ['DeleteStream', deleteStream],
  ['DescribeStream', describeStream],
  ['DescribeStreamSummary', describeStreamSummary],
  ['GetRecords', getRecords],
  ['GetShardIterator', getShardIterator],
  ['IncreaseStreamRetentionPeriod', increaseStreamRetentionPeriod],
  ['ListShards', listShards],
  ['ListStreams', listStreams],
  ['MergeShards', mergeShards],
  ['PutRecord', putRecord],
  ['PutRecords', putRecords],
  ['SplitShard', splitShard],
  ['UpdateShardCount', updateShardCount],
  ['UpdateStreamMode', updateStreamMode],
];

/** The operations by their names on the wire. */
export const OPERATIONS: ReadonlyMap<string, Operation> = new Map(
  ACTIONS.map(([name, action]) => [name, withinCallRate(name, action)]),
);

/** The operation, refused when it is called too often: counted once it is known what the call is about. */
function withinCallRate(name: string, action: Operation): Operation {
  return (read, call) => {
    const readAndCount: ReadInput = (shape, quick) => {
      const input = read(shape, quick);
      call.world.callRates.admit(name, () => callSubject(input, call), call.now);
      return input;
    };
    return action(readAndCount, call);
  };
}
