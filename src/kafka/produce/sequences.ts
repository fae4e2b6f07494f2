import type { OutgoingRecord } from '../../target/target.js';
import type { ProducerStamp } from '../wire/record-batch.js';

/** What a cluster gave a producer to be known by. */
export interface ProducerId {
  readonly producerId: bigint;
  readonly epoch: number;
}

type Batch = readonly OutgoingRecord[];

/** What is sent to one partition, as its leader counts it. */
interface Sequence {
  id: ProducerId | undefined;
  /** Of the next record. */
  next: number;
  /** The batch that was handed out and of which it is not known whether the broker has it. */
  unsettled: Batch | undefined;
}

/** Sequence numbers are counted on from 0 after this. */
const SEQUENCE_MAX = 0x7fffffff;

/**
 * Numbers the records of each partition, so that its leader takes a batch once, however often it is sent. There is one
 * batch of a partition under way at most, and it is sent again before any later one; so a batch that comes while
 * another is unsettled says that this was given up. Nobody knows whether its numbers are used: the partition goes on
 * under another producer id.
 */
export class Sequences {
  readonly #newId: () => Promise<ProducerId>;
  readonly #ofPartition = new Map<number, Sequence>();
  /** The one that partitions begin with. */
  #shared: Promise<ProducerId> | undefined;

  /** @param newId asks the cluster for one */
  constructor(newId: () => Promise<ProducerId>) {
    this.#newId = newId;
  }

  /** @throws what asking for a producer id does */
  async warmUp(): Promise<void> {
    await this.#sharedId();
  }

  /** @throws what asking for a producer id does */
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

  /** The partition's batch is taken. */
  taken(partition: number): void {
    const sequence = this.#ofPartition.get(partition);
    if (sequence?.unsettled === undefined) return;
    sequence.next = (sequence.next + sequence.unsettled.length) & SEQUENCE_MAX;
    sequence.unsettled = undefined;
  }

  /** The partition's batch was never taken, and is not sent again: its numbers are free. */
  refused(partition: number): void {
    const sequence = this.#ofPartition.get(partition);
    if (sequence !== undefined) sequence.unsettled = undefined;
  }

  /** The broker does not count as we do: the next batch comes under another producer id. */
  lost(partition: number): void {
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
