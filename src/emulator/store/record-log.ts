import type { Extent } from './extent.js';
import type { LogKeeper, UnkeptLog } from './log-keeper.js';
import { lowerBound } from './lower-bound.js';
import type { RecordBatch } from './record-batch.js';
import type { RecordSpan } from './record-page.js';
import { Segment } from './segment.js';
import type { SegmentOwner, SegmentPool } from './segment-pool.js';

/** The first segment of a log is small, so that thousands of idle shards cost little; each one is twice the one before. */
const SEGMENT_BYTES_MIN = 16 * 1024;

/** The position of a shard's first record; each record's is one above the one before. */
export const FIRST_POSITION = 1;

/** The records of one shard. What a write or a read costs does not depend on how many it holds. */
export class RecordLog implements SegmentOwner, UnkeptLog {
  readonly #pool: SegmentPool;
  /** Undefined: the records are in memory alone, and lost when it is needed. */
  readonly #keeper: LogKeeper | undefined;
  readonly #extents: Extent[];
  #oldest: number;
  #next: number;
  /** Position of the first record that the keeper does not have. */
  #unkept: number;
  /** Position of the first record that was not accepted yet. */
  #unaccepted: number;
  #segmentBytes = SEGMENT_BYTES_MIN / 2;

  constructor(pool: SegmentPool, keeper?: LogKeeper) {
    this.#pool = pool;
    this.#keeper = keeper;
    this.#extents = keeper?.extents ?? [];
    this.#next = keeper?.next ?? FIRST_POSITION;
    this.#oldest = this.#extents[0]?.firstPosition ?? this.#next;
    this.#unkept = this.#next;
    this.#unaccepted = this.#next;
  }

  /** Position of the oldest record that is still there, or of the next one where there is none. */
  get oldest(): number {
    return this.#oldest;
  }

  /** Position of the record that comes next. */
  get next(): number {
    return this.#next;
  }

  /** No record that is or was there is later, epoch milliseconds; -Infinity where there was none. */
  get lastAtMs(): number {
    return this.#extents.at(-1)?.lastAtMs ?? this.#keeper?.lastAtMs ?? Number.NEGATIVE_INFINITY;
  }

