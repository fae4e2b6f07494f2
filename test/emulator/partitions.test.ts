import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  ListShardsCommand,
  PutRecordCommand,
  RegisterStreamConsumerCommand,
  TagResourceCommand,
} from '@aws-sdk/client-kinesis';
import { expect, test } from 'vitest';
import { clientOf, emulatorFor } from './support.js';

test.each([
  ['us-east-1', 'aws'],
  ['eu-central-2', 'aws'],
  ['us-west-2', 'aws'],
  ['cn-north-1', 'aws-cn'],
  ['cn-northwest-1', 'aws-cn'],
  ['us-gov-west-1', 'aws-us-gov'],
  ['us-gov-east-1', 'aws-us-gov'],
  ['eusc-de-east-1', 'aws-eusc'],
  ['us-iso-east-1', 'aws-iso'],
  ['us-isob-east-1', 'aws-iso-b'],
  ['eu-isoe-west-1', 'aws-iso-e'],
  ['us-isof-south-1', 'aws-iso-f'],
])('ARNs in %s have the partition %s', async (region, partition) => {
  const client = clientOf(await emulatorFor(), '111122223333', region);
  await client.send(new CreateStreamCommand({ StreamName: 's', ShardCount: 1 }));
  const { StreamDescriptionSummary } = await client.send(new DescribeStreamSummaryCommand({ StreamName: 's' }));
  const StreamARN = `arn:${partition}:kinesis:${region}:111122223333:stream/s`;
  expect(StreamDescriptionSummary?.StreamARN).toBe(StreamARN);
  await client.send(new PutRecordCommand({ StreamARN, PartitionKey: 'k', Data: Buffer.of(1) }));
  expect((await client.send(new ListShardsCommand({ StreamARN }))).Shards).toHaveLength(1);
  const { Consumer } = await client.send(new RegisterStreamConsumerCommand({ StreamARN, ConsumerName: 'c' }));
  expect(Consumer?.ConsumerARN).toMatch(new RegExp(`^${StreamARN}/consumer/c:\\d+$`));
  await client.send(new TagResourceCommand({ ResourceARN: Consumer?.ConsumerARN, Tags: { a: 'b' } }));
});
