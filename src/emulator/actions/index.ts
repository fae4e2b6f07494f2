/** The table of operations, by their names on the wire: an operation is one file in this folder and one line here. */

export { addTagsToStream as AddTagsToStream } from './add-tags-to-stream.js';
export { createStream as CreateStream } from './create-stream.js';
export { deleteResourcePolicy as DeleteResourcePolicy } from './delete-resource-policy.js';
export { deleteStream as DeleteStream } from './delete-stream.js';
export { deregisterStreamConsumer as DeregisterStreamConsumer } from './deregister-stream-consumer.js';
export { describeAccountSettings as DescribeAccountSettings } from './describe-account-settings.js';
export { describeLimits as DescribeLimits } from './describe-limits.js';
export { describeStream as DescribeStream } from './describe-stream.js';
export { describeStreamConsumer as DescribeStreamConsumer } from './describe-stream-consumer.js';
export { describeStreamSummary as DescribeStreamSummary } from './describe-stream-summary.js';
export { disableEnhancedMonitoring as DisableEnhancedMonitoring } from './disable-enhanced-monitoring.js';
export { enableEnhancedMonitoring as EnableEnhancedMonitoring } from './enable-enhanced-monitoring.js';
export { getRecords as GetRecords } from './get-records.js';
export { getResourcePolicy as GetResourcePolicy } from './get-resource-policy.js';
export { getShardIterator as GetShardIterator } from './get-shard-iterator.js';
export { listShards as ListShards } from './list-shards.js';
export { listStreamConsumers as ListStreamConsumers } from './list-stream-consumers.js';
export { listStreams as ListStreams } from './list-streams.js';
export { listTagsForResource as ListTagsForResource } from './list-tags-for-resource.js';
export { listTagsForStream as ListTagsForStream } from './list-tags-for-stream.js';
export { mergeShards as MergeShards } from './merge-shards.js';
export { putRecord as PutRecord } from './put-record.js';
export { putRecords as PutRecords } from './put-records.js';
export { putResourcePolicy as PutResourcePolicy } from './put-resource-policy.js';
export { registerStreamConsumer as RegisterStreamConsumer } from './register-stream-consumer.js';
export { removeTagsFromStream as RemoveTagsFromStream } from './remove-tags-from-stream.js';
export {
  decreaseStreamRetentionPeriod as DecreaseStreamRetentionPeriod,
  increaseStreamRetentionPeriod as IncreaseStreamRetentionPeriod,
} from './retention.js';
export { splitShard as SplitShard } from './split-shard.js';
export { startStreamEncryption as StartStreamEncryption } from './start-stream-encryption.js';
export { stopStreamEncryption as StopStreamEncryption } from './stop-stream-encryption.js';
export { subscribeToShard as SubscribeToShard } from './subscribe-to-shard.js';
export { tagResource as TagResource } from './tag-resource.js';
export { untagResource as UntagResource } from './untag-resource.js';
export { updateAccountSettings as UpdateAccountSettings } from './update-account-settings.js';
export { updateMaxRecordSize as UpdateMaxRecordSize } from './update-max-record-size.js';
export { updateShardCount as UpdateShardCount } from './update-shard-count.js';
export { updateStreamMode as UpdateStreamMode } from './update-stream-mode.js';
export { updateStreamWarmThroughput as UpdateStreamWarmThroughput } from './update-stream-warm-throughput.js';
