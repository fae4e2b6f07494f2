/** The time of each record, and its position in the input, by the number that it is held under. */
export interface Moments {
  orderMs: Float64Array;
  sequence: Float64Array;
}

/**
 * Held records, ordered by time, and by position for the same time. Recordings are mostly in order, so a record that is
 * not older than the newest one goes to a ring, and only the others go to a heap.
 */
export class TimeQueue {
  /** How many records are in the ring. They begin at `#first`. */
  #ringed = 0;
  #first = 0;
  #ring: Int32Array;
  #heaped = 0;
  #heap: Int32Array;
  readonly #moments: Moments;

  /** @param capacity how many records it has room for: a power of two */
  constructor(moments: Moments, capacity: number) {
    this.#moments = moments;
    this.#ring = new Int32Array(capacity);
    this.#heap = new Int32Array(capacity);
  }

  get capacity(): number {
    return this.#ring.length;
  }

  get empty(): boolean {
    return this.#ringed + this.#heaped === 0;
  }

  /** Makes room for more records. @param capacity a power of two */
  grow(capacity: number): void {
    const ring = new Int32Array(capacity);
    for (let at = 0; at < this.#ringed; at++) ring[at] = this.#ring[(this.#first + at) & (this.#ring.length - 1)]!;
    const heap = new Int32Array(capacity);
    heap.set(this.#heap);
    this.#first = 0;
    this.#ring = ring;
    this.#heap = heap;
  }

  push(held: number): void {
    const mask = this.#ring.length - 1;
    const { orderMs } = this.#moments;
    if (this.#ringed > 0) {
      const newest = this.#ring[(this.#first + this.#ringed - 1) & mask]!;
      if (orderMs[held]! < orderMs[newest]!) {
        this.#rise(held, this.#heaped++);
        return;
      }
    }
    this.#ring[(this.#first + this.#ringed++) & mask] = held;
  }

  /** The oldest record. The queue must not be empty. */
  oldest(): number {
    const first = this.#ring[this.#first]!;
    if (this.#heaped === 0) return first;
    const top = this.#heap[0]!;
    return this.#ringed === 0 || this.#isBefore(top, first) ? top : first;
  }

  /** Removes the oldest record, which `oldest` returned. */
  shift(oldest: number): void {
    if (this.#heaped > 0 && oldest === this.#heap[0]) {
      const last = this.#heap[--this.#heaped]!;
      if (this.#heaped > 0) this.#sink(last);
      return;
    }
    this.#first = (this.#first + 1) & (this.#ring.length - 1);
    this.#ringed--;
  }

  /** Puts a record into the heap, at a free index or above it. */
  #rise(held: number, free: number): void {
    const heap = this.#heap;
    let at = free;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#isBefore(held, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = held;
  }

  /** Puts a record into the heap, whose top is free. It is likely new, so it starts at the bottom and rises. */
  #sink(held: number): void {
    const heap = this.#heap;
    let at = 0;
    for (let child = 1; child < this.#heaped; child = 2 * at + 1) {
      if (child + 1 < this.#heaped && this.#isBefore(heap[child + 1]!, heap[child]!)) child++;
      heap[at] = heap[child]!;
      at = child;
    }
    this.#rise(held, at);
  }

  #isBefore(one: number, other: number): boolean {
    const { orderMs, sequence } = this.#moments;
    const oneMs = orderMs[one]!;
    const otherMs = orderMs[other]!;
    return oneMs < otherMs || (oneMs === otherMs && sequence[one]! < sequence[other]!);
  }
}
