import type { OutgoingRecord } from '../../target/target.js';
import type { ProducerStamp } from '../wire/record-batch-writer.js';

/** Identifies an idempotent producer; assigned by the cluster. */
export interface ProducerId {
  readonly producerId: bigint;
  readonly epoch: number;
}

type Batch = readonly OutgoingRecord[];

/** The sequence numbers of one partition. */
interface Sequence {
  id: ProducerId | undefined;
  /** The sequence number of the next record. */
  next: number;
  /** The batch that has claimed numbers and has not been acknowledged or released. */
  unsettled: Batch | undefined;
}

/** After this number, sequence numbers start again at 0. */
const SEQUENCE_MAX = 0x7fffffff;

/**
 * Numbers the records of each partition, so that its leader stores a batch only once, however often it is sent. A
 * partition has at most one batch in flight, and a batch is resent before any later one is sent. So if a batch arrives
 * while another is unsettled, that one was given up. The leader may or may not have stored it, so the partition
 * continues under a new producer id.
 */
export class Sequences {
  readonly #newId: () => Promise<ProducerId>;
  readonly #ofPartition = new Map<number, Sequence>();
  /** The producer id that every partition starts with. */
  #shared: Promise<ProducerId> | undefined;

  /** @param newId asks the cluster for a producer id */
  constructor(newId: () => Promise<ProducerId>) {
    this.#newId = newId;
  }

  /** @throws the errors of `newId` */
  async warmUp(): Promise<void> {
    await this.#sharedId();
  }

  /** @throws the errors of `newId` */
  async claim(partition: number, batch: Batch): Promise<ProducerStamp> {
    const known = this.#ofPartition.get(partition);
    const sequence = known ?? { id: await this.#sharedId(), next: 0, unsettled: undefined };
    this.#ofPartition.set(partition, sequence);
    if (sequence.unsettled !== undefined || sequence.id === undefined) {
      sequence.id = undefined;
      sequence.unsettled = undefined;
      sequence.id = await this.#newId();
      sequence.next = 0;
    }
    sequence.unsettled = batch;
    return { ...sequence.id, sequence: sequence.next };
  }

  /** The broker has stored the partition's batch: its numbers are used. */
  acknowledge(partition: number): void {
    const sequence = this.#ofPartition.get(partition);
    if (sequence?.unsettled === undefined) return;
    sequence.next = (sequence.next + sequence.unsettled.length) & SEQUENCE_MAX;
    sequence.unsettled = undefined;
  }

  /** The broker has not stored the partition's batch, and it will not be resent: its numbers are free. */
  release(partition: number): void {
    const sequence = this.#ofPartition.get(partition);
    if (sequence !== undefined) sequence.unsettled = undefined;
  }

  /** The broker's sequence number is unknown: the next batch gets a new producer id. */
  reset(partition: number): void {
    const sequence = this.#ofPartition.get(partition);
    if (sequence === undefined) return;
    sequence.id = undefined;
    sequence.unsettled = undefined;
  }

  #sharedId(): Promise<ProducerId> {
    this.#shared ??= this.#newId().catch((error: unknown) => {
      this.#shared = undefined;
      throw error;
    });
    return this.#shared;
  }
}
