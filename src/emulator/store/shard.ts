import type { Limits } from '../limits/limits.js';
import { ShardThrottle } from '../limits/shard-throttle.js';
import { type Bytes, bytesOf } from '../protocol/bytes.js';
import type { HashKeyRange } from './hash-key.js';
import type { LogKeeper } from './log-keeper.js';
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
  /** Undefined: its records are in memory alone. */
  readonly keeper?: LogKeeper | undefined;
  readonly limits: Limits;
}

/** What a read found. */
export interface ShardRead {
  readonly page: RecordPage;
  /** Position to go on from. */
  readonly next: number;
  /**
   * Whether the shard is closed and all of it was read. The last records come before that, in a page without the end.
   */
  readonly isEnd: boolean;
  /** How far the last of the records is behind; 0 where none comes after it. */
  readonly millisBehindLatest: number;
}

/** What one GetRecords returns at most, data and keys. */
const READ_BYTES_MAX = 10 * 1024 * 1024;

export class Shard {
  /** The position of a shard's first record. */
  static readonly firstPosition = FIRST_POSITION;

  readonly id: string;
  /** The id as ASCII, for answers written byte by byte. */
  readonly idBytes: Bytes;
  readonly index: number;
  readonly range: HashKeyRange;
  readonly startingSequenceNumber: string;
  /** How long records stay, milliseconds. */
  retentionMs = Number.POSITIVE_INFINITY;
  /** Records that arrived before this are gone, epoch milliseconds. */
  trimmedBeforeMs = 0;
  /** Where what is written decides about the number of shards. */
  meter: WriteMeter | undefined;
  /** Its stream's: what it counts in. */
  traffic = new Traffic();
  readonly #state: ShardState;
  /** One for those who write and one for those who read: each goes on from its own last number. */
  readonly #putSequence: ShardSequence;
  readonly #sequence: ShardSequence;
  readonly #log: RecordLog;
  readonly #throttle: ShardThrottle | undefined;
  readonly #watchers = new Set<() => void>();
  #lastAtMs: number;

  /** @param state stays the stream's: what closes the shard is seen here */
  constructor(state: ShardState, { pool, keeper, limits }: ShardSettings) {
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
    this.#log = new RecordLog(pool, keeper);
    this.#throttle = ShardThrottle.ifLimited(limits, createdAtMs);
    this.#lastAtMs = Math.max(createdAtMs, this.#log.lastAtMs);
  }

  get state(): Readonly<ShardState> {
    return this.#state;
  }

  get isOpen(): boolean {
    return this.#state.closedAtMs === undefined;
  }

