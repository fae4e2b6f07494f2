import { backoffMs } from '../core/backoff.js';

/**
 * The pause stops growing after this many throttles: shard limits count by the second, so longer pauses gain nothing.
 */
const THROTTLES_COUNTED = 5;

/**
 * How long a throttled record waits before it is sent again, in milliseconds.
 *
 * @param offered how often it was sent
 * @param random from [0, 1)
 */
export function throttlePauseMs(offered: number, random: number): number {
  return backoffMs(Math.min(offered, THROTTLES_COUNTED), random);
}

/** Items that wait until a given time. They are taken in the order of these times. */
export class RetryQueue<T> {
  /** A binary heap by time. It is large when the target is away: then it may hold every record of the worker. */
  readonly #heap: { item: T; atMs: number }[] = [];

  get size(): number {
    return this.#heap.length;
  }

  /** All items, in no particular order. */
  *[Symbol.iterator](): Generator<T> {
    for (const { item } of this.#heap) yield item;
  }

  /** When the next item is due; Infinity if there is none. */
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

  /** Takes the earliest item, if it is due. */
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
