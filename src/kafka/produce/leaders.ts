import { setTimeout } from 'node:timers/promises';
import type { Broker, BrokerConnection, Cluster } from '../cluster/cluster.js';
import { renewSession } from './exchange.js';
import type { ProducerId } from './sequences.js';

/** Brokers ask for it, and look at it in transactions alone. */
const TRANSACTION_TIMEOUT_MS = 60_000;

/** A broker that has not given out any producer id since its start asks the controller for some, and to be asked again. */
const LOADING_TRIES = 40;
const LOADING_PAUSE_MS = 25;

/** Who leads which partition of a topic, and the connections to them. */
export class Leaders {
  readonly #cluster: Cluster;
  readonly #topic: string;
  readonly #leaderOf = new Map<number, number>();
  /** By node: what is being connected, and what was. */
  readonly #connecting = new Map<number, Promise<Broker>>();
  readonly #connections = new Map<number, BrokerConnection>();
  #isKnown = false;
  #isFresh = false;
  #refreshing: Promise<void> | undefined;

  constructor(cluster: Cluster, topic: string) {
    this.#cluster = cluster;
    this.#topic = topic;
  }

  /** What is known may be wrong by now. */
  doubt(): void {
    this.#isFresh = false;
  }

  /**
   * Asks the cluster again, if need be; who comes meanwhile waits for the same answer.
   *
   * @returns the node that leads each partition, but for those that none leads now
   * @throws kafkajs's errors
   */
  async refresh(): Promise<ReadonlyMap<number, number>> {
    if (this.#isFresh) return this.#leaderOf;
    this.#refreshing ??= this.#load().finally(() => {
      this.#refreshing = undefined;
    });
    await this.#refreshing;
    return this.#leaderOf;
  }

  /**
   * As `refresh`, but asks again where one of these had no leader when somebody else asked.
   *
   * @throws kafkajs's errors
   */
  async of(partitions: readonly { readonly partition: number }[]): Promise<ReadonlyMap<number, number>> {
    const known = await this.refresh();
    if (partitions.every(({ partition }) => known.has(partition))) return known;
    this.doubt();
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

  /** Whoever waits for an answer hears that it does not come. */
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
      this.doubt();
      throw error;
    }
  }

  async #load(): Promise<void> {
    if (this.#isKnown) {
      await this.#cluster.refreshMetadata();
    } else {
      await this.#cluster.connect();
      await this.#cluster.addTargetTopic(this.#topic);
      this.#isKnown = true;
    }
    this.#leaderOf.clear();
    for (const { partitionId, leader } of this.#cluster.findTopicPartitionMetadata(this.#topic)) {
      if (leader >= 0) this.#leaderOf.set(partitionId, leader);
    }
    this.#isFresh = true;
  }
}