  /** Once it is closed. */
  get endingSequenceNumber(): string | undefined {
    const { closedAtMs, epochSeconds, index } = this.#state;
    if (closedAtMs === undefined) return undefined;
    // No record of the shard is later than its end, also when the clock was set back before it closed.
    const endedAtMs = Math.max(closedAtMs, this.#lastAtMs);
    return endingSequenceNumber(epochSeconds, index, Math.max(seconds(endedAtMs), epochSeconds));
  }

  /** Stores a batch's record and returns its position; undefined where the shard is over its limit. */
  put(batch: RecordBatch, i: number, now: number): number | undefined {
    const bytes = batch.recordBytes(i);
    if (this.#throttle?.admitsWrite(bytes, now) === false) {
      this.traffic.writesThrottled++;
      return undefined;
    }
    this.traffic.recordsIn++;
    this.traffic.bytesIn += bytes;
    // Arrival times never go back, whatever the clock does: they are searched by.
    this.#lastAtMs = Math.max(this.#lastAtMs, now);
    this.trim(now);
    this.meter?.count(bytes, now);
    this.wake();
    return this.#log.append(batch, i, this.#lastAtMs);
  }

  /** When the newest record arrived, epoch milliseconds. */
  get lastAtMs(): number {
    return this.#lastAtMs;
  }

  /** The sequence number of a record put at a position at a time. */
  sequenceNumber(position: number, atMs: number): string {
    return this.#putSequence.at(position, seconds(atMs));
  }

  /** Writes the 56 digits of that to `out` at `at`. */
  writeSequenceNumber(position: number, atMs: number, out: Bytes, at: number): void {
    this.#putSequence.write(position, seconds(atMs), out, at);
  }

  /** The records from a position on, at most `countMax`; undefined where the shard is over its limit. */
  read(position: number, countMax: number, now: number): ShardRead | undefined {
    if (this.#throttle?.admitsRead(now) === false) {
      this.traffic.readsThrottled++;
      return undefined;
    }
    const read = this.#readFrom(position, countMax, READ_BYTES_MAX, now);
    this.#throttle?.countRead(read.page.bytes);
    return read;
  }

  /** The same for a reader with a throughput of its own; `bytesMax` bounds data and keys beyond the first record. */
  follow(position: number, countMax: number, bytesMax: number, now: number): ShardRead {
    return this.#readFrom(position, countMax, bytesMax, now);
  }

  #readFrom(position: number, countMax: number, bytesMax: number, now: number): ShardRead {
    this.trim(now);
    const from = Math.min(Math.max(position, this.#log.oldest), this.#log.next);
    const page = new RecordPage(this.#log.read(from, countMax, bytesMax), this.#sequence);
    this.traffic.recordsOut += page.count;
    this.traffic.bytesOut += page.bytes;
    const next = from + page.count;
    // Zero says that nothing comes after, also to a reader who is within the same millisecond.
    const behind = page.count === 0 || next === this.#log.next ? 0 : Math.max(1, now - page.lastAtMs);
    const isEnd = !this.isOpen && page.count === 0 && next >= this.#log.next;
    return { page, next, isEnd, millisBehindLatest: behind };
  }

  /** How far who has read all before a position is behind; 0 where nothing comes. */
  millisBehind(position: number, now: number): number {
    const [span] = this.#log.read(position, 1, 0);
    return span === undefined ? 0 : Math.max(1, now - span.segment.atMs(span.from));
  }

  /**
   * A sequence number that stands for having read all before a position: above those of the records before it, below
   * those of the others. It tells of progress also where nothing is written.
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

  /** The position of the first record whose number is not below one of this shard. */
  positionFrom(number: SequenceNumber): number {
    if (number.index >= this.#log.next) return this.#log.next;
    if (number.index < this.#log.oldest) return number.index;
    const [span] = this.#log.read(number.index, 1, 0);
    return span !== undefined && number.seconds > seconds(span.segment.atMs(number.index))
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

  /** Whether a sequence number was made by this very shard. */
  owns(number: SequenceNumber): boolean {
    return this.#sequence.owns(number);
  }

  /** Calls back whenever there may be something new to see, until what is returned is called. */
  watch(onChange: () => void): () => void {
    this.#watchers.add(onChange);
    return () => this.#watchers.delete(onChange);
  }

  /** Tells who watches that there may be something new. */
  wake(): void {
    if (this.#watchers.size === 0) return;
    for (const watcher of this.#watchers) watcher();
  }

  /** Lets go of what has left retention. */
  trim(now: number): void {
    this.#log.trim(Math.max(now - this.retentionMs, this.trimmedBeforeMs));
  }

  /** Lets go of all records. */
  clear(): void {
    this.#log.clear();
    this.wake();
  }
}

/** The service keeps it in 32 bits. */
const INDEX_MAX = 2 ** 31 - 1;

export function shardIdOf(index: number): string {
  return `shardId-${String(index).padStart(12, '0')}`;
}

/** The index in a shard's id, which clients may shorten (`shardId-0`, `0`) as the service lets them; undefined: none. */
export function shardIndexOf(shardId: string): number | undefined {
  const digits = shardId.split('-')[1] ?? shardId;
  return /^\d{1,12}$/.test(digits) && Number(digits) <= INDEX_MAX ? Number(digits) : undefined;
}

function seconds(ms: number): number {
  return Math.floor(ms / 1000);
}
