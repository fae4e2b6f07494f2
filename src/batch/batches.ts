export interface Batch<T> {
  readonly items: readonly T[];
  readonly bytes: number;
}

/** Gathers records into batches. Times are milliseconds of the run's clock. */
export interface Batches<T> {
  /** A batch is closed and may be sent. Take it before adding more. */
  readonly full: boolean;
  /** Nothing may be sent. */
  readonly empty: boolean;
  /** Records that were added and not taken. */
  readonly count: number;
  /** The fewest records that would fill a batch. */
  readonly toFill: number;
  /** The earliest intended time of the records that may be sent; Infinity when none may. */
  readonly oldestDueMs: number;
  /** The earliest intended time of all gathered records. */
  readonly oldestHeldMs: number;
  /** @param bytes what the record adds to the size of a request */
  add(item: T, bytes: number, dueMs: number): void;
  /** A closed batch, or else the one that has waited longest; undefined when nothing may be sent. */
  take(): Batch<T> | undefined;
  /** The batch of this shard that was taken is settled: each of its records was sent, given up, or queued for a retry. */
  settled(shardIndex: number): void;
}
