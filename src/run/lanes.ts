import { Lane } from '../send/lane.js';
import { RetryQueue } from '../send/retry.js';
import { Fifo } from './fifo.js';
import type { PendingRecord } from './pending-record.js';
import type { Places } from './placement.js';

/** A lane that was asked in vain is not asked again at the same moment, whatever its arithmetic says. */
const ASK_AGAIN_MS = 0.5;

/**
 * The ways to all shards of a stream, and the records that wait before the slowed ones. While every lane is open, no
 * record's shard is computed, and nothing here grows with the number of shards.
 */
export class Lanes {
  readonly #places: Places;
  readonly #lanes: WaitingLane[];
  readonly #byShardId: ReadonlyMap<string, WaitingLane>;
  /** Those with records that wait, by when they may go on. */
  readonly #waiting = new RetryQueue<WaitingLane>();
  #slowedCount = 0;

  constructor(places: Places) {
    this.#places = places;
    this.#lanes = Array.from({ length: Math.max(1, places.ids.length) }, () => new WaitingLane());
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
    if (lane.count === 0 && this.#mayPass(lane, nowMs)) return true;
    this.#wait(lane, nowMs);
    lane.fresh.push(record);
    return false;
  }

  /** A record that its shard threw back goes before all others of the lane. */
  putBack(record: PendingRecord, nowMs: number): void {
    const lane = this.#laneOf(record);
    this.#wait(lane, nowMs);
    lane.thrownBack.push(record);
  }

  /** @param shardId the shard that took it, where the service says so: then it need not be computed */
  accepted(record: PendingRecord, shardId: string | undefined, nowMs: number): void {
    const told = record.lane === -1 && shardId !== undefined ? this.#byShardId.get(shardId) : undefined;
    (told ?? this.#laneOf(record)).pace.accepted(1, nowMs);
  }

  throttled(record: PendingRecord, handedAtMs: number, nowMs: number): void {
    const { pace } = this.#laneOf(record);
    const wasSlowed = pace.slowed;
    pace.throttled(handedAtMs, nowMs, Math.random());
    if (pace.slowed && !wasSlowed) this.#slowedCount++;
  }

  /** A record that waited and may go now. */
  takeReady(nowMs: number): PendingRecord | undefined {
    for (let lane = this.#waiting.takeDue(nowMs); lane !== undefined; lane = this.#waiting.takeDue(nowMs)) {
      lane.pace.heldBack(nowMs);
      if (this.#mayPass(lane, nowMs)) {
        const record = lane.take();
        if (lane.count > 0) this.#waiting.push(lane, lane.pace.nextAdmissionMs(nowMs));
        return record;
      }
      this.#waiting.push(lane, Math.max(lane.pace.nextAdmissionMs(nowMs), nowMs + ASK_AGAIN_MS));
    }
    return undefined;
  }

  /** When `takeReady` is worth asking again; Infinity when nothing waits. */
  get nextReadyMs(): number {
    return this.#waiting.nextAtMs;
  }

  /** When the oldest of the records that wait was due; Infinity when none waits. */
  get oldestDueMs(): number {
    let oldestMs = Number.POSITIVE_INFINITY;
    for (const lane of this.#waiting) oldestMs = Math.min(oldestMs, lane.oldestDueMs);
    return oldestMs;
  }

  /** The record's lane; -1: any may take it, and none has. */
  indexOf(record: PendingRecord): number {
    if (record.lane === -1) record.lane = this.#places.indexOf(record);
    return record.lane;
  }

  #laneOf(record: PendingRecord): WaitingLane {
    return this.#lanes[this.indexOf(record)]!;
  }

  #mayPass({ pace }: WaitingLane, nowMs: number): boolean {
    const wasSlowed = pace.slowed;
    const may = pace.admit(nowMs);
    if (wasSlowed && !pace.slowed) this.#slowedCount--;
    return may;
  }

  #wait(lane: WaitingLane, nowMs: number): void {
    lane.pace.heldBack(nowMs);
    if (lane.count === 0) this.#waiting.push(lane, lane.pace.nextAdmissionMs(nowMs));
  }
}

class WaitingLane {
  readonly pace = new Lane();
  readonly thrownBack = new Fifo<PendingRecord>();
  readonly fresh = new Fifo<PendingRecord>();

  get count(): number {
    return this.thrownBack.count + this.fresh.count;
  }

  /** Both queues begin with what has waited longest: records come in order, and were thrown back nearly so. */
  get oldestDueMs(): number {
    const dueMs = (queue: Fifo<PendingRecord>) => queue.first?.intendedAtMs ?? Number.POSITIVE_INFINITY;
    return Math.min(dueMs(this.thrownBack), dueMs(this.fresh));
  }

  take(): PendingRecord {
    return this.thrownBack.shift() ?? this.fresh.shift()!;
  }
}
