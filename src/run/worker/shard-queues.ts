import { KINESIS_LIMITS } from '../../core/limits.js';
import { RetryQueue, throttlePauseMs } from '../../send/retry.js';
import { nextTurnMs, ShardPace, shardUnits } from '../../send/shard-pace.js';
import type { Partitioner } from '../../target/partitioner.js';
import { Fifo } from './fifo.js';
import type { PendingRecord } from './pending-record.js';

/**
 * The pace of each shard, and the records that wait for a throttled one. While no shard throttles, kload computes no
 * record's shard, and nothing here costs more for a stream of many shards.
 */
export class ShardQueues {
  readonly #partitioner: Partitioner;
  readonly #queues: ShardQueue[];
  readonly #queueById: ReadonlyMap<string, ShardQueue>;
  /** Queues that hold records, by when their first record may go. */
  readonly #waiting = new RetryQueue<ShardQueue>();
  /** Throttled records, by when their pauses end. */
  readonly #pausing = new RetryQueue<PendingRecord>();
  #slowedCount = 0;
  /** When `takeReady` next looks at the waiting queues. */
  #turnMs = Number.NEGATIVE_INFINITY;

  /** @param workers the number of workers in the run: each assumes an equal part of a shard's limits */
  constructor(partitioner: Partitioner, workers: number) {
    this.#partitioner = partitioner;
    const documented = KINESIS_LIMITS.shardRecordsPerSecond / workers;
    this.#queues = Array.from({ length: Math.max(1, partitioner.ids.length) }, () => new ShardQueue(documented));
    this.#queueById = new Map(partitioner.ids.map((id, index) => [id, this.#queues[index]!]));
  }

  /** Shards that are paced now. */
  get slowedCount(): number {
    return this.#slowedCount;
  }

  /** True if a record that has come due may go now. If not, it waits here, and `takeReady` returns it later. */
  admit(record: PendingRecord, nowMs: number): boolean {
    if (this.#slowedCount === 0 && this.#waiting.size === 0) return true;
    const queue = this.#queueOf(record);
    if (queue.count === 0 && this.#mayPass(queue, record, nowMs)) return true;
    this.#wait(queue, queue.fresh, record, nowMs);
    return false;
  }

  /**
   * Puts a throttled record back. It may go again after a pause with jitter, before the other records of its shard.
   *
   * @param random from [0, 1), the same for all records of a batch, so that they share a request again
   */
  putBack(record: PendingRecord, nowMs: number, random: number): void {
    this.#pausing.push(record, nowMs + throttlePauseMs(record.offered, random));
  }

  /** A shard accepted the record. @param shardId that shard, if the service reported it. This saves computing it. */
  accepted(record: PendingRecord, shardId: string | undefined, nowMs: number): void {
    const reported = record.shardIndex === -1 && shardId !== undefined ? this.#queueById.get(shardId) : undefined;
    const { pace } = reported ?? this.#queueOf(record);
    pace.accepted(shardUnits(record.bytes), nowMs);
  }

  /** The record's shard throttled it. */
  throttled(record: PendingRecord, nowMs: number): void {
    const { pace } = this.#queueOf(record);
    if (!pace.active) this.#slowedCount++;
    pace.refused(shardUnits(record.bytes), nowMs, Math.random());
  }

  /** Returns a record that waited and may go now. */
  takeReady(nowMs: number): PendingRecord | undefined {
    for (let record = this.#pausing.takeDue(nowMs); record !== undefined; record = this.#pausing.takeDue(nowMs)) {
      const queue = this.#queueOf(record);
      if (queue.count === 0 && this.#mayPass(queue, record, nowMs)) return record;
      this.#wait(queue, queue.throttled, record, nowMs);
    }
    for (let queue = this.#waiting.takeDue(nowMs); queue !== undefined; queue = this.#waiting.takeDue(nowMs)) {
      if (this.#mayPass(queue, queue.first, nowMs)) {
        const record = queue.take();
        if (queue.count === 0) queue.pace.waits(false, nowMs);
        else this.#waiting.push(queue, nowMs);
        return record;
      }
      this.#waitForTurn(queue, nowMs);
    }
    return undefined;
  }

  /** When to call `takeReady` again; Infinity when nothing waits. */
  get nextReadyMs(): number {
    return Math.min(this.#waiting.nextAtMs, this.#pausing.nextAtMs);
  }

  /** The earliest intended time of the waiting records; Infinity when none waits. */
  get oldestDueMs(): number {
    let oldestMs = Number.POSITIVE_INFINITY;
    for (const queue of this.#waiting) oldestMs = Math.min(oldestMs, queue.oldestDueMs);
    for (const { intendedAtMs } of this.#pausing) oldestMs = Math.min(oldestMs, intendedAtMs);
    return oldestMs;
  }

  #queueOf(record: PendingRecord): ShardQueue {
    return this.#queues[record.shardIndexIn(this.#partitioner)]!;
  }

  #mayPass({ pace }: ShardQueue, { bytes }: PendingRecord, nowMs: number): boolean {
    const wasActive = pace.active;
    const may = pace.admit(shardUnits(bytes), nowMs);
    if (wasActive && !pace.active) this.#slowedCount--;
    return may;
  }

  #waitForTurn(queue: ShardQueue, nowMs: number): void {
    if (nowMs >= this.#turnMs) this.#turnMs = nextTurnMs(nowMs, Math.random());
    this.#waiting.push(queue, Math.max(queue.pace.nextAdmissionMs(nowMs), this.#turnMs));
  }

  #wait(queue: ShardQueue, records: Fifo<PendingRecord>, record: PendingRecord, nowMs: number): void {
    if (queue.count === 0) {
      queue.pace.waits(true, nowMs);
      this.#waitForTurn(queue, nowMs);
    }
    records.push(record);
  }
}

class ShardQueue {
  readonly pace: ShardPace;
  /** Throttled records. They go before the fresh ones. */
  readonly throttled = new Fifo<PendingRecord>();
  readonly fresh = new Fifo<PendingRecord>();

  constructor(documented: number) {
    this.pace = new ShardPace(documented);
  }

  get count(): number {
    return this.throttled.count + this.fresh.count;
  }

  /** Looks at the first records only: records arrive in order, and are put back nearly in order. */
  get oldestDueMs(): number {
    const dueMs = (records: Fifo<PendingRecord>) => records.first?.intendedAtMs ?? Number.POSITIVE_INFINITY;
    return Math.min(dueMs(this.throttled), dueMs(this.fresh));
  }

  get first(): PendingRecord {
    return this.throttled.first ?? this.fresh.first!;
  }

  take(): PendingRecord {
    return this.throttled.shift() ?? this.fresh.shift()!;
  }
}
