import type { ShardMap } from '../route/shard-map.js';
import { Lane } from '../send/lane.js';
import type { PendingRecord } from './pending-record.js';

/** The ways to all shards of a stream, and the records that wait before the slowed ones. */
export class Lanes {
  readonly #shards: ShardMap;
  readonly #lanes: WaitingLane[];
  /** Those with records that wait. */
  readonly #waiting: WaitingLane[] = [];
  #cursor = 0;
  #nextReadyMs = Number.POSITIVE_INFINITY;

  constructor(shards: ShardMap) {
    this.#shards = shards;
    this.#lanes = Array.from({ length: Math.max(1, shards.shards.length) }, () => new WaitingLane());
  }

  get slowedCount(): number {
    let slowed = 0;
    for (const { pace } of this.#lanes) if (pace.slowed) slowed++;
    return slowed;
  }

  /** The id of the shard that the record is for; undefined for targets without shards. */
  shardId(record: PendingRecord): string | undefined {
    return this.#shards.shards[record.lane]?.id;
  }

  /** Whether a record that has come due may go now; if not, it waits in its lane and `takeReady` will give it. */
  admit(record: PendingRecord, nowMs: number): boolean {
    record.lane = this.#shards.indexOf(record.key);
    const lane = this.#lanes[record.lane]!;
    if (lane.count === 0 && lane.pace.admit(nowMs)) return true;
    this.#wait(lane, nowMs);
    lane.fresh.push(record);
    return false;
  }

  /** A record that its shard threw back goes before all others of the lane. */
  putBack(record: PendingRecord, nowMs: number): void {
    const lane = this.#lanes[record.lane]!;
    this.#wait(lane, nowMs);
    lane.thrownBack.push(record);
  }

  accepted(record: PendingRecord, nowMs: number): void {
    this.#lanes[record.lane]!.pace.accepted(1, nowMs);
  }

  throttled(record: PendingRecord, handedAtMs: number, nowMs: number): void {
    this.#lanes[record.lane]!.pace.throttled(handedAtMs, nowMs, Math.random());
  }

  /** A record that waited and may go now. */
  takeReady(nowMs: number): PendingRecord | undefined {
    if (nowMs < this.#nextReadyMs) return undefined;
    for (let tried = 0; tried < this.#waiting.length; tried++) {
      if (this.#cursor >= this.#waiting.length) this.#cursor = 0;
      const lane = this.#waiting[this.#cursor]!;
      if (lane.pace.admit(nowMs)) return this.#take(lane);
      this.#cursor++;
    }
    this.#nextReadyMs = this.#earliest(nowMs);
    return undefined;
  }

  /** When `takeReady` is worth asking again; Infinity when nothing waits. */
  get nextReadyMs(): number {
    return this.#nextReadyMs;
  }

  #wait(lane: WaitingLane, nowMs: number): void {
    if (lane.count === 0) this.#waiting.push(lane);
    this.#nextReadyMs = Math.min(this.#nextReadyMs, lane.pace.nextAdmissionMs(nowMs));
  }

  #take(lane: WaitingLane): PendingRecord {
    const record = lane.thrownBack.shift() ?? lane.fresh.shift()!;
    if (lane.count === 0) {
      this.#waiting.splice(this.#cursor, 1);
      if (this.#waiting.length === 0) this.#nextReadyMs = Number.POSITIVE_INFINITY;
    }
    return record;
  }

  #earliest(nowMs: number): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (const lane of this.#waiting) earliest = Math.min(earliest, lane.pace.nextAdmissionMs(nowMs));
    return earliest;
  }
}

class WaitingLane {
  readonly pace = new Lane();
  readonly thrownBack = new Fifo<PendingRecord>();
  readonly fresh = new Fifo<PendingRecord>();

  get count(): number {
    return this.thrownBack.count + this.fresh.count;
  }
}

/** First in, first out, without moving all that is behind at every take. */
class Fifo<T> {
  #items: T[] = [];
  #head = 0;

  get count(): number {
    return this.#items.length - this.#head;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  shift(): T | undefined {
    if (this.count === 0) return undefined;
    const item = this.#items[this.#head++];
    // Letting go of the taken half at a time keeps a take cheap and what was taken collectable.
    if (this.#head > 512 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }
}
