import { Batcher } from '../../batch/batcher.js';
import type { Batches } from '../../batch/batches.js';
import { PartitionBatcher } from '../../batch/partition-batcher.js';
import { RetryQueue } from '../../send/retry.js';
import type { SenderTask } from '../between/messages.js';
import { placesOf } from '../between/partitioner.js';
import { DueQueue } from './due-queue.js';
import { KeyOrder } from './key-order.js';
import type { PendingRecord } from './pending-record.js';
import { ShardQueues } from './shard-queues.js';

/**
 * All that a worker holds and has not handed over, and what of it may go next: records whose time has not come, that wait
 * for another of their key or before a slowed shard, that are gathered into batches, or that are to go again.
 */
export class Backlog {
  readonly inbox = new DueQueue();
  readonly lanes: ShardQueues;
  /** Whether a batch is for one shard, and taken or refused as a whole. */
  readonly byShard: boolean;
  /** undefined: records of a key may overtake each other, or their batches keep them in order. */
  readonly #keyOrder: KeyOrder | undefined;
  readonly #batches: Batches<PendingRecord>;
  readonly #retries = new RetryQueue<PendingRecord>();
  /** Batches of one shard that were refused, and go again as they are. */
  readonly #resends = new RetryQueue<readonly PendingRecord[]>();
  /** One was refused since another was taken: those of a broker that is away are always due, and must not keep the others. */
  #othersFirst = false;
  readonly #lingerMs: number;
  readonly #overheadBytes: number;

  constructor({ placement, workers, limits, recordOverheadBytes, ordered, lingerMs }: SenderTask) {
    const places = placesOf(placement);
    this.lanes = new ShardQueues(places, workers);
    this.byShard = placement.kind === 'partitions';
    this.#keyOrder = ordered && !this.byShard ? new KeyOrder() : undefined;
    this.#batches = this.byShard
      ? new PartitionBatcher(limits, places.ids.length, (record) => this.lanes.indexOf(record))
      : new Batcher(limits);
    this.#lingerMs = lingerMs;
    this.#overheadBytes = recordOverheadBytes;
  }

  get waitingForKey(): number {
    return this.#keyOrder?.waiting ?? 0;
  }

  /**
   * The batch that may go now.
   *
   * @param lastOf all that the worker holds, where nothing more will come: what is left then waits for no others
   */
  takeBatch(nowMs: number, batchesInFlight: number, lastOf: number | undefined): readonly PendingRecord[] | undefined {
    const other = this.#othersFirst ? this.#takeGathered(nowMs, batchesInFlight, lastOf) : undefined;
    return other ?? this.#resends.takeDue(nowMs) ?? this.#takeGathered(nowMs, batchesInFlight, lastOf);
  }

  /** When asking for a batch again is worth it, if nothing else happens. */
  get nextEventMs(): number {
    return Math.min(
      this.#batches.oldestDueMs + this.#lingerMs,
      this.inbox.dueMs() + this.#lingerMs,
      this.inbox.dueMs(this.#batches.toFill - 1),
      this.#retries.nextAtMs,
      this.#resends.nextAtMs,
      this.lanes.nextReadyMs,
    );
  }

  /** When the oldest of the records was due; Infinity when there is none. */
  get oldestDueMs(): number {
    const waitingMs = this.#keyOrder?.oldestDueMs ?? Number.POSITIVE_INFINITY;
    let oldestMs = Math.min(waitingMs, this.inbox.dueMs(), this.#batches.oldestHeldMs, this.lanes.oldestDueMs);
    for (const record of this.#retries) oldestMs = Math.min(oldestMs, record.intendedAtMs);
    for (const [first] of this.#resends) oldestMs = Math.min(oldestMs, first!.intendedAtMs);
    return oldestMs;
  }

  /** A record of a batch goes again, from that time on. */
  retry(record: PendingRecord, atMs: number): void {
    this.#retries.push(record, atMs);
  }

  /** The same for a batch of one shard: nothing else goes there before. */
  resend(batch: readonly PendingRecord[], atMs: number): void {
    this.#resends.push(batch, atMs);
    this.#othersFirst = true;
  }

  /** Each record of a batch was sent, given up, or goes again by itself: it holds its lane no longer. */
  batchSettled(lane: number): void {
    this.#batches.settled(lane);
  }

  /** A record was sent or given up. */
  settled(record: PendingRecord): void {
    this.#keyOrder?.settled(record);
  }

  #takeGathered(
    nowMs: number,
    batchesInFlight: number,
    lastOf: number | undefined,
  ): readonly PendingRecord[] | undefined {
    this.#fill(nowMs);
    if (!this.#batchIsDue(nowMs, batchesInFlight, lastOf)) return undefined;
    this.#othersFirst = false;
    return this.#batches.take()?.items;
  }

  /** Moves what may go now into batches: first what was held back or failed, then what waited for its key or has come due. */
  #fill(nowMs: number): void {
    while (!this.#batches.full) {
      const again = this.#retries.takeDue(nowMs) ?? this.lanes.takeReady(nowMs);
      if (again === undefined) break;
      this.#add(again, nowMs);
    }
    while (!this.#batches.full) {
      const waited = this.#keyOrder?.takeReady();
      const record = waited ?? this.inbox.takeDue(nowMs);
      if (record === undefined) return;
      if (waited === undefined && this.#keyOrder?.admit(record) === false) continue;
      record.takeTurn(nowMs);
      if (!this.lanes.admit(record, nowMs)) continue;
      this.#add(record, waited === undefined ? record.intendedAtMs : nowMs);
    }
  }

  #add(record: PendingRecord, dueMs: number): void {
    const attributesBytes = this.byShard ? record.attributesBytes : 0;
    this.#batches.add(record, record.bytes + attributesBytes + this.#overheadBytes, dueMs);
  }

  #batchIsDue(nowMs: number, batchesInFlight: number, lastOf: number | undefined): boolean {
    const batches = this.#batches;
    if (batches.full) return true;
    if (batches.empty) return false;
    if (nowMs >= batches.oldestDueMs + this.#lingerMs) return true;
    // With records that wait for their key and no answer on its way that could be that of the one before, the next answer
    // is this batch's.
    const waiting = this.waitingForKey;
    return (waiting > 0 && batchesInFlight === 0) || batches.count + waiting === lastOf;
  }
}
