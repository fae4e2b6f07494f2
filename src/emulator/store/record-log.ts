import { Segment } from './segment.js';
import type { SegmentOwner, SegmentPool } from './segment-pool.js';

/** The first segment of a log is small, so that thousands of idle shards cost little; each one is twice the one before. */
const SEGMENT_BYTES_MIN = 16 * 1024;

/** The position of a shard's first record; each record's is one above the one before. */
export const FIRST_POSITION = 1;

export interface LoggedRecord {
  readonly position: number;
  /** When it arrived, epoch milliseconds. */
  readonly atMs: number;
  readonly key: string;
  readonly data: Buffer;
}

/** The records of one shard. What a write or a read costs does not depend on how many it holds. */
export class RecordLog implements SegmentOwner {
  readonly #pool: SegmentPool;
  readonly #segments: Segment[] = [];
  #oldest = FIRST_POSITION;
  #next = FIRST_POSITION;
  #segmentBytes = SEGMENT_BYTES_MIN / 2;

  constructor(pool: SegmentPool) {
    this.#pool = pool;
  }

  /** Position of the oldest record that is still there, or of the next one where there is none. */
  get oldest(): number {
    return this.#oldest;
  }

  /** Position of the record that comes next. */
  get next(): number {
    return this.#next;
  }

  /**
   * Adds a record and returns its position.
   * @param atMs epoch milliseconds, whole, and never below that of the record before
   */
  append(key: string, keyBytes: number, data: Uint8Array, atMs: number): number {
    const recordBytes = keyBytes + data.length;
    let segment = this.#segments.at(-1);
    if (segment === undefined || !segment.fits(recordBytes, atMs)) segment = this.#grow(recordBytes, atMs);
    segment.append(key, keyBytes, data, atMs);
    return this.#next++;
  }

  /** Position of the first record that arrived at this time (epoch milliseconds) or later. */
  positionAt(atMs: number): number {
    const segment = this.#segments[lowerBound(0, this.#segments.length, (i) => this.#segments[i]!.lastAtMs >= atMs)];
    if (segment === undefined) return this.#next;
    const from = Math.max(this.#oldest, segment.firstPosition);
    return lowerBound(from, segment.endPosition, (position) => segment.atMs(position) >= atMs);
  }

  /**
   * The records from a position on; one that has left stands for the oldest.
   * @param bytesMax of data and keys; the first record is returned even if it is larger
   */
  read(position: number, countMax: number, bytesMax: number): LoggedRecord[] {
    const from = Math.max(position, this.#oldest);
    const end = Math.min(this.#next, from + countMax);
    const records: LoggedRecord[] = [];
    let bytes = 0;
    let at = lowerBound(0, this.#segments.length, (i) => this.#segments[i]!.endPosition > from);
    for (let next = from; next < end; next++) {
      if (next === this.#segments[at]!.endPosition) at++;
      const segment = this.#segments[at]!;
      bytes += segment.recordBytes(next);
      if (bytes > bytesMax && records.length > 0) break;
      records.push({ position: next, atMs: segment.atMs(next), key: segment.key(next), data: segment.data(next) });
    }
    return records;
  }

  /** Lets go of all records that arrived before this time (epoch milliseconds). */
  trim(beforeMs: number): void {
    let first = this.#segments[0];
    while (first !== undefined && first.lastAtMs < beforeMs) {
      this.dropOldest();
      first = this.#segments[0];
    }
    if (first !== undefined && first.atMs(Math.max(this.#oldest, first.firstPosition)) < beforeMs) {
      this.#oldest = this.positionAt(beforeMs);
    }
  }

  dropOldest(): void {
    const segment = this.#segments.shift();
    if (segment === undefined) return;
    this.#oldest = segment.endPosition;
    this.#pool.release(segment);
  }

  /** Lets go of all records. */
  clear(): void {
    while (this.#segments.length > 0) this.dropOldest();
  }

  #grow(recordBytes: number, atMs: number): Segment {
    this.#segmentBytes = Math.min(2 * this.#segmentBytes, this.#pool.segmentBytesMax);
    const capacity = Math.max(this.#segmentBytes, Segment.bytesFor(recordBytes));
    const segment = this.#pool.allocate(this, capacity, this.#next, atMs);
    this.#segments.push(segment);
    return segment;
  }
}

/** The first number in [from, end) for which `holds`, given that it holds for all numbers after that; `end` if for none. */
function lowerBound(from: number, end: number, holds: (at: number) => boolean): number {
  let low = from;
  let high = end;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