  /**
   * Adds a batch's record and returns its position.
   * @param atMs epoch milliseconds, whole, and never below that of the record before
   */
  append(batch: RecordBatch, i: number, atMs: number): number {
    const recordBytes = batch.recordBytes(i);
    let extent = this.#extents.at(-1);
    if (extent?.segment?.fits(recordBytes, atMs) !== true) extent = this.#grow(recordBytes, atMs);
    extent!.segment!.append(batch, i, atMs);
    if (this.#next === this.#unkept) this.#keeper?.touched(this);
    this.#next++;
    extent!.endPosition = this.#next;
    extent!.lastAtMs = atMs;
    return this.#next - 1;
  }

  /** Position of the first record that arrived at this time (epoch milliseconds) or later. */
  positionAt(atMs: number): number {
    const extent = this.#extents[lowerBound(0, this.#extents.length, (i) => this.#extents[i]!.lastAtMs >= atMs)];
    if (extent === undefined) return this.#next;
    const from = Math.max(this.#oldest, extent.firstPosition);
    if (extent.firstAtMs >= atMs) return from;
    const segment = this.#segmentOf(extent);
    return lowerBound(from, extent.endPosition, (position) => segment.atMs(position) >= atMs);
  }

  /**
   * The records from a position on; one that has left stands for the oldest.
   * @param bytesMax of data and keys; the first record is returned even if it is larger
   */
  read(position: number, countMax: number, bytesMax: number): RecordSpan[] {
    const start = Math.max(position, this.#oldest);
    const end = Math.min(this.#next, start + countMax);
    const spans: RecordSpan[] = [];
    let bytes = 0;
    let next = start;
    for (let at = this.#indexOf(start); next < end; at++) {
      const extent = this.#extents[at]!;
      const segment = this.#segmentOf(extent);
      const from = next;
      for (const extentEnd = Math.min(end, extent.endPosition); next < extentEnd; next++) {
        bytes += segment.recordBytes(next);
        if (bytes > bytesMax && next > start) break;
      }
      if (next > from) spans.push({ segment, from, end: next });
      if (bytes > bytesMax) break;
    }
    return spans;
  }

  /** Lets go of all records that arrived before this time (epoch milliseconds). */
  trim(beforeMs: number): void {
    let first = this.#extents[0];
    if (first === undefined || first.firstAtMs >= beforeMs) return;
    while (first !== undefined && first.lastAtMs < beforeMs) {
      this.#dropOldest();
      first = this.#extents[0];
    }
    if (first !== undefined && first.firstAtMs < beforeMs) this.#oldest = this.positionAt(beforeMs);
    this.#keeper?.trim(this.#oldest);
  }

  evict(segment: Segment): number {
    if (this.#keeper === undefined) {
      const before = this.#oldest;
      this.#dropOldest();
      return this.#oldest - before;
    }
    const extent = this.#extents[this.#indexOf(segment.firstPosition)];
    if (extent?.segment === segment && extent.endPosition <= this.#unkept) {
      extent.segment = undefined;
      this.#pool.release(segment);
    }
    return 0;
  }

  /** Lets go of all records. */
  clear(): void {
    while (this.#extents.length > 0) this.#dropOldest();
    this.#unkept = this.#next;
    this.#unaccepted = this.#next;
    this.#keeper?.clear();
  }

  write(): void {
    for (let at = this.#indexOf(this.#unkept); at < this.#extents.length; at++) {
      const extent = this.#extents[at]!;
      this.#keeper?.write(extent, this.#unkept);
      this.#unkept = extent.endPosition;
    }
  }

  accept(): void {
    this.#unaccepted = this.#next;
    this.#keeper?.accept();
  }

  undo(): void {
    const end = this.#unaccepted;
    let tail = this.#extents.at(-1);
    while (tail !== undefined && tail.firstPosition >= end) {
      if (tail.segment !== undefined) this.#pool.release(tail.segment);
      this.#extents.pop();
      tail = this.#extents.at(-1);
    }
    if (tail?.segment !== undefined && tail.endPosition > end) {
      tail.segment.truncate(end);
      tail.endPosition = end;
      tail.lastAtMs = tail.segment.lastAtMs;
    }
    this.#next = end;
    this.#unkept = end;
    this.#keeper?.undo();
  }

  /** Index of the first extent with records at this position or after it. */
  #indexOf(position: number): number {
    return lowerBound(0, this.#extents.length, (i) => this.#extents[i]!.endPosition > position);
  }

  #segmentOf(extent: Extent): Segment {
    const held = extent.segment;
    if (this.#keeper === undefined) return held!;
    if (held !== undefined) {
      this.#pool.touch(held);
      return held;
    }
    const { firstPosition, firstAtMs } = extent;
    const read = this.#keeper.load(extent, (payloadBytes, count) =>
      this.#pool.allocate(this, Segment.bytesFor(payloadBytes, count), firstPosition, firstAtMs),
    );
    extent.segment = read;
    return read;
  }

  #dropOldest(): void {
    const extent = this.#extents.shift();
    if (extent === undefined) return;
    this.#oldest = extent.endPosition;
    if (extent.segment !== undefined) this.#pool.release(extent.segment);
  }

  #grow(recordBytes: number, atMs: number): Extent {
    this.#segmentBytes = Math.min(2 * this.#segmentBytes, this.#pool.segmentBytesMax);
    const capacity = Math.max(this.#segmentBytes, Segment.bytesFor(recordBytes));
    const segment = this.#pool.allocate(this, capacity, this.#next, atMs);
    const extent = {
      firstPosition: this.#next,
      endPosition: this.#next,
      firstAtMs: atMs,
      lastAtMs: atMs,
      segment,
      place: undefined,
    };
    this.#extents.push(extent);
    return extent;
  }
}
