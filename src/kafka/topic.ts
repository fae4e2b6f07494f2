import { formatDuration } from '../core/units.js';
import { reportingWait } from '../core/waiting.js';
import type { KafkaConnection } from './cluster/connection.js';
import { type InnerCluster, openCluster } from './cluster/open-cluster.js';
import { rootCause } from './errors/root-cause.js';
import { targetError } from './errors/target-error.js';

export interface TopicDescription {
  readonly partitions: number;
  /** The topic's max.message.bytes: the largest batch that it accepts. */
  readonly messageBytesMax: number;
  /** host:port,… as configured. */
  readonly brokers: string;
}

/** Kafka's default max.message.bytes: 1 MiB and 12 bytes for a batch's offset and length. */
const MESSAGE_BYTES_MAX = 1_048_588;
/** The longest wait for a response: shorter than during a run, because the user is waiting for it to start. */
const RESPONSE_MS_MAX = 10_000;
const TOPIC_RESOURCE = 2;

/**
 * Looks up a topic. Throws a KloadError with exit `target` if the cluster refuses or does not respond.
 *
 * @param onWait called with a message for the user if the cluster takes long to respond
 */
export async function describeTopic(
  connection: KafkaConnection,
  topic: string,
  onWait: (text: string) => void,
): Promise<TopicDescription> {
  const requestTimeoutMs = Math.min(connection.requestTimeoutMs, RESPONSE_MS_MAX);
  const brokers = connection.brokers.join();
  const waiting = `waiting up to ${formatDuration(requestTimeoutMs)} for each request`;
  const text = `topic '${topic}': no response from ${brokers} yet; ${waiting}`;
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
 * Connects to the leaders of the topic's partitions at the addresses that the cluster advertises, which may be wrong
 * even if the configured brokers can be reached. Throws if no leader can be reached.
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

/** Returns Kafka's default if the broker refuses: this needs a permission that writing does not. */
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
