import { randomBytes } from 'node:crypto';
import { connectionFrom } from '../kinesis/client/connection.js';
import { openConsumer } from '../kinesis/read/consumer.js';
import { StreamReader } from '../kinesis/read/stream-reader.js';
import { describeStream } from '../kinesis/stream.js';
import type { StreamSource } from '../kinesis/tail-kind.js';
import { pollShards } from './poll-shard.js';
import { subscribeShards } from './subscribe-shard.js';
import type { OpenOptions, OpenSource } from './tailed-stream.js';

/** Opens a Kinesis stream, and its consumer if the plan asks for enhanced fan-out. */
export async function openStream(plan: StreamSource, { timeoutMs, onWait, signal }: OpenOptions): Promise<OpenSource> {
  const connection = await connectionFrom(plan, process.env, timeoutMs);
  const wait = { timeoutMs, onWait, signal };
  const facts = await describeStream(connection, wait);
  const name = plan.fanOut === '' ? `kload-tail-${randomBytes(4).toString('hex')}` : plan.fanOut;
  const consumer = name === undefined ? undefined : await openConsumer(connection, facts.arn, name, wait);
  const reader = new StreamReader(connection);
  return {
    stream: reader,
    readShard:
      consumer === undefined
        ? pollShards(reader, plan.polite || isAws(facts.endpoint))
        : subscribeShards(reader, consumer.arn),
    location: `${facts.name} ${facts.isEndpointSet ? `at ${facts.endpoint}` : `in ${facts.region}`}`,
    method: consumer === undefined ? '' : `, pushed to ${consumer.name}`,
    // A shard that ends names its children.
    relistEveryMs: undefined,
    topic: undefined,
    close: async () => {
      reader.close();
      await consumer?.release();
    },
  };
}

/** Whether the endpoint is one of AWS's own, whose limits all consumers of a shard share. */
function isAws(endpoint: string): boolean {
  return /\.(?:amazonaws\.com|amazonaws\.com\.cn|api\.aws)$/.test(new URL(endpoint).hostname);
}
