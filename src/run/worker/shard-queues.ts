import { KINESIS_LIMITS } from '../../core/limits.js';
import { RetryQueue, throttlePauseMs } from '../../send/retry.js';
import { nextTurnMs, ShardPace, shardUnits } from '../../send/shard-pace.js';
import type { Places } from '../between/partitioner.js';
import { Fifo } from './fifo.js';
import type { PendingRecord } from './pending-record.js';

/**
 * The ways to all shards of a stream, and the records that wait before the slowed ones. While every lane is open, no
 * record's shard is computed, and nothing here grows with the number of shards.
 */
export class ShardQueues {
  readonly #places: Places;
  readonly #lanes: ShardQueue[];
  readonly #byShardId: ReadonlyMap<string, ShardQueue>;
  /** Those with records that wait, by when they may go on. */
  readonly #waiting = new RetryQueue<ShardQueue>();
  /** Records that their shards threw back, by when their pauses end. */
  readonly #pausing = new RetryQueue<PendingRecord>();
  #slowedCount = 0;
  /** When records that wait are looked at next. */
  #turnMs = Number.NEGATIVE_INFINITY;

  /** @param workers of the run: each counts on its part of what a shard takes */
  constructor(places: Places, workers: number) {
    this.#places = places;
    const documented = KINESIS_LIMITS.shardRecordsPerSecond / workers;
    this.#lanes = Array.from({ length: Math.max(1, places.ids.length) }, () => new ShardQueue(documented));
    this.#byShardId = new Map(places.ids.map((id, index) => [id, this.#lanes[index]!]));
  }

  get slowedCount(): number {
    return this.#slowedCount;
  }

  /** The id of the shard that the record is for; undefined for targets without shards. */
  shardId(record: PendingRecord): string | undefined {
    return this.#places.ids[this.indexOf(record)];
  }

  /** Whether a record that has come due may go now; if not, it waits in its lane and `takeReady` will give it. */
  admit(record: PendingRecord, nowMs: number): boolean {
    if (this.#slowedCount === 0 && this.#waiting.size === 0) return true;
    const lane = this.#laneOf(record);
    if (lane.count === 0 && this.#mayPass(lane, record, nowMs)) return true;
    this.#wait(lane, lane.fresh, record, nowMs);
    return false;
  }

  /**
   * A record that its shard threw back goes again after a pause with jitter, and before all others of its lane.
   * @param random from [0, 1), the same for all that were thrown back together: they share a request again
   */
  putBack(record: PendingRecord, nowMs: number, random: number): void {
    this.#pausing.push(record, nowMs + throttlePauseMs(record.offered, random));
  }

  /** @param shardId the shard that took it, where the service says so: then it need not be computed */
  accepted(record: PendingRecord, shardId: string | undefined, nowMs: number): void {
    const told = record.lane === -1 && shardId !== undefined ? this.#byShardId.get(shardId) : undefined;
    const { pace } = told ?? this.#laneOf(record);
    pace.accepted(shardUnits(record.bytes), nowMs);
  }

  /** Its shard throttled a record. */
  refused(record: PendingRecord, nowMs: number): void {
    const { pace } = this.#laneOf(record);
    if (!pace.active) this.#slowedCount++;
    pace.refused(shardUnits(record.bytes), nowMs, Math.random());
  }

  /** A record that waited and may go now. */
  takeReady(nowMs: number): PendingRecord | undefined {
    for (let record = this.#pausing.takeDue(nowMs); record !== undefined; record = this.#pausing.takeDue(nowMs)) {
      const lane = this.#laneOf(record);
      if (lane.count === 0 && this.#mayPass(lane, record, nowMs)) return record;
      this.#wait(lane, lane.thrownBack, record, nowMs);
    }
    for (let lane = this.#waiting.takeDue(nowMs); lane !== undefined; lane = this.#waiting.takeDue(nowMs)) {
      if (this.#mayPass(lane, lane.first, nowMs)) {
        const record = lane.take();
        if (lane.count === 0) lane.pace.waits(false, nowMs);
        else this.#waiting.push(lane, nowMs);
        return record;
      }
      this.#waitForTurn(lane, nowMs);
    }
    return undefined;
  }

  /** When `takeReady` is worth asking again; Infinity when nothing waits. */
  get nextReadyMs(): number {
    return Math.min(this.#waiting.nextAtMs, this.#pausing.nextAtMs);
  }

  /** When the oldest of the records that wait was due; Infinity when none waits. */
  get oldestDueMs(): number {
    let oldestMs = Number.POSITIVE_INFINITY;
    for (const lane of this.#waiting) oldestMs = Math.min(oldestMs, lane.oldestDueMs);
    for (const { intendedAtMs } of this.#pausing) oldestMs = Math.min(oldestMs, intendedAtMs);
    return oldestMs;
  }

  /** The record's lane; -1: any may take it, and none has. */
  indexOf(record: PendingRecord): number {
    if (record.lane === -1) record.lane = this.#places.indexOf(record);
    return record.lane;
  }

  #laneOf(record: PendingRecord): ShardQueue {
    return this.#lanes[this.indexOf(record)]!;
  }

  #mayPass({ pace }: ShardQueue, { bytes }: PendingRecord, nowMs: number): boolean {
    const wasActive = pace.active;
    const may = pace.admit(shardUnits(bytes), nowMs);
    if (wasActive && !pace.active) this.#slowedCount--;
    return may;
  }

  #waitForTurn(lane: ShardQueue, nowMs: number): void {
    if (nowMs >= this.#turnMs) this.#turnMs = nextTurnMs(nowMs, Math.random());
    this.#waiting.push(lane, Math.max(lane.pace.nextAdmissionMs(nowMs), this.#turnMs));
  }

  #wait(lane: ShardQueue, queue: Fifo<PendingRecord>, record: PendingRecord, nowMs: number): void {
    if (lane.count === 0) {
      lane.pace.waits(true, nowMs);
      this.#waitForTurn(lane, nowMs);
    }
    queue.push(record);
  }
}

class ShardQueue {
  readonly pace: ShardPace;
  readonly thrownBack = new Fifo<PendingRecord>();
  readonly fresh = new Fifo<PendingRecord>();

  constructor(documented: number) {
    this.pace = new ShardPace(documented);
  }

  get count(): number {
    return this.thrownBack.count + this.fresh.count;
  }

  /** Both queues begin with what has waited longest: records come in order, and were thrown back nearly so. */
  get oldestDueMs(): number {
    const dueMs = (queue: Fifo<PendingRecord>) => queue.first?.intendedAtMs ?? Number.POSITIVE_INFINITY;
    return Math.min(dueMs(this.thrownBack), dueMs(this.fresh));
  }

  get first(): PendingRecord {
    return this.thrownBack.first ?? this.fresh.first!;
  }

  take(): PendingRecord {
    return this.thrownBack.shift() ?? this.fresh.shift()!;
  }
}
