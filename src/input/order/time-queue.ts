/** When each record was recorded, and its place in the input, by the number that it is held under. */
export interface Moments {
  orderMs: Float64Array;
  sequence: Float64Array;
}

/**
 * Held records by time, those of one time as they came in. A recording is mostly in order: a record that is not older
 * than the newest one joins a ring, only the others a heap.
 */
export class TimeQueue {
  /** How many are in the ring, from `#first` on. */
  #ringed = 0;
  #first = 0;
  #ring: Int32Array;
  #heaped = 0;
  #heap: Int32Array;
  readonly #moments: Moments;

  /** @param capacity how many it has room for: a power of two */
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

  /** Gives it room for more. @param capacity a power of two */
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

  /** The oldest. There must be one. */
  oldest(): number {
    const first = this.#ring[this.#first]!;
    if (this.#heaped === 0) return first;
    const top = this.#heap[0]!;
    return this.#ringed === 0 || this.#isBefore(top, first) ? top : first;
  }

  /** Takes the oldest away, as `oldest` told it. */
  shift(oldest: number): void {
    if (this.#heaped > 0 && oldest === this.#heap[0]) {
      const last = this.#heap[--this.#heaped]!;
      if (this.#heaped > 0) this.#sink(last);
      return;
    }
    this.#first = (this.#first + 1) & (this.#ring.length - 1);
    this.#ringed--;
  }

  /** Puts a record in the heap, at a free place or above it. */
  #rise(held: number, place: number): void {
    const heap = this.#heap;
    let at = place;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#isBefore(held, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = held;
  }

  /** Puts a record in the heap whose top is free: down to the bottom by the older child, then up, for it is likely young. */
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
