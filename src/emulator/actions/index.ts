import { LIMITS, type Limit } from '../limits/limit-table.js';
import { describeAccountSettings, updateAccountSettings } from './account-settings.js';
import { addTagsToStream } from './add-tags-to-stream.js';
import { callSubject } from './call-subject.js';
import { createStream } from './create-stream.js';
import { decreaseStreamRetentionPeriod } from './decrease-stream-retention-period.js';
import { deleteResourcePolicy } from './delete-resource-policy.js';
import { deleteStream } from './delete-stream.js';
import { deregisterStreamConsumer } from './deregister-stream-consumer.js';
import { describeLimits } from './describe-limits.js';
import { describeStream } from './describe-stream.js';
import { describeStreamConsumer } from './describe-stream-consumer.js';
import { describeStreamSummary } from './describe-stream-summary.js';
import { startStreamEncryption, stopStreamEncryption } from './encryption.js';
import { disableEnhancedMonitoring, enableEnhancedMonitoring } from './enhanced-monitoring.js';
import { getRecords } from './get-records.js';
import { getResourcePolicy } from './get-resource-policy.js';
import { getShardIterator } from './get-shard-iterator.js';
import { increaseStreamRetentionPeriod } from './increase-stream-retention-period.js';
import { listShards } from './list-shards.js';
import { listStreamConsumers } from './list-stream-consumers.js';
import { listStreams } from './list-streams.js';
import { listTagsForResource } from './list-tags-for-resource.js';
import { listTagsForStream } from './list-tags-for-stream.js';
import { mergeShards } from './merge-shards.js';
import type { Operation, ReadInput } from './operation.js';
import { putRecord } from './put-record.js';
import { putRecords } from './put-records.js';
import { putResourcePolicy } from './put-resource-policy.js';
import { registerStreamConsumer } from './register-stream-consumer.js';
import { removeTagsFromStream } from './remove-tags-from-stream.js';
import { splitShard } from './split-shard.js';
import { subscribeToShard } from './subscribe-to-shard.js';
import { tagResource } from './tag-resource.js';
import { untagResource } from './untag-resource.js';
import { updateMaxRecordSize } from './update-max-record-size.js';
import { updateShardCount } from './update-shard-count.js';
import { updateStreamMode } from './update-stream-mode.js';
import { updateStreamWarmThroughput } from './update-stream-warm-throughput.js';

const ACTIONS: readonly (readonly [string, Operation])[] = [
  ['AddTagsToStream', addTagsToStream],
  ['CreateStream', createStream],
  ['DecreaseStreamRetentionPeriod', decreaseStreamRetentionPeriod],
  ['DeleteResourcePolicy', deleteResourcePolicy],
  ['DeleteStream', deleteStream],
  ['DeregisterStreamConsumer', deregisterStreamConsumer],
  ['DescribeAccountSettings', describeAccountSettings],
  ['DescribeLimits', describeLimits],
  ['DescribeStream', describeStream],
  ['DescribeStreamConsumer', describeStreamConsumer],
  ['DescribeStreamSummary', describeStreamSummary],
  ['DisableEnhancedMonitoring', disableEnhancedMonitoring],
  ['EnableEnhancedMonitoring', enableEnhancedMonitoring],
  ['GetRecords', getRecords],
  ['GetResourcePolicy', getResourcePolicy],
  ['GetShardIterator', getShardIterator],
  ['IncreaseStreamRetentionPeriod', increaseStreamRetentionPeriod],
  ['ListShards', listShards],
  ['ListStreamConsumers', listStreamConsumers],
  ['ListStreams', listStreams],
  ['ListTagsForResource', listTagsForResource],
  ['ListTagsForStream', listTagsForStream],
  ['MergeShards', mergeShards],
  ['PutRecord', putRecord],
  ['PutRecords', putRecords],
  ['PutResourcePolicy', putResourcePolicy],
  ['RegisterStreamConsumer', registerStreamConsumer],
  ['RemoveTagsFromStream', removeTagsFromStream],
  ['SplitShard', splitShard],
  ['StartStreamEncryption', startStreamEncryption],
  ['StopStreamEncryption', stopStreamEncryption],
  ['SubscribeToShard', subscribeToShard],
  ['TagResource', tagResource],
  ['UntagResource', untagResource],
  ['UpdateAccountSettings', updateAccountSettings],
  ['UpdateMaxRecordSize', updateMaxRecordSize],
  ['UpdateShardCount', updateShardCount],
  ['UpdateStreamMode', updateStreamMode],
  ['UpdateStreamWarmThroughput', updateStreamWarmThroughput],
];

/** Those whose calls are limited, none of which reads quickly: those that do are read without a detour. */
const LIMITED = new Set(Object.values<Limit>(LIMITS).map(({ calls }) => calls?.operation));

/** The operations by their names on the wire. */
export const OPERATIONS: ReadonlyMap<string, Operation> = new Map(
  ACTIONS.map(([name, action]) => [name, LIMITED.has(name) ? withinCallRate(name, action) : action]),
);

/** The operation, refused when it is called too often: counted once it is known what the call is about. */
function withinCallRate(name: string, action: Operation): Operation {
  return (read, call) => {
    const readAndCount: ReadInput = (shape, quick) => {
      const input = read(shape, quick);
      call.accounts.callRates.admit(name, () => callSubject(input, call), call.now);
      return input;
    };
    return action(readAndCount, call);
  };
}

export { OPERATION_NOTES } from './operation-notes.js';
