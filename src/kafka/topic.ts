import { formatDuration } from '../core/units.js';
import { reportingWait } from '../core/waiting.js';
import type { KafkaConnection } from './cluster/connection.js';
import { type InnerCluster, openCluster } from './cluster/open-cluster.js';
import { rootCause } from './errors/inner-error.js';
import { targetError } from './errors/target-error.js';

export interface TopicDescription {
  readonly partitions: number;
  /** The largest batch that the topic takes. */
  readonly messageBytesMax: number;
  /** host:port,… as they were named. */
  readonly brokers: string;
}

/** Kafka's default of max.message.bytes: 1 MiB, and a batch's head. */
const MESSAGE_BYTES_MAX = 1_048_588;
/** Whoever waits for a run to begin is told sooner than one that runs. */
const ANSWER_MS_MAX = 10_000;
const TOPIC_RESOURCE = 2;

/**
 * Looks a topic up. Throws a KloadError, with exit `target` for all that its cluster says or does not say.
 *
 * @param onWait reports what takes long
 */
export async function describeTopic(
  connection: KafkaConnection,
  topic: string,
  onWait: (text: string) => void,
): Promise<TopicDescription> {
  const requestTimeoutMs = Math.min(connection.requestTimeoutMs, ANSWER_MS_MAX);
  const brokers = connection.brokers.join();
  const text = `topic '${topic}': no response from ${brokers} yet; waiting up to ${formatDuration(requestTimeoutMs)} for each request`;
  return reportingWait(describe({ ...connection, requestTimeoutMs }, topic), () => onWait(text));
}

async function describe(connection: KafkaConnection, topic: string): Promise<TopicDescription> {
  const cluster = openCluster(connection);
  try {
    await cluster.connect();
    await cluster.addTargetTopic(topic);
    const partitions = cluster.findTopicPartitionMetadata(topic).length;
    await reachLeaders(cluster, topic);
    const messageBytesMax = await messageBytesMaxOf(cluster, topic);
    return { partitions, messageBytesMax, brokers: connection.brokers.join() };
  } catch (error) {
    throw await targetError(error, connection, topic, () => topicsOf(cluster));
  } finally {
    await cluster.disconnect().catch(() => {});
  }
}

/**
 * Whoever was named knows the topic, but its records go to the leaders of its partitions, by the names that the cluster
 * has for them. Throws when none of them can be reached.
 */
async function reachLeaders(cluster: InnerCluster, topic: string): Promise<void> {
  const partitions = cluster.findTopicPartitionMetadata(topic);
  const nodeIds = new Set(partitions.map(({ leader }) => leader).filter((leader) => leader >= 0));
  const reached = await Promise.allSettled([...nodeIds].map((nodeId) => cluster.findBroker({ nodeId })));
  const [first] = reached;
  if (first?.status === 'rejected' && reached.every(({ status }) => status === 'rejected')) throw first.reason;
}

async function topicsOf({ brokerPool }: InnerCluster): Promise<readonly string[]> {
  const metadata = await brokerPool.seedBroker?.metadata([]);
  return metadata?.topicMetadata.map(({ topic }) => topic) ?? [];
}

/** Asking needs a permission that writing does not. */
async function messageBytesMaxOf(cluster: InnerCluster, topic: string): Promise<number> {
  const name = 'max.message.bytes';
  const resources = [{ type: TOPIC_RESOURCE, name: topic, configNames: [name] }];
  try {
    const described = await cluster.brokerPool.seedBroker?.describeConfigs({ resources });
    const value = described?.resources[0]?.configEntries.find(({ configName }) => configName === name)?.configValue;
    return Number(value) || MESSAGE_BYTES_MAX;
  } catch (error) {
    if (rootCause(error).type === undefined) throw error;
    return MESSAGE_BYTES_MAX;
  }
}
