import { murmur2 } from './murmur2.js';

/**
 * Finds the partition of a record as Kafka's default partitioner does: the key's hash modulo the number of partitions.
 */
export class PartitionMap {
  readonly #partitions: number;

  constructor(partitions: number) {
    this.#partitions = partitions;
  }

  /**
   * The partition of a key; -1 for an empty range: a record without a key may go to any partition.
   *
   * @param start,end the key's range in `bytes`
   */
  indexOf(bytes: Uint8Array, start: number, end: number): number {
    if (start === end) return -1;
    return (murmur2(bytes, start, end) & 0x7fff_ffff) % this.#partitions;
  }
}
