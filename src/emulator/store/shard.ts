import type { Limits } from '../limits/limits.js';
import { ShardThrottle } from '../limits/shard-throttle.js';
import { type Bytes, bytesOf } from '../protocol/bytes.js';
import type { DurableLog } from './durable-log.js';
import type { HashKeyRange } from './hash-key.js';
import type { WriteMeter } from './on-demand.js';
import type { RecordBatch } from './record-batch.js';
import { FIRST_POSITION, RecordLog } from './record-log.js';
import { RecordPage } from './record-page.js';
import type { SegmentPool } from './segment-pool.js';
import { endingSequenceNumber, formatSequenceNumber, type SequenceNumber, ShardSequence } from './sequence-number.js';
import type { ShardState } from './stream-state.js';
import { Traffic } from './traffic.js';

export interface ShardSettings {
  readonly pool: SegmentPool;
  /** Undefined if the shard's records are in memory only. */
  readonly durable?: DurableLog | undefined;
  readonly limits: Limits;
}

/** The result of a read. */
export interface ShardRead {
  readonly page: RecordPage;
  /** Position to continue from. */
  readonly next: number;
  /** Whether the shard is closed and was read to its end. The page is then empty: the last records come before it. */
  readonly isEnd: boolean;
  /** How far the page's last record is behind now; 0 if it is the shard's newest. */
  readonly millisBehindLatest: number;
}

/** The most bytes of keys and data that one GetRecords returns. */
const READ_BYTES_MAX = 10 * 1024 * 1024;

export class Shard {
  static readonly firstPosition = FIRST_POSITION;

  readonly id: string;
  /** The id as ASCII, for responses that are written byte by byte. */
  readonly idBytes: Bytes;
  readonly index: number;
  readonly range: HashKeyRange;
  readonly startingSequenceNumber: string;
  /** How long records are retained, milliseconds. */
  retentionMs = Number.POSITIVE_INFINITY;
  /** Records that arrived before this time, epoch milliseconds, are gone. */
  trimmedBeforeMs = 0;
  /** Set if the stream scales with its traffic. */
  meter: WriteMeter | undefined;
  /** Counters, shared by all shards of the stream. */
  traffic = new Traffic();
  readonly #state: ShardState;
  /** Writes and reads use separate generators, since each is fast only while its numbers are consecutive. */
  readonly #putSequence: ShardSequence;
  readonly #sequence: ShardSequence;
  readonly #log: RecordLog;
  readonly #throttle: ShardThrottle | undefined;
  readonly #watchers = new Set<() => void>();
  #lastAtMs: number;
  /** Position after the last one that a reader has got. */
  #readUpTo = 0;

  /** @param state owned by the stream; the shard sees when the stream closes it */
  constructor(state: ShardState, { pool, durable, limits }: ShardSettings) {
    const { index, createdAtMs, epochSeconds } = state;
    const [start, end] = state.range;
    this.id = shardIdOf(index);
    this.idBytes = bytesOf(Buffer.from(this.id));
    this.index = index;
    this.range = { start: BigInt(start), end: BigInt(end) };
    this.#state = state;
    this.#putSequence = new ShardSequence(epochSeconds, index);
    this.#sequence = new ShardSequence(epochSeconds, index);
    this.startingSequenceNumber = this.#sequence.at(FIRST_POSITION - 1, epochSeconds);
    this.#log = new RecordLog(pool, durable);
    this.#throttle = ShardThrottle.ifLimited(limits, createdAtMs);
    this.#lastAtMs = Math.max(createdAtMs, this.#log.lastAtMs);
  }

  get state(): Readonly<ShardState> {
    return this.#state;
  }

  get isOpen(): boolean {
    return this.#state.closedAtMs === undefined;
  }

