// @ts-check
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import { makeCertificates } from './certificates.js';
import { KafkaNode } from './node.js';
import { freePorts } from './ports.js';
import { FORMAT, serverProperties } from './properties.js';

/** @typedef {import('./properties.js').ListenerName} ListenerName */

const LEADERS_TIMEOUT_MS = 30_000;
const LEADERS_POLL_MS = 50;
const NO_LEADER_YET = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE']);

/**
 * @typedef {object} BrokerOptions
 * @property {readonly ListenerName[]} [listeners] in addition to `plain`, which is always there
 * @property {Record<string, string>} [properties] additional lines of server.properties
 * @property {number} [nodes] the number of brokers
 * @property {readonly string[]} [jvm] options of the JVMs; by default for a small, short-lived one
 */

/**
 * Apache Kafka on free ports of 127.0.0.1, with its data in a temporary folder. Its JVMs end with this process, however
 * it ends.
 * @typedef {object} RunningKafka
 * @property {readonly KafkaNode[]} nodes
 * @property {(listener?: ListenerName) => string} brokers host:port,…
 * @property {import('./certificates.js').Certificates} certificates
 * @property {(topic: string, options?: TopicOptions) => Promise<void>} createTopic
 * @property {(topic: string) => Promise<void>} deleteTopic
 * @property {(node?: KafkaNode) => Promise<void>} restart with the same ports and data; by default the first node
 * @property {() => Promise<void>} [Symbol.asyncDispose]
 */

/**
 * @typedef {{ partitions?: number, copies?: number, config?: Record<string, string> }} TopicOptions
 */

/**
 * @param {BrokerOptions} [options]
 * @returns {Promise<RunningKafka & { [Symbol.asyncDispose](): Promise<void> }>}
 */
export async function startKafka({ listeners = [], properties = {}, nodes: count = 1, jvm } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'kload-kafka-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', remove);
  /** @type {readonly ListenerName[]} */
  const names = ['plain', ...listeners];
  const ports = await freePorts(count * (names.length + 1));
  const controllerPorts = ports.splice(0, count);
  const certificates = await makeCertificates(folder);
  /** @type {ReadonlyMap<ListenerName, number>[]} */
  const portsOfNodes = controllerPorts.map(() => new Map(names.map((name) => [name, ports.pop() ?? 0])));
  const nodes = portsOfNodes.map((nodePorts, index) => {
    const node = { id: index + 1, folder: join(folder, `log-${index + 1}`), ports: nodePorts };
    const propertiesFile = join(folder, `server-${node.id}.properties`);
    writeFileSync(propertiesFile, serverProperties(node, controllerPorts, certificates, properties));
    return new KafkaNode({ propertiesFile, folder: node.folder, format: FORMAT, jvm });
  });
  const brokers = (/** @type {ListenerName} */ listener = 'plain') => {
    if (!names.includes(listener)) throw new Error(`the broker was started without '${listener}'`);
    return portsOfNodes.map((nodePorts) => `127.0.0.1:${nodePorts.get(listener)}`).join();
  };
  const stop = async () => {
    await Promise.all(nodes.map((node) => node.stop('SIGKILL')));
    process.off('exit', remove);
    remove();
  };
  try {
    await Promise.all(nodes.map((node) => node.start()));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    nodes,
    brokers,
    certificates,
    createTopic: (topic, options) => administer(brokers(), (admin) => createTopic(admin, topic, options)),
    deleteTopic: (topic) => administer(brokers(), (admin) => admin.deleteTopics({ topics: [topic] })),
    restart: async (node = nodes[0]) => {
      await node?.stop();
      await node?.start();
    },
    [Symbol.asyncDispose]: stop,
  };
}

/** @param {string} brokers @param {(admin: import('kafkajs').Admin) => Promise<unknown>} use */
async function administer(brokers, use) {
  const admin = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    await use(admin);
  } finally {
    await admin.disconnect();
  }
}

/**
 * Creates a topic, and waits until its partitions have leaders.
 * @param {import('kafkajs').Admin} admin @param {string} topic @param {TopicOptions} [options]
 */
async function createTopic(admin, topic, { partitions = 1, copies = 1, config = {} } = {}) {
  const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
  const topics = [{ topic, numPartitions: partitions, replicationFactor: copies, configEntries }];
  await admin.createTopics({ waitForLeaders: false, topics });
  // kafkajs's own wait fails where the broker does not know the new topic yet.
  const deadlineMs = Date.now() + LEADERS_TIMEOUT_MS;
  for (;;) {
    try {
      await admin.fetchTopicMetadata({ topics: [topic] });
      return;
    } catch (error) {
      const { type } = /** @type {{ type?: string }} */ (error);
      if (!NO_LEADER_YET.has(type ?? '') || Date.now() > deadlineMs) throw error;
      await setTimeout(LEADERS_POLL_MS);
    }
  }
}
