import type { Scratch } from '../../bytes/scratch.js';
import type { OutgoingRecord } from '../../send/target.js';

/** Writes the body of PutRecords from the records' bytes where they lie: no object, string or buffer for each. */
export interface BodyWriter {
  /** Bytes that the body takes at most. */
  bytesMax(batch: readonly OutgoingRecord[]): number;

  /**
   * @param batch at least one record
   * @param into  with room for `bytesMax` from `at`
   * @returns where the body ends
   */
  write(batch: readonly OutgoingRecord[], into: Scratch, at: number): number;
}
