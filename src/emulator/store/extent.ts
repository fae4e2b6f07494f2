import type { Segment } from './segment.js';

/** Where the records of an extent lie on disk: in one file, without a gap. */
export interface Place {
  /** The position of the file's first record, by which files are told apart. */
  readonly file: number;
  /** Where it begins in the file, bytes. */
  readonly offset: number;
  /** How much of the file it takes. */
  bytes: number;
}

/** Consecutive records of one shard: what stays of a segment when its memory is given up. Times are epoch milliseconds. */
export interface Extent {
  readonly firstPosition: number;
  /** Position after its last record. */
  endPosition: number;
  readonly firstAtMs: number;
  lastAtMs: number;
  /** Undefined: they are on disk alone. */
  segment: Segment | undefined;
  /** Undefined: they are in memory alone. */
  place: Place | undefined;
}
