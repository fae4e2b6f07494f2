import { backoffMs } from '../core/backoff.js';

/** The pause after a throttle doubles so often: a shard's limits count by the second, and a longer one gains nothing. */
const THROTTLES_COUNTED = 5;

/**
 * How long a record that was throttled waits before it goes again, milliseconds.
 *
 * @param offered how often it was handed over
 * @param random from [0, 1)
 */
export function throttlePauseMs(offered: number, random: number): number {
  return backoffMs(Math.min(offered, THROTTLES_COUNTED), random);
}

/** Things that wait for their time, taken in the order of their times. */
export class RetryQueue<T> {
  /** A binary heap by time: a dead target can put every record that is held in here. */
  readonly #heap: { item: T; atMs: number }[] = [];

  get size(): number {
    return this.#heap.length;
  }

  /** All that wait, in no order. */
  *[Symbol.iterator](): Generator<T> {
    for (const { item } of this.#heap) yield item;
  }

  /** When the next one may go; Infinity when none waits. */
  get nextAtMs(): number {
    return this.#heap[0]?.atMs ?? Number.POSITIVE_INFINITY;
  }

  push(item: T, atMs: number): void {
    const heap = this.#heap;
    let at = heap.push({ item, atMs }) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (heap[parent]!.atMs <= atMs) break;
      this.#swap(at, parent);
      at = parent;
    }
  }

  /** The one whose time came first, if its time has come. */
  takeDue(nowMs: number): T | undefined {
    const heap = this.#heap;
    const first = heap[0];
    if (first === undefined || first.atMs > nowMs) return undefined;
    const last = heap.pop()!;
    if (heap.length > 0) {
      heap[0] = last;
      this.#sink();
    }
    return first.item;
  }

  #sink(): void {
    const heap = this.#heap;
    for (let at = 0; ; ) {
      const left = 2 * at + 1;
      const right = left + 1;
      let least = at;
      if (left < heap.length && heap[left]!.atMs < heap[least]!.atMs) least = left;
      if (right < heap.length && heap[right]!.atMs < heap[least]!.atMs) least = right;
      if (least === at) return;
      this.#swap(at, least);
      at = least;
    }
  }

  #swap(a: number, b: number): void {
    const heap = this.#heap;
    const moved = heap[a]!;
    heap[a] = heap[b]!;
    heap[b] = moved;
  }
}
