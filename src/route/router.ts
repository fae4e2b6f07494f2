/**
 * Picks the worker of a record from its partition key's bytes: equal keys always meet the same worker. The hash is
 * FNV-1a, at a nanosecond a byte; which shard takes the record is for the service's MD5 to say, in the worker.
 */
export class Router {
  readonly #workers: number;

  constructor(workers: number) {
    this.#workers = workers;
  }

  /** @param start,end the key's range in `bytes` */
  route(bytes: Uint8Array, start: number, end: number): number {
    if (this.#workers === 1) return 0;
    let hash = 0x811c9dc5;
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
    // FNV's low bits alone are weak on short keys that differ in their last byte: fold the high ones in.
    return ((hash ^ (hash >>> 15)) >>> 0) % this.#workers;
  }
}