  /** Undefined while the shard is open. */
  get endingSequenceNumber(): string | undefined {
    const { closedAtMs, epochSeconds, index } = this.#state;
    if (closedAtMs === undefined) return undefined;
    // The end is never before the last record, even if the clock was set back before the shard was closed.
    const endedAtMs = Math.max(closedAtMs, this.#lastAtMs);
    return endingSequenceNumber(epochSeconds, index, Math.max(seconds(endedAtMs), epochSeconds));
  }

  /** Stores record `i` of a batch and returns its position, or undefined if the shard is over its limit. */
  put(batch: RecordBatch, i: number, now: number): number | undefined {
    const bytes = batch.recordBytes(i);
    if (this.#throttle?.admitsWrite(bytes, now) === false) {
      this.traffic.writesThrottled++;
      return undefined;
    }
    this.traffic.recordsIn++;
    this.traffic.bytesIn += bytes;
    // Arrival times never decrease, even if the clock does: reads search by them.
    this.#lastAtMs = Math.max(this.#lastAtMs, now);
    this.trim(now);
    this.meter?.count(bytes, now);
    this.wake();
    return this.#log.append(batch, i, this.#lastAtMs);
  }

  /** Stores record `i` of a batch once more, as a fault: no limit and no counter sees it. */
  putAgain(batch: RecordBatch, i: number, now: number): void {
    this.#lastAtMs = Math.max(this.#lastAtMs, now);
    this.wake();
    this.#log.append(batch, i, this.#lastAtMs);
  }

  /** Drops a record, as a fault. */
  drop(position: number): void {
    this.#log.drop(position);
  }

  /** Changes a byte of a record's data, as a fault. It must just have been stored. */
  corrupt(position: number, offset: number, mask: number): void {
    this.#log.corrupt(position, offset, mask);
  }

  /** Exchanges two records, as a fault. Returns false if that cannot be done, or if the first was read already. */
  exchange(first: number, second: number): boolean {
    return first >= this.#readUpTo && this.#log.exchange(first, second);
  }

  /** When the newest record arrived, epoch milliseconds. */
  get lastAtMs(): number {
    return this.#lastAtMs;
  }

  /** The sequence number of a record that `put` has just stored. */
  sequenceNumber(position: number, atMs: number): string {
    return this.#putSequence.at(position, seconds(atMs));
  }

  /** Writes the 56 digits of that number to `out` at offset `at`. */
  writeSequenceNumber(position: number, atMs: number, out: Bytes, at: number): void {
    this.#putSequence.write(position, seconds(atMs), out, at);
  }

  /** At most `countMax` records from a position on, or undefined if the shard is over its limit. */
  read(position: number, countMax: number, now: number): ShardRead | undefined {
    if (this.#throttle?.admitsRead(now) === false) {
      this.traffic.readsThrottled++;
      return undefined;
    }
    const read = this.follow(position, countMax, READ_BYTES_MAX, now);
    this.#throttle?.countRead(read.page.bytes);
    return read;
  }

  /** The same for a reader with its own throughput. `bytesMax` bounds keys and data beyond the first record. */
  follow(position: number, countMax: number, bytesMax: number, now: number): ShardRead {
    this.trim(now);
    const from = Math.min(Math.max(position, this.#log.oldest), this.#log.next);
    const spans = this.#log.read(from, countMax, bytesMax);
    const page = new RecordPage(spans, this.#sequence);
    this.traffic.recordsOut += page.count;
    this.traffic.bytesOut += page.bytes;
    const next = this.#log.withoutDropped(spans.at(-1)?.end ?? from);
    this.#readUpTo = Math.max(this.#readUpTo, next);
    // Only a reader at the newest record gets 0, so one that is less than a millisecond behind gets 1.
    const behind = page.count === 0 || next === this.#log.next ? 0 : Math.max(1, now - page.lastAtMs);
    const isEnd = !this.isOpen && page.count === 0 && next >= this.#log.next;
    return { page, next, isEnd, millisBehindLatest: behind };
  }

  /** How far a reader that has read up to a position is behind, milliseconds; 0 if no record follows. */
  millisBehind(position: number, now: number): number {
    const [span] = this.#log.read(position, 1, 0);
    return span === undefined ? 0 : Math.max(1, now - span.segment.atMs(span.from));
  }

  /**
   * A sequence number from which a reader that has read up to a position can continue. It is above the numbers of all
   * records before the position and below those of the records after it. It increases even if nothing is written.
   */
  continuationAt(position: number, now: number): string {
    const { epochSeconds, index } = this.#state;
    const afterAll = Math.max(seconds(this.#lastAtMs), epochSeconds) + 1;
    return formatSequenceNumber({
      shardCreatedSeconds: epochSeconds,
      shardIndex: index,
      index: position - 1,
      seconds: Math.max(seconds(now), afterAll),
    });
  }

  /** The position of the first record whose sequence number is not below `number`, which belongs to this shard. */
  positionFrom(number: SequenceNumber): number {
    if (number.index >= this.#log.next) return this.#log.next;
    if (number.index < this.#log.oldest) return number.index;
    const [span] = this.#log.read(number.index, 1, 0);
    return span?.from === number.index && number.seconds > seconds(span.segment.atMs(number.index))
      ? number.index + 1
      : number.index;
  }

  get oldestPosition(): number {
    return this.#log.oldest;
  }

  get nextPosition(): number {
    return this.#log.next;
  }

  positionAt(atMs: number): number {
    return this.#log.positionAt(atMs);
  }

  /** Whether a sequence number belongs to this shard. */
  owns(number: SequenceNumber): boolean {
    return this.#sequence.owns(number);
  }

  /** Calls `onChange` whenever there may be something new to read. Returns a function that stops it. */
  watch(onChange: () => void): () => void {
    this.#watchers.add(onChange);
    return () => this.#watchers.delete(onChange);
  }

  /** Notifies the watchers that there may be something new to read. */
  wake(): void {
    if (this.#watchers.size === 0) return;
    for (const watcher of this.#watchers) watcher();
  }

  /** Drops the records that have left retention. */
  trim(now: number): void {
    this.#log.trim(Math.max(now - this.retentionMs, this.trimmedBeforeMs));
  }

  /** Drops all records. */
  clear(): void {
    this.#log.clear();
    this.wake();
  }
}

/** The service stores shard indexes in 32 bits. */
const INDEX_MAX = 2 ** 31 - 1;

export function shardIdOf(index: number): string {
  return `shardId-${String(index).padStart(12, '0')}`;
}

/** The index in a shard's id, or undefined if there is none. As in the service, ids may be short: `shardId-0`, `0`. */
export function shardIndexOf(shardId: string): number | undefined {
  const digits = shardId.split('-')[1] ?? shardId;
  return /^\d{1,12}$/.test(digits) && Number(digits) <= INDEX_MAX ? Number(digits) : undefined;
}

function seconds(ms: number): number {
  return Math.floor(ms / 1000);
}
