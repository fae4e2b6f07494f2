import { Segment } from './segment.js';

/** A log that holds segments, and gives its oldest one up when it is asked to. */
export interface SegmentOwner {
  /** Must release its oldest segment to the pool. */
  dropOldest(): void;
}

/** The largest segment, unless one record needs more. */
const SEGMENT_BYTES_MAX = 1024 * 1024;
/** A segment is at most this share of the bound, so that little leaves at a time. */
const SEGMENTS_AT_LEAST = 32;

/** All segments of the store, and the bound on their memory: beyond it the oldest leaves, as retention would have it. */
export class SegmentPool {
  /** The largest that a log should make its segments, unless one record needs more; a multiple of four. */
  readonly segmentBytesMax: number;
  readonly #bytesMax: number;
  /** In the order of their making. */
  readonly #owners = new Map<Segment, SegmentOwner>();
  #bytes = 0;

  /** @param bytesMax of all segments together; a single segment above it is still made */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
    this.segmentBytesMax = Math.min(SEGMENT_BYTES_MAX, 4 * Math.floor(bytesMax / SEGMENTS_AT_LEAST / 4));
  }

  /** Bytes of memory that all segments hold now. */
  get bytes(): number {
    return this.#bytes;
  }

  allocate(owner: SegmentOwner, capacity: number, firstPosition: number, firstAtMs: number): Segment {
    while (this.#bytes + capacity > this.#bytesMax) {
      const oldest = this.#owners.values().next();
      if (oldest.done) break;
      oldest.value.dropOldest();
    }
    const segment = new Segment(capacity, firstPosition, firstAtMs);
    this.#owners.set(segment, owner);
    this.#bytes += capacity;
    return segment;
  }

  release(segment: Segment): void {
    if (this.#owners.delete(segment)) this.#bytes -= segment.capacity;
  }
}
