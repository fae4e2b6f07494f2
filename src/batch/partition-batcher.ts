import type { BatchLimits } from '../core/limits.js';
import type { Batch, Batches } from './batches.js';

/**
 * Gathers records into batches that are each for one lane, and lets one batch of a lane go at a time: the next goes when
 * it is settled, so that what is sent again never comes after what was read later. Meanwhile the next one grows.
 *
 * When the oldest batch has waited long enough, all lanes that are free give theirs: they can share a request.
 */
export class PartitionBatcher<T extends { lane: number }> implements Batches<T> {
  count = 0;
  readonly #limits: BatchLimits;
  readonly #laneOf: (item: T) => number;
  readonly #lanes: Lane<T>[];
  /** Free lanes with something to give; those first that have a whole batch. */
  readonly #full: Lane<T>[] = [];
  readonly #ready = new Set<Lane<T>>();
  #oldestDueMs = Number.POSITIVE_INFINITY;
  /** Where items go that any lane may take: to one until it has a whole batch or gives one, then to the next. */
  #shared = 0;
  #mostOpen = 0;

  /** @param laneOf the lane of an item; -1: any will do. The item's `lane` is set to the one it got. */
  constructor(limits: BatchLimits, lanes: number, laneOf: (item: T) => number) {
    this.#limits = limits;
    this.#laneOf = laneOf;
    this.#lanes = Array.from({ length: lanes }, () => new Lane<T>());
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
    return this.#lanes.reduce((oldestMs, lane) => Math.min(oldestMs, lane.oldestDueMs), Number.POSITIVE_INFINITY);
  }

  add(item: T, bytes: number, dueMs: number): void {
    const wanted = this.#laneOf(item);
    item.lane = wanted === -1 ? this.#shared : wanted;
    const lane = this.#lanes[item.lane]!;
    const wasWhole = lane.hasWhole;
    const closed = lane.add(item, bytes, dueMs, this.#limits);
    if (closed && item.lane === this.#shared) this.#shareNext();
    this.count++;
    if (lane.openCount > this.#mostOpen) this.#mostOpen = lane.openCount;
    if (lane.busy) return;
    this.#ready.add(lane);
    if (dueMs < this.#oldestDueMs) this.#oldestDueMs = dueMs;
    if (lane.hasWhole && !wasWhole) this.#full.push(lane);
  }

  take(): Batch<T> | undefined {
    const lane = this.#full.shift() ?? this.#ready.values().next().value;
    if (lane === undefined) return undefined;
    const batch = lane.take();
    this.count -= batch.items.length;
    this.#ready.delete(lane);
    // Too early rather than too late: what is left was due then or later, and goes along.
    if (this.#ready.size === 0) this.#oldestDueMs = Number.POSITIVE_INFINITY;
    this.#mostOpen = 0;
    if (batch.items[0]!.lane === this.#shared) this.#shareNext();
    return batch;
  }

  settled(index: number): void {
    const lane = this.#lanes[index]!;
    lane.busy = false;
    if (lane.oldestDueMs === Number.POSITIVE_INFINITY) return;
    this.#ready.add(lane);
    if (lane.oldestDueMs < this.#oldestDueMs) this.#oldestDueMs = lane.oldestDueMs;
    if (lane.hasWhole) this.#full.push(lane);
  }

  #shareNext(): void {
    this.#shared = (this.#shared + 1) % this.#lanes.length;
  }
}

class Lane<T> {
  /** A batch of it was taken, and is not settled. */
  busy = false;
  readonly #whole: OpenBatch<T>[] = [];
  #open = new OpenBatch<T>();

  get hasWhole(): boolean {
    return this.#whole.length > 0;
  }

  get openCount(): number {
    return this.#open.items.length;
  }

  get oldestDueMs(): number {
    return Math.min(this.#whole[0]?.oldestDueMs ?? Number.POSITIVE_INFINITY, this.#open.oldestDueMs);
  }

  /** Returns whether a batch became whole. */
  add(item: T, bytes: number, dueMs: number, { batchRecordsMax, batchBytesMax }: BatchLimits): boolean {
    const before = this.#whole.length;
    if (this.openCount > 0 && this.#open.bytes + bytes > batchBytesMax) this.#close();
    this.#open.items.push(item);
    this.#open.bytes += bytes;
    if (dueMs < this.#open.oldestDueMs) this.#open.oldestDueMs = dueMs;
    if (this.openCount >= batchRecordsMax) this.#close();
    return this.#whole.length > before;
  }

  take(): Batch<T> {
    if (this.#whole.length === 0) this.#close();
    this.busy = true;
    return this.#whole.shift()!;
  }

  #close(): void {
    this.#whole.push(this.#open);
    this.#open = new OpenBatch();
  }
}

class OpenBatch<T> implements Batch<T> {
  readonly items: T[] = [];
  bytes = 0;
  oldestDueMs = Number.POSITIVE_INFINITY;
}
