import { Segment } from './segment.js';

/** A log that holds segments, and gives them up when it is asked to. */
export interface SegmentOwner {
  /**
   * Releases this segment, the one of its segments that the pool has had longest, unless it cannot do without it now.
   * Returns how many records are lost by that.
   */
  evict(segment: Segment): number;
}

/** The largest segment, unless one record needs more. */
const SEGMENT_BYTES_MAX = 1024 * 1024;
/** A segment is at most this share of the bound, so that little leaves at a time. */
const SEGMENTS_AT_LEAST = 32;

/** All segments of the store, and the bound on their memory: beyond it the oldest leaves, as retention would have it. */
export class SegmentPool {
  /** The largest that a log should make its segments, unless one record needs more; a multiple of four. */
  readonly segmentBytesMax: number;
  readonly bytesMax: number;
  /** Told whenever records are lost to the bound. */
  readonly #dropped: (() => void) | undefined;
  /** In the order of their making, or of their last use where logs say so. */
  readonly #owners = new Map<Segment, SegmentOwner>();
  #bytes = 0;
  #droppedRecords = 0;

  /** @param bytesMax of all segments together; a single segment above it is still made */
  constructor(bytesMax: number, dropped?: () => void) {
    this.bytesMax = bytesMax;
    this.#dropped = dropped;
    this.segmentBytesMax = Math.min(SEGMENT_BYTES_MAX, 4 * Math.floor(bytesMax / SEGMENTS_AT_LEAST / 4));
  }

  /** Bytes of memory that all segments hold now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Records that left because of the bound, ever. */
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

  /** It was used: others leave before it. */
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
