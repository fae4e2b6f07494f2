import type { BatchLimits } from '../core/limits.js';
import type { Batch, Batches } from './batches.js';

/**
 * Gathers records of any shards into batches within the limits of one request. A batch closes when it is full, or when
 * the next record does not fit. The caller takes it then, or earlier if its oldest record has waited long enough.
 */
export class Batcher<T> implements Batches<T> {
  readonly #recordsMax: number;
  readonly #bytesMax: number;
  #closed: Batch<T> | undefined;
  /** Has room for a whole batch from the start: growing an array costs more than filling it. */
  #items: T[];
  #count = 0;
  #bytes = 0;
  #oldestDueMs = Number.POSITIVE_INFINITY;

  constructor(limits: BatchLimits) {
    this.#recordsMax = limits.batchRecordsMax;
    this.#bytesMax = limits.batchBytesMax;
    this.#items = new Array<T>(this.#recordsMax);
  }

  get full(): boolean {
    return this.#closed !== undefined;
  }

  get empty(): boolean {
    return this.#closed === undefined && this.#count === 0;
  }

  get count(): number {
    return this.#count;
  }

  get toFill(): number {
    return this.#recordsMax - this.#count;
  }

  get oldestDueMs(): number {
    return this.#oldestDueMs;
  }

  get oldestHeldMs(): number {
    return this.#oldestDueMs;
  }

  add(item: T, bytes: number, dueMs: number): void {
    if (this.#closed !== undefined) throw new Error('a batch is full and was not taken');
    if (this.#count > 0 && this.#bytes + bytes > this.#bytesMax) this.#close();
    this.#items[this.#count++] = item;
    this.#bytes += bytes;
    if (dueMs < this.#oldestDueMs) this.#oldestDueMs = dueMs;
    if (this.#closed === undefined && this.#count >= this.#recordsMax) this.#close();
  }

  take(): Batch<T> | undefined {
    if (this.#closed === undefined && this.#count > 0) this.#close();
    const batch = this.#closed;
    this.#closed = undefined;
    return batch;
  }

  /** Batches are independent: none waits for another. */
  settled(): void {}

  #close(): void {
    this.#items.length = this.#count;
    this.#closed = { items: this.#items, bytes: this.#bytes };
    this.#items = new Array<T>(this.#recordsMax);
    this.#count = 0;
    this.#bytes = 0;
    this.#oldestDueMs = Number.POSITIVE_INFINITY;
  }
}
