import assert from 'node:assert/strict';
import {
  AddTagsToStreamCommand,
  DecreaseStreamRetentionPeriodCommand,
  DeleteResourcePolicyCommand,
  DescribeAccountSettingsCommand,
  DescribeLimitsCommand,
  DisableEnhancedMonitoringCommand,
  EnableEnhancedMonitoringCommand,
  GetResourcePolicyCommand,
  IncreaseStreamRetentionPeriodCommand,
  ListTagsForResourceCommand,
  ListTagsForStreamCommand,
  PutResourcePolicyCommand,
  RemoveTagsFromStreamCommand,
  StartStreamEncryptionCommand,
  StopStreamEncryptionCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateAccountSettingsCommand,
  UpdateMaxRecordSizeCommand,
  UpdateStreamModeCommand,
  UpdateStreamWarmThroughputCommand,
} from '@aws-sdk/client-kinesis';
import { create, untilActive } from './streams.js';

const KeyId = 'alias/aws/kinesis';

export const SETTING_CHECKS = {
  'changes a stream': async (client) => {
    const StreamName = 'changed';
    const StreamARN = await create(client, StreamName);
    await client.send(new IncreaseStreamRetentionPeriodCommand({ StreamName, RetentionPeriodHours: 48 }));
    assert.equal((await untilActive(client, StreamName)).RetentionPeriodHours, 48);
    await client.send(new DecreaseStreamRetentionPeriodCommand({ StreamName, RetentionPeriodHours: 24 }));
    assert.equal((await untilActive(client, StreamName)).RetentionPeriodHours, 24);

    const ShardLevelMetrics = ['IncomingRecords'];
    const enabled = await client.send(new EnableEnhancedMonitoringCommand({ StreamName, ShardLevelMetrics }));
    assert.deepEqual(enabled.DesiredShardLevelMetrics, ShardLevelMetrics);
    await untilActive(client, StreamName);
    const disabled = await client.send(new DisableEnhancedMonitoringCommand({ StreamName, ShardLevelMetrics }));
    assert.deepEqual(disabled.DesiredShardLevelMetrics, []);
    await untilActive(client, StreamName);

    await client.send(new StartStreamEncryptionCommand({ StreamName, EncryptionType: 'KMS', KeyId }));
    assert.equal((await untilActive(client, StreamName)).EncryptionType, 'KMS');
    await client.send(new StopStreamEncryptionCommand({ StreamName, EncryptionType: 'KMS', KeyId }));
    assert.equal((await untilActive(client, StreamName)).EncryptionType, 'NONE');

    await client.send(new UpdateMaxRecordSizeCommand({ StreamARN, MaxRecordSizeInKiB: 4096 }));
    assert.equal((await untilActive(client, StreamName)).MaxRecordSizeInKiB, 4096);
  },

  'tags streams': async (client) => {
    const StreamName = 'tagged';
    const ResourceARN = await create(client, StreamName);
    await client.send(new AddTagsToStreamCommand({ StreamName, Tags: { env: 'dev', team: 'platform' } }));
    const listed = await client.send(new ListTagsForStreamCommand({ StreamName }));
    assert.deepEqual(listed.Tags, [
      { Key: 'env', Value: 'dev' },
      { Key: 'team', Value: 'platform' },
    ]);
    assert.equal(listed.HasMoreTags, false);
    await client.send(new RemoveTagsFromStreamCommand({ StreamName, TagKeys: ['env'] }));
    await client.send(new TagResourceCommand({ ResourceARN, Tags: { zone: 'eu' } }));
    await client.send(new UntagResourceCommand({ ResourceARN, TagKeys: ['team'] }));
    const { Tags } = await client.send(new ListTagsForResourceCommand({ ResourceARN }));
    assert.deepEqual(Tags, [{ Key: 'zone', Value: 'eu' }]);
  },

  'puts, reads and deletes a policy': async (client) => {
    const ResourceARN = await create(client, 'shared');
    const Statement = [
      {
        Effect: 'Allow',
        Principal: { AWS: 'arn:aws:iam::444455556666:root' },
        Action: 'kinesis:PutRecord',
        Resource: ResourceARN,
      },
    ];
    const policy = { Version: '2012-10-17', Statement };
    await client.send(new PutResourcePolicyCommand({ ResourceARN, Policy: JSON.stringify(policy) }));
    const { Policy } = await client.send(new GetResourcePolicyCommand({ ResourceARN }));
    assert.deepEqual(JSON.parse(Policy), policy);
    await client.send(new DeleteResourcePolicyCommand({ ResourceARN }));
  },

  'changes modes, warm throughput and the account': async (client) => {
    const limits = await client.send(new DescribeLimitsCommand({}));
    assert.ok(limits.ShardLimit > limits.OpenShardCount);
    const MinimumThroughputBillingCommitment = { Status: 'ENABLED' };
    await client.send(new UpdateAccountSettingsCommand({ MinimumThroughputBillingCommitment }));
    const settings = await client.send(new DescribeAccountSettingsCommand({}));
    assert.equal(settings.MinimumThroughputBillingCommitment.Status, 'ENABLED');
    assert.ok(settings.MinimumThroughputBillingCommitment.StartedAt instanceof Date);

    const StreamARN = await create(client, 'elastic');
    const StreamModeDetails = { StreamMode: 'ON_DEMAND' };
    await client.send(new UpdateStreamModeCommand({ StreamARN, StreamModeDetails }));
    assert.deepEqual((await untilActive(client, 'elastic')).StreamModeDetails, StreamModeDetails);
    const warm = await client.send(new UpdateStreamWarmThroughputCommand({ StreamARN, WarmThroughputMiBps: 8 }));
    assert.equal(warm.WarmThroughput.TargetMiBps, 8);
    assert.equal((await untilActive(client, 'elastic')).WarmThroughput.CurrentMiBps, 8);
  },
};
