import type { BatchLimits } from '../core/limits.js';
import type { Batch, Batches } from './batches.js';

/**
 * Gathers records into batches for one partition each. At most one batch of a partition is in flight. Further records
 * of the partition wait until it is settled, so a retry never arrives after records that were read later.
 *
 * When the oldest batch has waited long enough, the batches of all idle partitions may go, and can share a request.
 */
export class PartitionBatcher<T extends { shardIndex: number }> implements Batches<T> {
  count = 0;
  readonly #limits: BatchLimits;
  readonly #indexOf: (item: T) => number;
  readonly #partitions: Partition<T>[];
  /** Idle partitions that have a full batch. They go first. */
  readonly #full: Partition<T>[] = [];
  /** Idle partitions with at least one record. */
  readonly #ready = new Set<Partition<T>>();
  #oldestDueMs = Number.POSITIVE_INFINITY;
  /**
   * The partition that gets the records that may go to any, until its batch is full or taken. Then the next one does.
   */
  #shared = 0;
  /** The most records that an open batch had when one was added, since the last `take`. */
  #mostOpen = 0;

  /**
   * @param indexOf the partition of a record; -1 if any will do. `add` sets the record's `shardIndex` to the one
   *                chosen.
   */
  constructor(limits: BatchLimits, partitions: number, indexOf: (item: T) => number) {
    this.#limits = limits;
    this.#indexOf = indexOf;
    this.#partitions = Array.from({ length: partitions }, () => new Partition<T>());
  }

  get full(): boolean {
    return this.#full.length > 0;
  }

  get empty(): boolean {
    return this.#ready.size === 0;
  }

  get toFill(): number {
    return this.#limits.batchRecordsMax - this.#mostOpen;
  }

  get oldestDueMs(): number {
    return this.#oldestDueMs;
  }

  get oldestHeldMs(): number {
    return this.#partitions.reduce((oldestMs, one) => Math.min(oldestMs, one.oldestDueMs), Number.POSITIVE_INFINITY);
  }

  add(item: T, bytes: number, dueMs: number): void {
    const wanted = this.#indexOf(item);
    item.shardIndex = wanted === -1 ? this.#shared : wanted;
    const partition = this.#partitions[item.shardIndex]!;
    const hadFull = partition.hasFull;
    const closed = partition.add(item, bytes, dueMs, this.#limits);
    if (closed && item.shardIndex === this.#shared) this.#shareNext();
    this.count++;
    if (partition.openCount > this.#mostOpen) this.#mostOpen = partition.openCount;
    if (partition.busy) return;
    this.#ready.add(partition);
    if (dueMs < this.#oldestDueMs) this.#oldestDueMs = dueMs;
    if (partition.hasFull && !hadFull) this.#full.push(partition);
  }

  take(): Batch<T> | undefined {
    const partition = this.#full.shift() ?? this.#ready.values().next().value;
    if (partition === undefined) return undefined;
    const batch = partition.take();
    this.count -= batch.items.length;
    this.#ready.delete(partition);
    // While other batches are ready, the time is kept, although it may be that of the batch just taken: the others have
    // the same time or a later one, so it can only be too early.
    if (this.#ready.size === 0) this.#oldestDueMs = Number.POSITIVE_INFINITY;
    this.#mostOpen = 0;
    if (batch.items[0]!.shardIndex === this.#shared) this.#shareNext();
    return batch;
  }

  settled(shardIndex: number): void {
    const partition = this.#partitions[shardIndex]!;
    partition.busy = false;
    if (partition.oldestDueMs === Number.POSITIVE_INFINITY) return;
    this.#ready.add(partition);
    if (partition.oldestDueMs < this.#oldestDueMs) this.#oldestDueMs = partition.oldestDueMs;
    if (partition.hasFull) this.#full.push(partition);
  }

  #shareNext(): void {
    this.#shared = (this.#shared + 1) % this.#partitions.length;
  }
}

class Partition<T> {
  /** One of its batches was taken and is not settled. */
  busy = false;
  readonly #full: OpenBatch<T>[] = [];
  #open = new OpenBatch<T>();

  get hasFull(): boolean {
    return this.#full.length > 0;
  }

  get openCount(): number {
    return this.#open.items.length;
  }

  get oldestDueMs(): number {
    return Math.min(this.#full[0]?.oldestDueMs ?? Number.POSITIVE_INFINITY, this.#open.oldestDueMs);
  }

  /** Returns true if this closed a batch. */
  add(item: T, bytes: number, dueMs: number, { batchRecordsMax, batchBytesMax }: BatchLimits): boolean {
    const before = this.#full.length;
    if (this.openCount > 0 && this.#open.bytes + bytes > batchBytesMax) this.#close();
    this.#open.items.push(item);
    this.#open.bytes += bytes;
    if (dueMs < this.#open.oldestDueMs) this.#open.oldestDueMs = dueMs;
    if (this.openCount >= batchRecordsMax) this.#close();
    return this.#full.length > before;
  }

  take(): Batch<T> {
    if (this.#full.length === 0) this.#close();
    this.busy = true;
    return this.#full.shift()!;
  }

  #close(): void {
    this.#full.push(this.#open);
    this.#open = new OpenBatch();
  }
}

class OpenBatch<T> implements Batch<T> {
  readonly items: T[] = [];
  bytes = 0;
  oldestDueMs = Number.POSITIVE_INFINITY;
}
