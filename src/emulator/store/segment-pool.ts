import { Segment } from './segment.js';

/** A log that holds segments, and gives them up on request. */
export interface SegmentOwner {
  /**
   * Releases this segment, the owner's oldest in the pool, unless it is still needed.
   * @returns the number of records that are lost
   */
  evict(segment: Segment): number;
}

/** The largest segment, unless one record needs more. */
const SEGMENT_BYTES_MAX = 1024 * 1024;
/** The pool has room for at least this many segments, so that an eviction drops few records. */
const SEGMENTS_MIN = 32;

/** All segments of the store, and the bound on their memory. When it is reached, the oldest segments are evicted. */
export class SegmentPool {
  /** The largest size for a log's segments, unless one record needs more; a multiple of four. */
  readonly segmentBytesMax: number;
  readonly bytesMax: number;
  /** Called whenever an eviction loses records. */
  readonly #dropped: (() => void) | undefined;
  /** In the order of their allocation, or of their last `touch`. */
  readonly #owners = new Map<Segment, SegmentOwner>();
  #bytes = 0;
  #droppedRecords = 0;

  /** @param bytesMax of all segments together; a single segment may still be larger */
  constructor(bytesMax: number, dropped?: () => void) {
    this.bytesMax = bytesMax;
    this.#dropped = dropped;
    this.segmentBytesMax = Math.min(SEGMENT_BYTES_MAX, 4 * Math.floor(bytesMax / SEGMENTS_MIN / 4));
  }

  /** Bytes of memory that all segments use now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Records lost to evictions since the start. */
  get droppedRecords(): number {
    return this.#droppedRecords;
  }

  allocate(owner: SegmentOwner, capacity: number, firstPosition: number, firstAtMs: number): Segment {
    if (this.#bytes + capacity > this.bytesMax) this.#makeRoom(capacity);
    const segment = new Segment(capacity, firstPosition, firstAtMs);
    this.#owners.set(segment, owner);
    this.#bytes += capacity;
    return segment;
  }

  release(segment: Segment): void {
    if (this.#owners.delete(segment)) this.#bytes -= segment.capacity;
  }

  /** Marks the segment as used last, so that others are evicted before it. */
  touch(segment: Segment): void {
    const owner = this.#owners.get(segment);
    if (owner === undefined) return;
    this.#owners.delete(segment);
    this.#owners.set(segment, owner);
  }

  #makeRoom(capacity: number): void {
    const before = this.#droppedRecords;
    for (const [segment, owner] of this.#owners) {
      this.#droppedRecords += owner.evict(segment);
      if (this.#bytes + capacity <= this.bytesMax) break;
    }
    if (this.#droppedRecords > before) this.#dropped?.();
  }
}
