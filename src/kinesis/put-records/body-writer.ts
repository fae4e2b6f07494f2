import type { Scratch } from '../../bytes/scratch.js';
import type { OutgoingRecord } from '../../target/target.js';

/** Writes the body of a PutRecords request straight from the records' buffers, and allocates nothing per record. */
export interface BodyWriter {
  /** An upper bound on the body's size. */
  bytesMax(batch: readonly OutgoingRecord[]): number;

  /**
   * @param batch at least one record
   * @param into  has room for `bytesMax` bytes from `at`
   * @returns the position after the body
   */
  write(batch: readonly OutgoingRecord[], into: Scratch, at: number): number;
}
