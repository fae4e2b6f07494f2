import type { Socket } from 'node:net';

/** A request to a broker, as kafkajs takes it. */
export interface BrokerRequest<T> {
  readonly request: {
    readonly apiKey: number;
    readonly apiVersion: number;
    readonly apiName: string;
    /** Left out: there is an answer. */
    readonly expectResponse?: () => boolean;
    /** Both are the same bytes: kafkajs looks for either. */
    encode(): Promise<{ readonly buf: Buffer; readonly buffer: Buffer }>;
  };
  readonly response: {
    decode(payload: Buffer): Promise<T>;
    parse(decoded: T): Promise<T>;
  };
  readonly requestTimeout?: number | null;
  readonly logResponseError?: boolean;
}

/** What waits for its turn or its answer on a connection, in kafkajs's hands. */
export interface RequestQueue {
  /** Sends it now, or when what the broker asked for has passed. */
  push(request: {
    readonly entry: {
      readonly apiKey: number;
      readonly apiVersion: number;
      readonly apiName: string;
      readonly correlationId: number;
      readonly resolve: (answer: { readonly payload: Buffer }) => void;
      readonly reject: (error: Error) => void;
    };
    readonly expectResponse: boolean;
    /** null: as for all. */
    readonly requestTimeout: number | null;
    readonly sendRequest: () => void;
  }): void;
  rejectAll(error: Error): void;
  waitForPendingRequests(): Promise<void>;
  /** @param throttleMs how long the broker asks not to be asked */
  maybeThrottle(throttleMs: number): void;
}

/** One connection to a broker. */
export interface BrokerConnection {
  readonly socket: Socket;
  readonly requestQueue: RequestQueue;
  /** Null where nobody is asked who they are. */
  readonly sasl: object | null;
  isConnected(): boolean;
  /** Not any more when a session is about to expire. */
  isAuthenticated(): boolean;
  /** Nothing else may be under way. */
  authenticate(): Promise<void>;
  failIfNotConnected(): void;
  nextCorrelationId(): number;
}

/** One node of the cluster, connected and authenticated. */
export interface Broker {
  readonly nodeId: number;
  readonly brokerAddress: string;
  readonly connectionPool: {
    /** Undefined where no answer is expected. */
    send<T>(request: BrokerRequest<T>): Promise<T | undefined>;
    /** For all requests but those that read records. */
    getConnection(): Promise<BrokerConnection>;
  };
  isConnected(): boolean;
  /** @param options.topics with what is looked for in each partition: a time in epoch milliseconds, -1: the end, -2: the start */
  listOffsets(options: {
    readonly isolationLevel: number;
    readonly topics: readonly {
      readonly topic: string;
      readonly partitions: readonly { readonly partition: number; readonly timestamp: number }[];
    }[];
  }): Promise<{
    readonly responses: readonly { readonly partitions: readonly { readonly offset: string }[] }[];
  }>;
  initProducerId(options: {
    readonly transactionTimeout?: number;
  }): Promise<{ readonly coordinatorEpoch?: number; readonly producerId: string; readonly producerEpoch: number }>;
}

export interface PartitionMetadata {
  readonly partitionId: number;
  /** -1: there is none now. */
  readonly leader: number;
  readonly partitionErrorCode: number;
}

export interface Cluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  /** Whose metadata are wanted; throws for a topic that is not there. */
  addTargetTopic(topic: string): Promise<void>;
  refreshMetadata(): Promise<void>;
  findTopicPartitionMetadata(topic: string): readonly PartitionMetadata[];
  /** Connects to it, if need be. */
  findBroker(node: { readonly nodeId: number }): Promise<Broker>;
}

/** The name that kload goes by at the brokers. */
export const CLIENT_ID = 'kload';
