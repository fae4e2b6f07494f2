import { setTimeout } from 'node:timers/promises';
import { oneAtATime } from '../../core/waiting.js';
import type { Broker, BrokerConnection, Cluster } from '../cluster/cluster.js';
import { renewSession } from './exchange.js';
import type { ProducerId } from './sequences.js';

/** InitProducerId requires a value, but brokers use it for transactions only. */
const TRANSACTION_TIMEOUT_MS = 60_000;

/** A broker that has just started fetches producer ids from the controller, and meanwhile asks clients to retry. */
const LOADING_TRIES = 40;
const LOADING_PAUSE_MS = 25;

/** Knows the leader of each partition of a topic, and keeps the connections to the leaders. */
export class Leaders {
  readonly #cluster: Cluster;
  readonly #topic: string;
  readonly #leaderOf = new Map<number, number>();
  /** Both by node id. */
  readonly #connecting = new Map<number, Promise<Broker>>();
  readonly #connections = new Map<number, BrokerConnection>();
  #isOpen = false;
  #isFresh = false;
  readonly #loadOnce = oneAtATime(() => this.#load());

  constructor(cluster: Cluster, topic: string) {
    this.#cluster = cluster;
    this.#topic = topic;
  }

  /** Makes the next `refresh` fetch the metadata again. */
  invalidate(): void {
    this.#isFresh = false;
  }

  /**
   * Fetches the metadata if it is stale. Concurrent callers share one request.
   *
   * @returns the node id of each partition's leader; partitions without a leader are missing
   * @throws kafkajs's errors
   */
  async refresh(): Promise<ReadonlyMap<number, number>> {
    if (!this.#isFresh) await this.#loadOnce();
    return this.#leaderOf;
  }

  /**
   * Like `refresh`, but fetches the metadata again if one of these partitions had no leader last time.
   *
   * @throws kafkajs's errors
   */
  async of(partitions: readonly { readonly partition: number }[]): Promise<ReadonlyMap<number, number>> {
    const known = await this.refresh();
    if (partitions.every(({ partition }) => known.has(partition))) return known;
    this.invalidate();
    return this.refresh();
  }

  /** @throws kafkajs's errors */
  connect(node: number): Promise<Broker> {
    const pending = this.#connecting.get(node) ?? this.#connect(node).finally(() => this.#connecting.delete(node));
    this.#connecting.set(node, pending);
    return pending;
  }

  /** @throws kafkajs's errors */
  async newProducerId(): Promise<ProducerId> {
    const [node] = (await this.refresh()).values();
    const broker = await this.connect(node ?? -1);
    for (let triesLeft = LOADING_TRIES; ; triesLeft--) {
      try {
        const { producerId, producerEpoch } = await broker.initProducerId({
          transactionTimeout: TRANSACTION_TIMEOUT_MS,
        });
        return { producerId: BigInt(producerId), epoch: producerEpoch };
      } catch (error) {
        if (triesLeft <= 1 || (error as { type?: unknown }).type !== 'GROUP_LOAD_IN_PROGRESS') throw error;
        await setTimeout(LOADING_PAUSE_MS);
      }
    }
  }

  /** Closes all connections. Requests that wait for a response fail with ECONNRESET. */
  close(): void {
    const closed = Object.assign(new Error('closed'), { code: 'ECONNRESET' });
    for (const { socket } of this.#connections.values()) socket.destroy(closed);
    void this.#cluster.disconnect().catch(() => {});
  }

  async #connect(node: number): Promise<Broker> {
    const known = this.#connections.get(node);
    try {
      if (known !== undefined) await renewSession(known);
      const broker = await this.#cluster.findBroker({ nodeId: node });
      this.#connections.set(node, await broker.connectionPool.getConnection());
      return broker;
    } catch (error) {
      this.invalidate();
      throw error;
    }
  }

  async #load(): Promise<void> {
    if (this.#isOpen) {
      await this.#cluster.refreshMetadata();
    } else {
      await this.#cluster.connect();
      await this.#cluster.addTargetTopic(this.#topic);
      this.#isOpen = true;
    }
    this.#leaderOf.clear();
    for (const { partitionId, leader } of this.#cluster.findTopicPartitionMetadata(this.#topic)) {
      if (leader >= 0) this.#leaderOf.set(partitionId, leader);
    }
    this.#isFresh = true;
  }
}
