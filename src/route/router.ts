import { mixed } from '../bytes/mixed.js';

/** Picks the worker of a record by its partition key: records with equal keys go to the same worker. */
export class Router {
  readonly #workers: number;

  constructor(workers: number) {
    this.#workers = workers;
  }

  /** The worker of a key that has a number instead of bytes. */
  routeNumber(key: number): number {
    return this.#workers === 1 ? 0 : (mixed(key) >>> 0) % this.#workers;
  }

  /** @param start,end the key's range in `bytes` */
  route(bytes: Uint8Array, start: number, end: number): number {
    if (this.#workers === 1) return 0;
    const hash = keyHash(bytes, start, end);
    // FNV's low bits are weak for short keys that differ only in the last byte, so the high bits are mixed in.
    return ((hash ^ (hash >>> 15)) >>> 0) % this.#workers;
  }
}

/**
 * Hashes a partition key's bytes with FNV-1a: a nanosecond a byte. It picks workers, not shards: these depend on MD5.
 *
 * @param start,end the key's range in `bytes`
 * @returns a signed 32-bit integer
 */
export function keyHash(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return hash | 0;
}
