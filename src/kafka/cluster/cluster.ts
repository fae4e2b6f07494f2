import type { Socket } from 'node:net';

// The parts of kafkajs's interface that kload uses.

/** A request to a broker. */
export interface BrokerRequest<T> {
  readonly request: {
    readonly apiKey: number;
    readonly apiVersion: number;
    readonly apiName: string;
    /** Default: true. */
    readonly expectResponse?: () => boolean;
    /** Both properties hold the same bytes: kafkajs reads `buf` in some places and `buffer` in others. */
    encode(): Promise<{ readonly buf: Buffer; readonly buffer: Buffer }>;
  };
  readonly response: {
    decode(payload: Buffer): Promise<T>;
    parse(decoded: T): Promise<T>;
  };
  readonly requestTimeout?: number | null;
  readonly logResponseError?: boolean;
}

/** The requests of a connection that wait to be sent or wait for a response. */
export interface RequestQueue {
  /** Sends the request now or, if the broker throttles this client, after the throttle time. */
  push(request: {
    readonly entry: {
      readonly apiKey: number;
      readonly apiVersion: number;
      readonly apiName: string;
      readonly correlationId: number;
      readonly resolve: (response: { readonly payload: Buffer }) => void;
      readonly reject: (error: Error) => void;
    };
    readonly expectResponse: boolean;
    /** null: the connection's default. */
    readonly requestTimeout: number | null;
    readonly sendRequest: () => void;
  }): void;
  rejectAll(error: Error): void;
  waitForPendingRequests(): Promise<void>;
  /** @param throttleMs how long the broker wants no further requests; 0: no limit */
  maybeThrottle(throttleMs: number): void;
}

/** One connection to a broker. */
export interface BrokerConnection {
  readonly socket: Socket;
  readonly requestQueue: RequestQueue;
  /** null: no authentication. */
  readonly sasl: object | null;
  isConnected(): boolean;
  /** False once the session is about to expire. */
  isAuthenticated(): boolean;
  /** Call it only while no request is in flight. */
  authenticate(): Promise<void>;
  failIfNotConnected(): void;
  nextCorrelationId(): number;
}

/** One node of the cluster, connected and authenticated. */
export interface Broker {
  readonly nodeId: number;
  readonly brokerAddress: string;
  readonly connectionPool: {
    /** Resolves to undefined if no response is expected. */
    send<T>(request: BrokerRequest<T>): Promise<T | undefined>;
    /** The connection for all requests except Fetch. */
    getConnection(): Promise<BrokerConnection>;
  };
  isConnected(): boolean;
  /** @param options.topics `timestamp` is in epoch milliseconds, -1 for the end offset, or -2 for the first offset */
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
  /** -1: the partition has no leader now. */
  readonly leader: number;
  readonly partitionErrorCode: number;
}

export interface Cluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  /** Adds a topic to those whose metadata is fetched. Throws if the topic does not exist. */
  addTargetTopic(topic: string): Promise<void>;
  refreshMetadata(): Promise<void>;
  findTopicPartitionMetadata(topic: string): readonly PartitionMetadata[];
  /** Connects to the broker if it is not connected yet. */
  findBroker(node: { readonly nodeId: number }): Promise<Broker>;
}

/** The client.id that kload sends to brokers. */
export const CLIENT_ID = 'kload';
