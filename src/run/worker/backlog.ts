import { Batcher } from '../../batch/batcher.js';
import type { Batches } from '../../batch/batches.js';
import { PartitionBatcher } from '../../batch/partition-batcher.js';
import { RetryQueue } from '../../send/retry.js';
import type { TargetKind } from '../../target/kind.js';
import type { Partitioner } from '../../target/partitioner.js';
import type { SenderTask } from '../between/messages.js';
import type { PackedRecords } from '../between/packed-records.js';
import { DueQueue } from './due-queue.js';
import { KeyOrder } from './key-order.js';
import { PackMaker } from './pack-maker.js';
import type { HeldPack, PendingRecord } from './pending-record.js';
import { ShardQueues } from './shard-queues.js';

/**
 * All records that a worker holds and that are not in flight. It decides which go next: some are not due yet, some wait
 * for an earlier record of their key or for a throttled shard, some are gathered into batches, some wait for a retry.
 */
export class Backlog {
  readonly #partitioner: Partitioner;
  readonly #due: DueQueue;
  readonly #shards: ShardQueues;
  /** Whether a batch is for one shard, and is accepted or refused as a whole. */
  readonly #sendsWhole: boolean;
  /** Whether the attributes of a record count toward a batch. */
  readonly #attributesCount: boolean;
  /** undefined if records of a key may overtake each other, or if whole batches are resent in order. */
  readonly #keyOrder: KeyOrder | undefined;
  readonly #batches: Batches<PendingRecord>;
  readonly #retries = new RetryQueue<PendingRecord>();
  /** Refused batches of one shard each. They are sent again unchanged. */
  readonly #batchRetries = new RetryQueue<readonly PendingRecord[]>();
  /**
   * Set when a batch is refused, until a new batch is taken. That one goes before those that are sent again: batches
   * for a dead broker are due all the time, and would block the others.
   */
  #newFirst = false;
  readonly #lingerMs: number;
  readonly #overheadBytes: number;

