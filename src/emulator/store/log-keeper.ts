import type { Extent } from './extent.js';
import type { Segment } from './segment.js';
import type { ShardState } from './stream-state.js';

/** Makes a segment for records whose keys and data have this size together. */
export type Allocate = (payloadBytes: number, count: number) => Segment;

/** A log with records that its keeper does not have yet. */
export interface UnkeptLog {
  /** Hands them to the keeper; throws where that fails. */
  write(): void;
  /** What was written stays. */
  accept(): void;
  /** Forgets what came since it last accepted, wherever it is. */
  undo(): void;
}

/** Keeps the records of one log on disk. What it is handed counts once the log accepts it. */
export interface LogKeeper {
  /** What was there when it was opened, oldest first; they become the log's. */
  readonly extents: Extent[];
  /** The position after the last record that is kept. */
  readonly next: number;
  /** No record that was ever kept is later, epoch milliseconds. */
  readonly lastAtMs: number;
  /** The log has its first record that is not kept yet. */
  touched(log: UnkeptLog): void;
  /** Writes the extent's records from a position on, and where they went into the extent; throws where it cannot. */
  write(extent: Extent, from: number): void;
  accept(): void;
  undo(): void;
  /** Reads an extent back; throws where it cannot. */
  load(extent: Extent, allocate: Allocate): Segment;
  /** No record before this position will be asked for again. */
  trim(before: number): void;
  /** Nor will any other. */
  clear(): void;
}

export interface LogStorage {
  /** @param extentBytesMax the memory that an extent should take once it is read back */
  open(streamId: string, shard: ShardState, extentBytesMax: number): LogKeeper;
}
