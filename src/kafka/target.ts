import type { Failure } from '../core/failure.js';
import type { OutgoingRecord, SendResult, Target } from '../target/target.js';
import type { KafkaConnection } from './cluster/connection.js';
import { openCluster } from './cluster/open-cluster.js';
import { brokerError, LEADER_NOT_AVAILABLE } from './errors/broker-error.js';
import { Delivery, settling } from './produce/delivery.js';
import { Leaders } from './produce/leaders.js';
import { PartitionBatch } from './produce/partition-batch.js';
import type { ProduceOptions } from './produce/request-writer.js';

/** Sends each batch to the leader of its partition. Batches passed to `send` in the same tick share requests. */
export class KafkaTarget implements Target {
  readonly recognisesResends: boolean;
  readonly #topic: string;
  readonly #leaders: Leaders;
  readonly #delivery: Delivery;
  #waiting: PartitionBatch[] = [];

  constructor(connection: KafkaConnection, options: ProduceOptions) {
    this.recognisesResends = options.idempotent;
    this.#topic = options.topic;
    this.#leaders = new Leaders(openCluster(connection), options.topic);
    this.#delivery = new Delivery(options, connection.requestTimeoutMs, this.#leaders);
  }

  /** Connects to the leaders of all partitions. */
  async warmUp(): Promise<void> {
    try {
      const nodes = new Set((await this.#leaders.refresh()).values());
      await Promise.allSettled([...nodes].map((node) => this.#leaders.connect(node)));
      await this.#delivery.warmUp();
    } catch {
      // The first batch meets the same error and reports it.
    }
  }

  /** @param shardId the partition, as a decimal number */
  send(
    records: readonly OutgoingRecord[],
    onOffered: (atMs: number) => void,
    shardId: string | undefined,
  ): Promise<SendResult> {
    const batch = new PartitionBatch(Number(shardId), records, onOffered);
    this.#waiting.push(batch);
    if (this.#waiting.length === 1) queueMicrotask(() => void this.#flush());
    return batch.result;
  }

  close(): void {
    this.#leaders.close();
  }

  async #flush(): Promise<void> {
    const batches = this.#waiting;
    this.#waiting = [];
    const leaders = await settling(batches, () => this.#leaders.of(batches));
    if (leaders === undefined) return;
    const byNode = new Map<number, PartitionBatch[]>();
    for (const batch of batches) {
      const node = leaders.get(batch.partition);
      if (node === undefined) batch.settle(this.#leaderless(batch.partition));
      else if (byNode.has(node)) byNode.get(node)!.push(batch);
      else byNode.set(node, [batch]);
    }
    for (const [node, group] of byNode) void this.#sendTo(node, group);
  }

  async #sendTo(node: number, batches: readonly PartitionBatch[]): Promise<void> {
    const broker = await settling(batches, () => this.#leaders.connect(node));
    if (broker !== undefined) await this.#delivery.deliver(broker, batches);
  }

  #leaderless(partition: number): Failure {
    const error = brokerError(LEADER_NOT_AVAILABLE);
    return { ...error, message: `${error.message} (topic ${this.#topic}, partition ${partition})` };
  }
}
