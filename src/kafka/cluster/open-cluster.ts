// kafkajs shows its producer and consumer, but not what these stand on: connections to the leader of each partition, with
// TLS, SASL and metadata in order. That is what we want of it, for our own requests; so the version is pinned.
import KafkajsCluster from 'kafkajs/src/cluster/index.js';
import loggers from 'kafkajs/src/loggers/index.js';
import protocolErrors from 'kafkajs/src/protocol/error.js';
import metadataVersions from 'kafkajs/src/protocol/requests/metadata/index.js';
import { type BrokerAddress, parseBrokerAddress } from '../../core/kafka-access.js';
import { isRefusedLogin, NoBrokerError, rootCause } from '../errors/inner-error.js';
import { type Broker, type BrokerRequest, CLIENT_ID, type Cluster } from './cluster.js';
import type { KafkaConnection } from './connection.js';
import { saslOptions } from './sasl.js';
import { socketFactory } from './sockets.js';
import { type InnerConnection, steady } from './steady-connection.js';

/** A broker that takes longer to be connected to is none to send to. */
const CONNECT_MS_MAX = 10_000;
const METADATA_KEY = 3;

/** What is used of kafkajs's cluster beyond what other files see of it. */
export interface InnerCluster extends Cluster {
  readonly connectionPoolBuilder: { build(destination?: BrokerAddress & { rack?: string | null }): Promise<InnerPool> };
  readonly brokerPool: {
    /** Of those that were named, the one that is asked; undefined before the first was. */
    readonly seedBroker: InnerBroker | undefined;
    createBroker: (options: object) => InnerBroker;
    /** The next of those that were named. */
    createSeedBroker(): Promise<void>;
  };
}

type InnerPool = Broker['connectionPool'] & { readonly pool: readonly InnerConnection[] };

interface InnerBroker extends Broker {
  readonly connectionPool: InnerPool;
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  lookupRequest(
    apiKey: number,
    versions: object,
  ): (fields: object) => {
    readonly request: BrokerRequest<Metadata>['request'];
    readonly response: { decode(payload: Buffer): Promise<Metadata> };
  };
  describeConfigs(options: {
    readonly resources: readonly {
      readonly type: number;
      readonly name: string;
      readonly configNames: readonly string[];
    }[];
  }): Promise<{
    readonly resources: readonly {
      readonly configEntries: readonly { readonly configName: string; readonly configValue: string | null }[];
    }[];
  }>;
  /** Of all topics where none is named. */
  metadata: (topics: readonly string[]) => Promise<Metadata | undefined>;
}

export interface Metadata {
  readonly topicMetadata: readonly { readonly topicErrorCode: number; readonly topic: string }[];
}

/** A way to the cluster that is not yet opened: `connect` does that. */
export function openCluster(connection: KafkaConnection): InnerCluster {
  const { brokers, requestTimeoutMs, tls, sasl } = connection;
  const connectionTimeout = Math.min(requestTimeoutMs, CONNECT_MS_MAX);
  const cluster = new KafkajsCluster({
    brokers: [...brokers],
    clientId: CLIENT_ID,
    sasl: saslOptions(sasl),
    requestTimeout: requestTimeoutMs,
    connectionTimeout,
    authenticationTimeout: requestTimeoutMs,
    enforceRequestTimeout: true,
    metadataMaxAge: 300_000,
    // Who asks decides whether to ask again.
    retry: { retries: 0 },
    allowAutoTopicCreation: false,
    logger: loggers.createLogger({ level: 0, logCreator: () => () => {} }),
    socketFactory: socketFactory(tls),
  }) as InnerCluster;
  mendConnections(cluster, brokers);
  mendBrokers(cluster);
  tryAllSeeds(cluster, brokers.length);
  return cluster;
}

function mendConnections({ connectionPoolBuilder }: InnerCluster, brokers: readonly string[]): void {
  const addresses = brokers.map(parseBrokerAddress).filter((address) => address !== undefined);
  const build = connectionPoolBuilder.build.bind(connectionPoolBuilder);
  let next = 0;
  connectionPoolBuilder.build = async (destination) => {
    // kafkajs divides a name at its first colon, and an IPv6 address has some.
    const connections = await build(destination ?? addresses[next++ % addresses.length]);
    for (const connection of connections.pool) steady(connection);
    return connections;
  };
}

function mendBrokers({ brokerPool }: InnerCluster): void {
  const create = brokerPool.createBroker;
  brokerPool.createBroker = (options) => {
    const broker = create(options);
    const connect = broker.connect.bind(broker);
    // Half connected, a broker would count as connected.
    broker.connect = async () => {
      try {
        await connect();
      } catch (error) {
        await broker.disconnect();
        throw error;
      }
    };
    broker.metadata = (topics) => metadataOf(broker, topics);
    return broker;
  };
}

/** One partition without a leader takes nothing from what is known of the others. */
async function metadataOf(broker: InnerBroker, topics: readonly string[]): Promise<Metadata | undefined> {
  const { request, response } = broker.lookupRequest(
    METADATA_KEY,
    metadataVersions,
  )({ topics, allowAutoTopicCreation: false });
  const parse = async (answer: Metadata) => {
    const refused = answer.topicMetadata.find(({ topicErrorCode }) => topicErrorCode !== 0);
    if (refused !== undefined && topics.length > 0) throw protocolErrors.createErrorFromCode(refused.topicErrorCode);
    return answer;
  };
  return broker.connectionPool.send({ request, response: { decode: response.decode, parse } });
}

/** kafkajs asks one of the brokers that were named. Throws what the first said; of a login, what any says. */
function tryAllSeeds(cluster: InnerCluster, count: number): void {
  const connect = cluster.connect.bind(cluster);
  const { brokerPool } = cluster;
  cluster.connect = async () => {
    const errors: unknown[] = [];
    while (errors.length < count) {
      const asked = brokerPool.seedBroker;
      try {
        return await connect();
      } catch (error) {
        errors.push(error);
        // The others would say the same of a login, and count it as one more attempt.
        if (isRefusedLogin(rootCause(error))) throw error;
        if (brokerPool.seedBroker === asked) await brokerPool.createSeedBroker();
      }
    }
    const [first] = errors;
    throw count === 1 ? first : new NoBrokerError('none of the brokers can be connected to', { cause: first });
  };
}
