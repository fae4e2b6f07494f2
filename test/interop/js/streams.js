import {
  CreateStreamCommand,
  DescribeStreamConsumerCommand,
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  RegisterStreamConsumerCommand,
} from '@aws-sdk/client-kinesis';
import { until } from './checks.js';

/** Steps that several checks take. */

export const FIRST_SHARD = 'shardId-000000000000';

/** The summary of the stream once it is ACTIVE. */
export function untilActive(client, StreamName) {
  return until(async () => {
    const { StreamDescriptionSummary: seen } = await client.send(new DescribeStreamSummaryCommand({ StreamName }));
    return seen.StreamStatus === 'ACTIVE' && seen;
  }, `${StreamName} is ACTIVE`);
}

/** Creates a stream, waits until it is ACTIVE, and returns its ARN. */
export async function create(client, StreamName, ShardCount = 1, more = {}) {
  await client.send(new CreateStreamCommand({ StreamName, ShardCount, ...more }));
  return (await untilActive(client, StreamName)).StreamARN;
}

/** Registers a consumer, waits until it is ACTIVE, and returns its ARN. */
export async function register(client, StreamARN, ConsumerName) {
  const { Consumer } = await client.send(new RegisterStreamConsumerCommand({ StreamARN, ConsumerName }));
  const { ConsumerARN } = Consumer;
  await until(async () => {
    const { ConsumerDescription } = await client.send(new DescribeStreamConsumerCommand({ ConsumerARN }));
    return ConsumerDescription.ConsumerStatus === 'ACTIVE';
  }, `${ConsumerName} is ACTIVE`);
  return ConsumerARN;
}

/** What one GetRecords from a position answers. */
export async function read(client, StreamName, ShardId = FIRST_SHARD, position = {}) {
  const at = { StreamName, ShardId, ShardIteratorType: 'TRIM_HORIZON', ...position };
  const { ShardIterator } = await client.send(new GetShardIteratorCommand(at));
  return client.send(new GetRecordsCommand({ ShardIterator }));
}
