import { KloadError } from '../../core/errors.js';
import type { Failure } from '../../core/failure.js';
import type { Position, StreamRecord } from '../../core/stream-record.js';
import type { Cluster } from '../cluster/cluster.js';
import type { KafkaConnection } from '../cluster/connection.js';
import { openCluster } from '../cluster/open-cluster.js';
import { BrokerRefusal } from '../errors/broker-error.js';
import { failureOf } from '../errors/failures.js';
import { targetError } from '../errors/target-error.js';
import { decompress } from '../wire/decompress.js';
import { readRecordBatches, UnreadableBatchError } from '../wire/record-batches.js';
import { BrokerFetcher } from './broker-fetcher.js';

/** Some records of one partition, in their order. */
export interface PartitionPage {
  readonly records: readonly StreamRecord[];
  /** Where to go on. */
  readonly nextOffset: number;
  /** Where the partition ended when the broker answered. */
  readonly endOffset: number;
}

/** The offsets that a partition has: from the first one, up to but without the last one. */
export interface OffsetRange {
  readonly first: number;
  readonly end: number;
}

/** By Kafka's own values for a time. */
const LATEST = -1;
const EARLIEST = -2;
const READ_COMMITTED = 1;
/** So many of these, and there is nothing. */
const EMPTY_ANSWERS = 3;

/**
 * Reads a topic's partitions from their leaders, without a consumer group: nothing is committed, nobody is rebalanced.
 * Records of transactions come when these are committed. What goes wrong is thrown, for `failureOf`.
 */
export class TopicReader {
  readonly #topic: string;
  readonly #connection: KafkaConnection;
  readonly #cluster: Cluster;
  readonly #fetchers = new Map<number, BrokerFetcher>();
  /** Partitions whose leader may be another one by now. */
  readonly #doubted = new Set<number>();
  /** By partition: answers in a row that held nothing before the end. */
  readonly #emptyAnswers = new Map<number, number>();
  #refreshing: Promise<void> | undefined;
  #isOpen = false;

  constructor(connection: KafkaConnection, topic: string) {
    this.#topic = topic;
    this.#connection = connection;
    this.#cluster = openCluster(connection);
  }

  /** The partitions that the topic has now. */
  async partitions(): Promise<number[]> {
    await this.#refresh();
    const known = this.#cluster.findTopicPartitionMetadata(this.#topic);
    return known.map(({ partitionId }) => partitionId).sort((a, b) => a - b);
  }

