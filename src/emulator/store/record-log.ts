import type { DirtyLog, DurableLog, Extent } from './durable-log.js';
import { lowerBound } from './lower-bound.js';
import type { RecordBatch } from './record-batch.js';
import type { RecordSpan } from './record-page.js';
import { Segment } from './segment.js';
import type { SegmentOwner, SegmentPool } from './segment-pool.js';

/** A log's first segment is small, since thousands of shards may be idle. Each later one is twice as large. */
const SEGMENT_BYTES_MIN = 16 * 1024;

/** The position of a shard's first record. The positions that follow count up by one. */
export const FIRST_POSITION = 1;

/** The records of one shard. The cost of a write or a read does not depend on the number of records. */
export class RecordLog implements SegmentOwner, DirtyLog {
  readonly #pool: SegmentPool;
  /** Undefined if the records are in memory only, and dropped when the memory is needed. */
  readonly #durable: DurableLog | undefined;
  readonly #extents: Extent[];
  #oldest: number;
  #next: number;
  /** Position of the first record that was not written to the durable log. */
  #unwritten: number;
  /** Position of the first record that was not committed yet. */
  #uncommitted: number;
  #segmentBytes = SEGMENT_BYTES_MIN / 2;
  /** Positions of records that faults have dropped, in order. */
  readonly #dropped = new Set<number>();

  constructor(pool: SegmentPool, durable?: DurableLog) {
    this.#pool = pool;
    this.#durable = durable;
    this.#extents = durable?.extents ?? [];
    this.#next = durable?.next ?? FIRST_POSITION;
    this.#oldest = this.#extents[0]?.firstPosition ?? this.#next;
    this.#unwritten = this.#next;
    this.#uncommitted = this.#next;
  }

  /** Position of the oldest record that is still there, or of the next one if the log is empty. */
  get oldest(): number {
    return this.#oldest;
  }

  /** Position that the next record will get. */
  get next(): number {
    return this.#next;
  }

  /** Upper bound for the arrival times of all records so far, epoch milliseconds; -Infinity if there were none. */
  get lastAtMs(): number {
    return this.#extents.at(-1)?.lastAtMs ?? this.#durable?.lastAtMs ?? Number.NEGATIVE_INFINITY;
  }

