import type { BatchLimits } from '../core/limits.js';
import type { Batch, Batches } from './batches.js';

/**
 * Gathers records into batches within the limits of one request. A batch closes when the next record would not fit, or
 * when it is full; the caller takes it then, or earlier when its oldest record has waited long enough.
 */
export class Batcher<T> implements Batches<T> {
  readonly #recordsMax: number;
  readonly #bytesMax: number;
  #closed: Batch<T> | undefined;
  #items: T[] = [];
  #bytes = 0;
  #oldestDueMs = Number.POSITIVE_INFINITY;

  constructor(limits: BatchLimits) {
    this.#recordsMax = limits.batchRecordsMax;
    this.#bytesMax = limits.batchBytesMax;
  }

  /** A batch is closed: take it before adding more. */
  get full(): boolean {
    return this.#closed !== undefined;
  }

  get empty(): boolean {
    return this.#closed === undefined && this.#items.length === 0;
  }

  /** Records in the batch that is open. */
  get count(): number {
    return this.#items.length;
  }

  get toFill(): number {
    return this.#recordsMax - this.#items.length;
  }

  /** The earliest intended time in the open batch; Infinity when it is empty. */
  get oldestDueMs(): number {
    return this.#oldestDueMs;
  }

  get oldestHeldMs(): number {
    return this.#oldestDueMs;
  }

  /** @param bytes what the record counts in the request: data before base64, and key */
  add(item: T, bytes: number, dueMs: number): void {
    if (this.#closed !== undefined) throw new Error('a batch is full and was not taken');
    if (this.#items.length > 0 && this.#bytes + bytes > this.#bytesMax) this.#close();
    this.#items.push(item);
    this.#bytes += bytes;
    if (dueMs < this.#oldestDueMs) this.#oldestDueMs = dueMs;
    if (this.#closed === undefined && this.#items.length >= this.#recordsMax) this.#close();
  }

  /** The closed batch, else what is gathered so far; undefined when there is nothing. */
  take(): Batch<T> | undefined {
    if (this.#closed === undefined && this.#items.length > 0) this.#close();
    const batch = this.#closed;
    this.#closed = undefined;
    return batch;
  }

  /** Batches know nothing of each other: the next one does not wait for it. */
  settled(): void {}

  #close(): void {
    this.#closed = { items: this.#items, bytes: this.#bytes };
    this.#items = [];
    this.#bytes = 0;
    this.#oldestDueMs = Number.POSITIVE_INFINITY;
  }
}
