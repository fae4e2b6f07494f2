import { murmur2 } from './murmur2.js';

/** Tells which partition takes a record, as Kafka's default partitioner does: its key's hash modulo their number. */
export class PartitionMap {
  readonly #partitions: number;

  constructor(partitions: number) {
    this.#partitions = partitions;
  }

  /**
   * The partition of a key; -1 for an empty range, a record without a key: any will do.
   *
   * @param start,end the key's range in `bytes`
   */
  indexOf(bytes: Uint8Array, start: number, end: number): number {
    if (start === end) return -1;
    return (murmur2(bytes, start, end) & 0x7fff_ffff) % this.#partitions;
  }
}