  /**
   * Adds record `i` of a batch and returns its position.
   * @param atMs whole epoch milliseconds, never less than those of the previous record
   */
  append(batch: RecordBatch, i: number, atMs: number): number {
    const recordBytes = batch.recordBytes(i);
    let extent = this.#extents.at(-1);
    if (extent?.segment?.fits(recordBytes, atMs) !== true) extent = this.#grow(recordBytes, atMs);
    extent!.segment!.append(batch, i, atMs);
    if (this.#next === this.#unwritten) this.#durable?.markDirty(this);
    this.#next++;
    extent!.endPosition = this.#next;
    extent!.lastAtMs = atMs;
    return this.#next - 1;
  }

  /** Drops one record, as a fault. Its position stays unused. */
  drop(position: number): void {
    this.#dropped.add(position);
  }

  /** Changes a byte of a record's data, as a fault. The record must be in memory, and not written yet. */
  corrupt(position: number, offset: number, mask: number): void {
    const { segment } = this.#extents[this.#indexOf(position)]!;
    segment!.data(position)[offset]! ^= mask;
  }

  /**
   * Exchanges two records, as a fault. They keep their positions. Returns false if that cannot be done: they are in
   * different segments, or written already.
   */
  exchange(first: number, second: number): boolean {
    if (first < this.#oldest || (this.#durable !== undefined && first < this.#unwritten)) return false;
    const extent = this.#extents[this.#indexOf(first)];
    if (extent?.segment === undefined || extent.endPosition <= second) return false;
    extent.segment.exchange(first, second);
    return true;
  }

  /** The position, or that of the first record behind it that was not dropped. */
  withoutDropped(position: number): number {
    let next = position;
    while (this.#dropped.has(next)) next++;
    return next;
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
   * The records from a position on, or from the oldest record if that one is gone, but for those that were dropped.
   * @param bytesMax of keys and data; the first record is returned even if it is larger
   */
  read(position: number, countMax: number, bytesMax: number): RecordSpan[] {
    const start = this.withoutDropped(Math.max(position, this.#oldest));
    const end = Math.min(this.#next, start + countMax);
    const spans: RecordSpan[] = [];
    let bytes = 0;
    let next = start;
    for (let at = this.#indexOf(start); next < end; at++) {
      const extent = this.#extents[at]!;
      const segment = this.#segmentOf(extent);
      let from = next;
      for (const extentEnd = Math.min(end, extent.endPosition); next < extentEnd; next++) {
        if (this.#dropped.size > 0 && this.#dropped.has(next)) {
          if (next > from) spans.push({ segment, from, end: next });
          from = next + 1;
          continue;
        }
        bytes += segment.recordBytes(next);
        if (bytes > bytesMax && next > start) break;
      }
      if (next > from) spans.push({ segment, from, end: next });
      if (bytes > bytesMax) break;
    }
    return spans;
  }

  /** Drops all records that arrived before this time, epoch milliseconds. */
  trim(beforeMs: number): void {
    let first = this.#extents[0];
    if (first === undefined || first.firstAtMs >= beforeMs) return;
    while (first !== undefined && first.lastAtMs < beforeMs) {
      this.#dropOldest();
      first = this.#extents[0];
    }
    if (first !== undefined && first.firstAtMs < beforeMs) this.#oldest = this.positionAt(beforeMs);
    this.#durable?.trim(this.#oldest);
  }

  evict(segment: Segment): number {
    if (this.#durable === undefined) {
      const before = this.#oldest;
      this.#dropOldest();
      return this.#oldest - before;
    }
    const extent = this.#extents[this.#indexOf(segment.firstPosition)];
    if (extent?.segment === segment && extent.endPosition <= this.#unwritten) {
      extent.segment = undefined;
      this.#pool.release(segment);
    }
    return 0;
  }

  /** Drops all records. */
  clear(): void {
    while (this.#extents.length > 0) this.#dropOldest();
    this.#unwritten = this.#next;
    this.#uncommitted = this.#next;
    this.#durable?.clear();
  }

  write(): void {
    for (let at = this.#indexOf(this.#unwritten); at < this.#extents.length; at++) {
      const extent = this.#extents[at]!;
      this.#durable?.write(extent, this.#unwritten);
      this.#unwritten = extent.endPosition;
    }
  }

  commit(): void {
    this.#uncommitted = this.#next;
    this.#durable?.commit();
  }

  rollback(): void {
    const end = this.#uncommitted;
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
    this.#unwritten = end;
    for (const position of [...this.#dropped]) if (position >= end) this.#dropped.delete(position);
    this.#durable?.rollback();
  }

  /** Index of the first extent that ends after this position. */
  #indexOf(position: number): number {
    return lowerBound(0, this.#extents.length, (i) => this.#extents[i]!.endPosition > position);
  }

  #segmentOf(extent: Extent): Segment {
    const { segment } = extent;
    if (this.#durable === undefined) return segment!;
    if (segment !== undefined) {
      this.#pool.touch(segment);
      return segment;
    }
    const { firstPosition, firstAtMs } = extent;
    const loaded = this.#durable.load(extent, (payloadBytes, count) =>
      this.#pool.allocate(this, Segment.bytesFor(payloadBytes, count), firstPosition, firstAtMs),
    );
    extent.segment = loaded;
    return loaded;
  }

  #dropOldest(): void {
    const extent = this.#extents.shift();
    if (extent === undefined) return;
    this.#oldest = extent.endPosition;
    for (const position of this.#dropped) {
      if (position >= this.#oldest) break;
      this.#dropped.delete(position);
    }
    if (extent.segment !== undefined) this.#pool.release(extent.segment);
  }

  #grow(recordBytes: number, atMs: number): Extent {
    this.#segmentBytes = Math.min(2 * this.#segmentBytes, this.#pool.segmentBytesMax);
    const capacity = Math.max(this.#segmentBytes, Segment.bytesFor(recordBytes));
    const next = this.#next;
    const segment = this.#pool.allocate(this, capacity, next, atMs);
    const times = { firstAtMs: atMs, lastAtMs: atMs };
    const extent = { firstPosition: next, endPosition: next, ...times, segment, onDisk: undefined };
    this.#extents.push(extent);
    return extent;
  }
}