  constructor(task: SenderTask, { unit, record, partitioner }: TargetKind) {
    const { workers, limits, recordOverheadBytes, ordered, lingerMs, made } = task;
    this.#due = new DueQueue(made && new PackMaker(made));
    this.#partitioner = partitioner(task.target);
    this.#shards = new ShardQueues(this.#partitioner, workers);
    this.#sendsWhole = unit === 'batch';
    this.#attributesCount = record.attributesCount;
    this.#keyOrder = ordered && !this.#sendsWhole ? new KeyOrder() : undefined;
    this.#batches = this.#sendsWhole
      ? new PartitionBatcher(limits, this.#partitioner.ids.length, (one) => one.shardIndexIn(this.#partitioner))
      : new Batcher(limits);
    this.#lingerMs = lingerMs;
    this.#overheadBytes = recordOverheadBytes;
  }

  /** Records that wait for an earlier record of their key. */
  get waitingForKey(): number {
    return this.#keyOrder?.waiting ?? 0;
  }

  /** Shards that are paced now, because they throttled. */
  get slowedShards(): number {
    return this.#shards.slowedCount;
  }

  /** Adds records from the main thread. */
  add(records: PackedRecords): HeldPack {
    return this.#due.add(records);
  }

  /** The shard that takes the record; undefined for a target without shards. */
  shardIdOf(record: PendingRecord): string | undefined {
    return this.#partitioner.ids[record.shardIndexIn(this.#partitioner)];
  }

  /** The shard of the whole batch; undefined if a batch may be for any shards. */
  shardIdOfBatch(batch: readonly PendingRecord[]): string | undefined {
    return this.#sendsWhole ? this.shardIdOf(batch[0]!) : undefined;
  }

  /**
   * Takes the next batch, if one may be sent.
   *
   * @param batchesInFlight requests that wait for their responses
   * @param lastOf          the number of records that the worker holds, once no more will come; undefined before. A
   *                        batch of all of them, except those that wait for their key, does not wait to be filled.
   */
  takeBatch(nowMs: number, batchesInFlight: number, lastOf: number | undefined): readonly PendingRecord[] | undefined {
    const fresh = this.#newFirst ? this.#takeGathered(nowMs, batchesInFlight, lastOf) : undefined;
    return fresh ?? this.#batchRetries.takeDue(nowMs) ?? this.#takeGathered(nowMs, batchesInFlight, lastOf);
  }

  /** When to call `takeBatch` again, if nothing happens before. */
  get nextEventMs(): number {
    return Math.min(
      this.#batches.oldestDueMs + this.#lingerMs,
      this.#due.dueMs() + this.#lingerMs,
      this.#due.dueMs(this.#batches.toFill - 1),
      this.#retries.nextAtMs,
      this.#batchRetries.nextAtMs,
      this.#shards.nextReadyMs,
    );
  }

  /** How late the record with the earliest intended time is; 0 if no record is late, or if there is no schedule. */
  behindMs(nowMs: number): number {
    const oldestMs = this.#oldestDueMs;
    return Number.isFinite(oldestMs) ? Math.max(0, nowMs - oldestMs) : 0;
  }

  get #oldestDueMs(): number {
    const waitingMs = this.#keyOrder?.oldestDueMs ?? Number.POSITIVE_INFINITY;
    let oldestMs = Math.min(waitingMs, this.#due.dueMs(), this.#batches.oldestHeldMs, this.#shards.oldestDueMs);
    for (const record of this.#retries) oldestMs = Math.min(oldestMs, record.intendedAtMs);
    for (const [first] of this.#batchRetries) oldestMs = Math.min(oldestMs, first!.intendedAtMs);
    return oldestMs;
  }

  /** A record was sent. @param shardId the shard that took it, if known */
  accepted(record: PendingRecord, shardId: string | undefined, nowMs: number): void {
    this.#shards.accepted(record, shardId, nowMs);
  }

  /**
   * The record's shard throttled it: starts a pace for the shard. Partitions need none: they get one batch at a time.
   */
  throttled(record: PendingRecord, nowMs: number): void {
    if (!this.#sendsWhole) this.#shards.throttled(record, nowMs);
  }

  /** Puts a refused record back, to be sent again at `atMs` or later. */
  retry(record: PendingRecord, atMs: number): void {
    this.#retries.push(record, atMs);
  }

  /** Puts a throttled record back until its shard has room. @param random from [0, 1), the same for a whole batch */
  retryThrottled(record: PendingRecord, nowMs: number, random: number): void {
    this.#shards.putBack(record, nowMs, random);
  }

  /** Whether a refused batch is sent again unchanged, before any other batch of its shard. */
  get retriesWholeBatches(): boolean {
    return this.#sendsWhole;
  }

  /** Puts a refused batch back, to be sent again at `atMs` or later. */
  retryBatch(batch: readonly PendingRecord[], atMs: number): void {
    this.#batchRetries.push(batch, atMs);
    this.#newFirst = true;
  }

  /** Each record of the batch was sent, given up, or put back on its own. The next batch of its shard may go. */
  batchSettled(shardIndex: number): void {
    this.#batches.settled(shardIndex);
  }

  /** The record was sent or given up. The next record of its key may go. */
  settled(record: PendingRecord): void {
    this.#keyOrder?.settled(record);
  }

  /** Makes all records that were taken from their packs due later. */
  delayTaken(ms: number): void {
    this.#due.delayTaken(ms);
  }

  /** Takes a settled record back for reuse, once nothing refers to it. */
  recycle(record: PendingRecord): void {
    this.#due.recycle(record);
  }

  #takeGathered(
    nowMs: number,
    batchesInFlight: number,
    lastOf: number | undefined,
  ): readonly PendingRecord[] | undefined {
    this.#fill(nowMs);
    if (!this.#batchIsDue(nowMs, batchesInFlight, lastOf)) return undefined;
    this.#newFirst = false;
    return this.#batches.take()?.items;
  }

  /**
   * Moves records into batches: first failed ones and those that waited for a shard, then those that waited for a key
   * or are due.
   */
  #fill(nowMs: number): void {
    while (!this.#batches.full) {
      const again = this.#retries.takeDue(nowMs) ?? this.#shards.takeReady(nowMs);
      if (again === undefined) break;
      this.#gather(again, nowMs);
    }
    while (!this.#batches.full) {
      const waited = this.#keyOrder?.takeReady();
      const record = waited ?? this.#due.takeDue(nowMs);
      if (record === undefined) return;
      if (waited === undefined && this.#keyOrder?.admit(record) === false) continue;
      record.takeTurn(nowMs);
      if (!this.#shards.admit(record, nowMs)) continue;
      this.#gather(record, waited === undefined ? record.intendedAtMs : nowMs);
    }
  }

  #gather(record: PendingRecord, dueMs: number): void {
    const attributesBytes = this.#attributesCount ? record.attributesBytes : 0;
    this.#batches.add(record, record.bytes + attributesBytes + this.#overheadBytes, dueMs);
  }

  #batchIsDue(nowMs: number, batchesInFlight: number, lastOf: number | undefined): boolean {
    const batches = this.#batches;
    if (batches.full) return true;
    if (batches.empty) return false;
    if (nowMs >= batches.oldestDueMs + this.#lingerMs) return true;
    // Records that wait for their key can only go after a response. If no request is in flight, only this batch can
    // bring one.
    const waiting = this.waitingForKey;
    return (waiting > 0 && batchesInFlight === 0) || batches.count + waiting === lastOf;
  }
}
