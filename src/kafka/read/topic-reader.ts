import { KloadError } from '../../core/errors.js';
import type { Failure } from '../../core/failure.js';
import type { Position, StreamRecord } from '../../core/stream-record.js';
import { oneAtATime } from '../../core/waiting.js';
import type { Cluster } from '../cluster/cluster.js';
import type { KafkaConnection } from '../cluster/connection.js';
import { openCluster } from '../cluster/open-cluster.js';
import { BrokerRefusal, LEADER_NOT_AVAILABLE } from '../errors/broker-error.js';
import { failureOf } from '../errors/failures.js';
import { targetError } from '../errors/target-error.js';
import { decompress } from '../wire/codecs.js';
import { readRecordBatches, UnreadableBatchError } from '../wire/record-batch-reader.js';
import { BrokerFetcher } from './broker-fetcher.js';

/** Records of one partition, in offset order. */
export interface PartitionPage {
  readonly records: readonly StreamRecord[];
  /** The offset to fetch next. */
  readonly nextOffset: number;
  /** The partition's last stable offset at the time of the response. */
  readonly endOffset: number;
}

/** The offsets of a partition; `end` is exclusive. */
export interface OffsetRange {
  readonly first: number;
  readonly end: number;
}

/** Special timestamps of ListOffsets. */
const LATEST = -1;
const EARLIEST = -2;
const READ_COMMITTED = 1;
/** After this many empty responses in a row, there are no records up to the end offset. */
const EMPTY_RESPONSES = 3;

/**
 * Reads a topic's partitions from their leaders without a consumer group, so it commits no offsets and causes no
 * rebalance. Records of a transaction are returned once it is committed. `failureOf` classifies the errors it throws.
 */
export class TopicReader {
  readonly #topic: string;
  readonly #connection: KafkaConnection;
  readonly #cluster: Cluster;
  readonly #fetchers = new Map<number, BrokerFetcher>();
  /** Partitions whose leader may have changed. */
  readonly #staleLeaders = new Set<number>();
  /** By partition: the number of empty responses in a row before the end offset. */
  readonly #emptyResponses = new Map<number, number>();
  /** Refreshes the metadata. Concurrent callers share one request. */
  readonly #refresh = oneAtATime(() => this.#load());
  #isOpen = false;

  constructor(connection: KafkaConnection, topic: string) {
    this.#topic = topic;
    this.#connection = connection;
    this.#cluster = openCluster(connection);
  }

  /** Fetches the topic's current partitions. */
  async partitions(): Promise<number[]> {
    await this.#refresh();
    const known = this.#cluster.findTopicPartitionMetadata(this.#topic);
    return known.map(({ partitionId }) => partitionId).sort((a, b) => a - b);
  }

  /** Fetches the range of offsets that can be read now. */
  async range(partition: number): Promise<OffsetRange> {
    const [first, end] = await Promise.all([this.#offsetAt(partition, EARLIEST), this.#offsetAt(partition, LATEST)]);
    return { first, end };
  }

  /** Returns the offset of a position. For a time, that is the offset of the first record at or after it. */
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

  /** Fetches records from `offset` on. If there are none, waits a moment and returns an empty page. */
  async fetch(partition: number, offset: number, bytesMax: number, signal: AbortSignal): Promise<PartitionPage> {
    return this.#fromLeader(partition, async (nodeId) => {
      const fetcher = this.#fetcherOf(nodeId);
      const fetched = await fetcher.fetch({ partition, offset, bytesMax }, signal);
      if (fetched.errorCode !== 0) throw new BrokerRefusal(fetched.errorCode);
      const { bytes, aborted, stableOffset: endOffset, isAll } = fetched;
      if (isAll) return { records: [], nextOffset: this.#afterEmpty(partition, offset, endOffset), endOffset };
      this.#emptyResponses.delete(partition);
      const page = await readRecordBatches(bytes, partition, offset, aborted, decompress);
      fetcher.expect(partition, page.nextOffset < endOffset);
      return { ...page, endOffset };
    });
  }

  /**
   * Returns the offset to fetch after an empty response before the end offset. Compaction and transactions leave gaps,
   * which can be skipped. But a broker with tiered storage may also return nothing once, if it loads records too late.
   */
  #afterEmpty(partition: number, offset: number, endOffset: number): number {
    if (offset >= endOffset) return offset;
    const emptyResponses = (this.#emptyResponses.get(partition) ?? 0) + 1;
    this.#emptyResponses.set(partition, emptyResponses);
    if (emptyResponses < EMPTY_RESPONSES) return offset;
    this.#emptyResponses.delete(partition);
    return endOffset;
  }

  /** Stops reading a partition: the fetches of other partitions no longer wait for its reader. */
  leave(partition: number): void {
    for (const fetcher of this.#fetchers.values()) fetcher.expect(partition, false);
  }

  failureOf(error: unknown): Failure {
    return failureOf(error);
  }

  /** Returns a KloadError that explains the error to the user; a bug is returned as it is. */
  explain(error: unknown): unknown {
    if (error instanceof UnreadableBatchError) {
      return new KloadError('target', `topic ${this.#topic}: ${error.message}`);
    }
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
      if (offset === undefined) throw new Error(`the broker returned no offset for partition ${partition}`);
      return Number(offset);
    });
  }

  /** Calls `request` with the leader of a partition. After an error, the next call refreshes the metadata first. */
  async #fromLeader<T>(partition: number, request: (nodeId: number) => Promise<T>): Promise<T> {
    if (!this.#isOpen || this.#staleLeaders.has(partition)) await this.#refresh();
    const known = this.#cluster.findTopicPartitionMetadata(this.#topic);
    const leader = known.find(({ partitionId }) => partitionId === partition)?.leader ?? -1;
    try {
      if (leader < 0) throw new BrokerRefusal(LEADER_NOT_AVAILABLE);
      const result = await request(leader);
      this.#staleLeaders.delete(partition);
      return result;
    } catch (error) {
      this.#staleLeaders.add(partition);
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

  async #load(): Promise<void> {
    if (this.#isOpen) return this.#cluster.refreshMetadata();
    await this.#cluster.connect();
    await this.#cluster.addTargetTopic(this.#topic);
    this.#isOpen = true;
  }
}