  /** Offsets that can be read now. */
  async range(partition: number): Promise<OffsetRange> {
    const [first, end] = await Promise.all([this.#offsetAt(partition, EARLIEST), this.#offsetAt(partition, LATEST)]);
    return { first, end };
  }

  /** The offset that a position stands for: of a time, that of the first record that is not older. */
  async offsetOf(partition: number, position: Position): Promise<number> {
    switch (position.type) {
      case 'LATEST':
        return this.#offsetAt(partition, LATEST);
      case 'TRIM_HORIZON':
        return this.#offsetAt(partition, EARLIEST);
      case 'AT_TIMESTAMP': {
        const offset = await this.#offsetAt(partition, Math.max(0, Math.floor(position.atMs)));
        return offset < 0 ? this.#offsetAt(partition, LATEST) : offset;
      }
      case 'AT_SEQUENCE_NUMBER':
        return Number(position.sequenceNumber);
      case 'AFTER_SEQUENCE_NUMBER':
        return Number(position.sequenceNumber) + 1;
    }
  }

  /** Waits a little where there is nothing. */
  async fetch(partition: number, offset: number, bytesMax: number, signal: AbortSignal): Promise<PartitionPage> {
    return this.#fromLeader(partition, async (nodeId) => {
      const fetcher = this.#fetcherOf(nodeId);
      const fetched = await fetcher.fetch({ partition, offset, bytesMax }, signal);
      if (fetched.errorCode !== 0) throw new BrokerRefusal(fetched.errorCode);
      const { bytes, aborted, stableOffset: endOffset, isAll } = fetched;
      if (isAll) return { records: [], nextOffset: this.#afterEmpty(partition, offset, endOffset), endOffset };
      this.#emptyAnswers.delete(partition);
      const page = await readRecordBatches(bytes, partition, offset, aborted, decompress);
      fetcher.expect(partition, page.nextOffset < endOffset);
      return { ...page, endOffset };
    });
  }

  /**
   * Where to go on after an answer that holds nothing before the end. Compaction and transactions leave such stretches; but a
   * broker that has the records elsewhere (tiered storage) may answer so once, when these come too late.
   */
  #afterEmpty(partition: number, offset: number, endOffset: number): number {
    if (offset >= endOffset) return offset;
    const inARow = (this.#emptyAnswers.get(partition) ?? 0) + 1;
    this.#emptyAnswers.set(partition, inARow);
    if (inARow < EMPTY_ANSWERS) return offset;
    this.#emptyAnswers.delete(partition);
    return endOffset;
  }

  /** Nobody reads the partition any more. */
  leave(partition: number): void {
    for (const fetcher of this.#fetchers.values()) fetcher.expect(partition, false);
  }

  failureOf(error: unknown): Failure {
    return failureOf(error);
  }

  /** What an error means to the user: a KloadError, where it is no bug. */
  explain(error: unknown): unknown {
    if (error instanceof UnreadableBatchError)
      return new KloadError('target', `topic ${this.#topic}: ${error.message}`);
    return targetError(error, this.#connection, this.#topic, async () => []);
  }

  isOutOfRange(error: unknown): boolean {
    return error instanceof BrokerRefusal && error.isOutOfRange;
  }

  async close(): Promise<void> {
    await this.#cluster.disconnect();
  }

  async #offsetAt(partition: number, timestamp: number): Promise<number> {
    return this.#fromLeader(partition, async (nodeId) => {
      const broker = await this.#cluster.findBroker({ nodeId });
      const topics = [{ topic: this.#topic, partitions: [{ partition, timestamp }] }];
      const { responses } = await broker.listOffsets({ isolationLevel: READ_COMMITTED, topics });
      const offset = responses[0]?.partitions[0]?.offset;
      if (offset === undefined) throw new Error(`the broker tells no offset of partition ${partition}`);
      return Number(offset);
    });
  }

  /** Asks a partition's leader; after whatever goes wrong, the cluster is asked first who that is. */
  async #fromLeader<T>(partition: number, ask: (nodeId: number) => Promise<T>): Promise<T> {
    if (!this.#isOpen || this.#doubted.has(partition)) await this.#refresh();
    const known = this.#cluster.findTopicPartitionMetadata(this.#topic);
    const leader = known.find(({ partitionId }) => partitionId === partition)?.leader ?? -1;
    try {
      if (leader < 0) throw new BrokerRefusal(LEADER_NOT_AVAILABLE);
      const result = await ask(leader);
      this.#doubted.delete(partition);
      return result;
    } catch (error) {
      this.#doubted.add(partition);
      throw error;
    }
  }

  #fetcherOf(nodeId: number): BrokerFetcher {
    const known = this.#fetchers.get(nodeId);
    if (known !== undefined) return known;
    const fetcher = new BrokerFetcher(this.#topic, this.#connection.requestTimeoutMs, () =>
      this.#cluster.findBroker({ nodeId }),
    );
    this.#fetchers.set(nodeId, fetcher);
    return fetcher;
  }

  /** Asks who leads what; who comes meanwhile waits for the same answer. */
  #refresh(): Promise<void> {
    this.#refreshing ??= this.#load().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  async #load(): Promise<void> {
    if (this.#isOpen) return this.#cluster.refreshMetadata();
    await this.#cluster.connect();
    await this.#cluster.addTargetTopic(this.#topic);
    this.#isOpen = true;
  }
}

const LEADER_NOT_AVAILABLE = 5;
