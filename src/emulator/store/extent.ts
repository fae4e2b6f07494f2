import type { Segment } from './segment.js';

/** The bytes on disk that hold an extent's records: one contiguous range of one file. */
export interface DiskRange {
  /** The position of the file's first record, which identifies the file. */
  readonly file: number;
  /** Bytes from the start of the file. */
  readonly offset: number;
  bytes: number;
}

/** Describes consecutive records of one shard, whether or not they are in memory. Times are epoch milliseconds. */
export interface Extent {
  readonly firstPosition: number;
  /** Position after its last record. */
  endPosition: number;
  readonly firstAtMs: number;
  lastAtMs: number;
  /** Undefined if the records are on disk only. */
  segment: Segment | undefined;
  /** Undefined if the records are in memory only. */
  onDisk: DiskRange | undefined;
}
