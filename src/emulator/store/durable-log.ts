import type { Segment } from './segment.js';
import type { ShardState } from './stream-state.js';

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

/** Allocates a segment for `count` records whose keys and data are `payloadBytes` in total. */
export type Allocate = (payloadBytes: number, count: number) => Segment;

/** A log with records that are not on disk yet. */
export interface DirtyLog {
  /** Writes them to the durable log; throws if that fails. */
  write(): void;
  /** Makes what was written permanent. */
  commit(): void;
  /** Removes all records since the last commit, from memory and disk. */
  rollback(): void;
}

/** The records of one log on disk. What is written to it counts once it is committed. */
export interface DurableLog {
  /** The extents that were on disk when it was opened, oldest first. The log that opened it owns them. */
  readonly extents: Extent[];
  /** The position after the last record that was on disk when it was opened. */
  readonly next: number;
  /** Upper bound for the arrival times of all records ever written, epoch milliseconds. */
  readonly lastAtMs: number;
  /** Called when the log gets its first record that is not on disk yet. */
  markDirty(log: DirtyLog): void;
  /** Writes the extent's records from a position on and sets the extent's `onDisk`; throws if that fails. */
  write(extent: Extent, from: number): void;
  commit(): void;
  rollback(): void;
  /** Reads an extent back from disk; throws if that fails. */
  load(extent: Extent, allocate: Allocate): Segment;
  /** Allows it to delete records before this position. */
  trim(before: number): void;
  /** Deletes all records. */
  clear(): void;
}

export interface LogStorage {
  /** @param extentBytesMax the most memory that an extent should use once it is read back */
  open(streamId: string, shard: ShardState, extentBytesMax: number): DurableLog;
}
