export interface Batch<T> {
  readonly items: readonly T[];
  readonly bytes: number;
}

/** Gathers what is to be sent into batches. */
export interface Batches<T> {
  /** A batch is closed, and may go: take it before adding more. */
  readonly full: boolean;
  /** There is nothing that may go. */
  readonly empty: boolean;
  /** How many were gathered and not taken. */
  readonly count: number;
  /** How many more can fill a batch, at the least. */
  readonly toFill: number;
  /** The earliest intended time among what may go; Infinity when nothing may. */
  readonly oldestDueMs: number;
  /** The same among all that was gathered. */
  readonly oldestHeldMs: number;
  /** @param bytes what the item counts in the request */
  add(item: T, bytes: number, dueMs: number): void;
  /** A closed batch, else the one that has waited longest; undefined when there is nothing that may go. */
  take(): Batch<T> | undefined;
  /** A batch that was taken needs nothing more. */
  settled(lane: number): void;
}
