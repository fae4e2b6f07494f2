import { keyHash } from './key-hash.js';

/** Picks the worker of a record from its partition key's bytes: equal keys always meet the same worker. */
export class Router {
  readonly #workers: number;

  constructor(workers: number) {
    this.#workers = workers;
  }

  /** @param start,end the key's range in `bytes` */
  route(bytes: Uint8Array, start: number, end: number): number {
    if (this.#workers === 1) return 0;
    const hash = keyHash(bytes, start, end);
    // FNV's low bits alone are weak on short keys that differ in their last byte: fold the high ones in.
    return ((hash ^ (hash >>> 15)) >>> 0) % this.#workers;
  }
}
