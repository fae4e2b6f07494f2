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

const SEED = 0x9747b28c;
const MULTIPLIER = 0x5bd1e995;

/**
 * MurmurHash2 of a range of bytes, as Kafka's clients hash keys (org.apache.kafka.common.utils.Utils).
 *
 * @param start,end the range
 * @returns a signed 32-bit integer
 */
export function murmur2(bytes: Uint8Array, start: number, end: number): number {
  let hash = SEED ^ (end - start);
  let at = start;
  for (; at + 4 <= end; at += 4) {
    const word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    hash = Math.imul(hash, MULTIPLIER) ^ mixed(word);
  }
  if (at < end) {
    for (let rest = end - 1; rest >= at; rest--) hash ^= bytes[rest]! << ((rest - at) * 8);
    hash = Math.imul(hash, MULTIPLIER);
  }
  hash = Math.imul(hash ^ (hash >>> 13), MULTIPLIER);
  return hash ^ (hash >>> 15);
}

function mixed(word: number): number {
  const scrambled = Math.imul(word, MULTIPLIER);
  return Math.imul(scrambled ^ (scrambled >>> 24), MULTIPLIER);
}
