// kload sends its own requests over kafkajs's connections to the leader of each partition, which handle TLS, SASL and
// metadata. kafkajs exports only its producer and consumer, so this file imports internals and the version is pinned.
import KafkajsCluster from 'kafkajs/src/cluster/index.js';
import loggers from 'kafkajs/src/loggers/index.js';
import protocolErrors from 'kafkajs/src/protocol/error.js';
import metadataVersions from 'kafkajs/src/protocol/requests/metadata/index.js';
import { type BrokerAddress, parseBrokerAddress } from '../../core/kafka-access.js';
import { isRefusedLogin, NoBrokerError, rootCause } from '../errors/root-cause.js';
import { type Broker, type BrokerRequest, CLIENT_ID, type Cluster } from './cluster.js';
import type { KafkaConnection } from './connection.js';
import { type InnerConnection, makeReconnectable } from './reconnect.js';
import { saslOptions } from './sasl.js';
import { socketFactory } from './sockets.js';

/** A broker that takes longer to connect counts as unreachable. */
const CONNECT_MS_MAX = 10_000;
const METADATA_KEY = 3;

/** kafkajs's cluster, with the internals that only a few files use. */
export interface InnerCluster extends Cluster {
  readonly connectionPoolBuilder: { build(destination?: BrokerAddress & { rack?: string | null }): Promise<InnerPool> };
  readonly brokerPool: {
    /** The configured broker in use; undefined before the first connection. */
    readonly seedBroker: InnerBroker | undefined;
    createBroker: (options: object) => InnerBroker;
    /** Makes the next configured broker the seed broker. */
    createSeedBroker(): Promise<void>;
  };
}

type InnerPool = Broker['connectionPool'] & {
  readonly pool: readonly (InnerConnection & { readonly requestQueue: InnerQueue })[];
};

interface InnerQueue {
  readonly pending: readonly object[];
  /** Sets a timer for the requests that wait. */
  scheduleCheckPendingRequests: () => void;
}

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
  /** Returns the metadata of all topics if `topics` is empty. */
  metadata: (topics: readonly string[]) => Promise<Metadata | undefined>;
}

export interface Metadata {
  readonly topicMetadata: readonly { readonly topicErrorCode: number; readonly topic: string }[];
}

/** Creates a client of the cluster. It opens no connection until `connect` is called. */
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
    // The caller decides whether to retry.
    retry: { retries: 0 },
    allowAutoTopicCreation: false,
    logger: loggers.createLogger({ level: 0, logCreator: () => () => {} }),
    socketFactory: socketFactory(tls),
  }) as InnerCluster;
  patchConnections(cluster, brokers);
  patchBrokers(cluster);
  tryAllSeeds(cluster, brokers.length);
  return cluster;
}

function patchConnections({ connectionPoolBuilder }: InnerCluster, brokers: readonly string[]): void {
  const addresses = brokers.map(parseBrokerAddress).filter((address) => address !== undefined);
  const build = connectionPoolBuilder.build.bind(connectionPoolBuilder);
  let next = 0;
  connectionPoolBuilder.build = async (destination) => {
    // kafkajs splits host from port at the first colon, which breaks IPv6 addresses.
    const connections = await build(destination ?? addresses[next++ % addresses.length]);
    for (const connection of connections.pool) {
      makeReconnectable(connection);
      letRest(connection.requestQueue);
    }
    return connections;
  };
}

/** kafkajs checks an empty queue every millisecond, with a negative delay, which Node.js 24 warns about. */
function letRest(queue: InnerQueue): void {
  const schedule = queue.scheduleCheckPendingRequests.bind(queue);
  queue.scheduleCheckPendingRequests = () => {
    if (queue.pending.length > 0) schedule();
  };
}

function patchBrokers({ brokerPool }: InnerCluster): void {
  const create = brokerPool.createBroker;
  brokerPool.createBroker = (options) => {
    const broker = create(options);
    const connect = broker.connect.bind(broker);
    // kafkajs treats a broker whose connect failed halfway as connected, so disconnect it.
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

/** Unlike kafkajs, ignores the errors of partitions: one without a leader must not make the others unusable. */
async function metadataOf(broker: InnerBroker, topics: readonly string[]): Promise<Metadata | undefined> {
  const { request, response } = broker.lookupRequest(
    METADATA_KEY,
    metadataVersions,
  )({ topics, allowAutoTopicCreation: false });
  const parse = async (metadata: Metadata) => {
    const refused = metadata.topicMetadata.find(({ topicErrorCode }) => topicErrorCode !== 0);
    if (refused !== undefined && topics.length > 0) throw protocolErrors.createErrorFromCode(refused.topicErrorCode);
    return metadata;
  };
  return broker.connectionPool.send({ request, response: { decode: response.decode, parse } });
}

/**
 * Makes `connect` try each configured broker; kafkajs tries only one. If all fail, it throws the first broker's error.
 * A refused login is thrown at once.
 */
function tryAllSeeds(cluster: InnerCluster, count: number): void {
  const connect = cluster.connect.bind(cluster);
  const { brokerPool } = cluster;
  cluster.connect = async () => {
    const errors: unknown[] = [];
    while (errors.length < count) {
      const tried = brokerPool.seedBroker;
      try {
        return await connect();
      } catch (error) {
        errors.push(error);
        // The other brokers would refuse the login too, and count one more failed attempt.
        if (isRefusedLogin(rootCause(error))) throw error;
        if (brokerPool.seedBroker === tried) await brokerPool.createSeedBroker();
      }
    }
    const [first] = errors;
    throw count === 1 ? first : new NoBrokerError('none of the brokers can be connected to', { cause: first });
  };
}
