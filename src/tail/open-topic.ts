import { readConnection } from '../kafka/cluster/security.js';
import { TopicReader } from '../kafka/read/topic-reader.js';
import type { TopicSource } from '../kafka/tail-kind.js';
import { describeTopic } from '../kafka/topic.js';
import type { ListedShard } from '../kinesis/read/readable-stream.js';
import { pollPartitions } from './poll-partition.js';
import type { OpenOptions, OpenSource } from './tailed-stream.js';

/** How often the topic is checked for new partitions, which brokers do not announce. */
const RELIST_EVERY_MS = 10_000;

/** Opens a Kafka topic. */
export async function openTopic(plan: TopicSource, { follow, timeoutMs, onWait }: OpenOptions): Promise<OpenSource> {
  const { topic, brokers } = plan;
  const connection = readConnection(plan, process.env, timeoutMs);
  await describeTopic(connection, topic, onWait);
  const reader = new TopicReader(connection, topic);
  return {
    stream: {
      listShards: async () => (await reader.partitions()).map(partitionAsShard),
      failureOf: (error) => reader.failureOf(error),
      explain: (error) => reader.explain(error),
    },
    readShard: pollPartitions(reader, follow),
    location: `${topic} at ${brokers.join()}`,
    method: '',
    relistEveryMs: RELIST_EVERY_MS,
    topic,
    close: () => reader.close(),
  };
}

function partitionAsShard(partition: number): ListedShard {
  return { id: String(partition), parents: [], closed: false };
}
