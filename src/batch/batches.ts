export interface Batch<T> {
  readonly items: readonly T[];
  readonly bytes: number;
}

/** Gathers records into batches. Times are milliseconds of the run's clock. */
export interface Batches<T> {
  /** A batch is closed and may be sent. It must be taken before more records are added. */
  readonly full: boolean;
  /** No record may be sent. */
  readonly empty: boolean;
  /** Records that were added and not taken. Read it only if no batch is closed. */
  readonly count: number;
  /** An estimate of how many more records fill a batch. */
  readonly toFill: number;
  /** The earliest intended time of the records that may be sent; Infinity if none may. */
  readonly oldestDueMs: number;
  /**
   * The earliest intended time of all records, including those that may not be sent yet; Infinity if there are none.
   */
  readonly oldestHeldMs: number;
  /** Adds a record. @param bytes what it adds to the size of a request */
  add(item: T, bytes: number, dueMs: number): void;
  /** Takes a closed batch, or else the open one that has been ready longest; undefined if nothing may be sent. */
  take(): Batch<T> | undefined;
  /** The batch of this shard is settled: each of its records was sent, given up, or queued for a retry. */
  settled(shardIndex: number): void;
}
