/**
 * Computes when records should be sent. A pacer is a pure function without clock or state, so a table of results tests
 * it. Times are milliseconds of schedule time: 0 is the start of the run, and pauses do not count.
 */
export interface Pacer {
  /**
   * @param n            the record's number in the run, from 0
   * @param recordedAtMs when it was recorded, in epoch milliseconds; NaN if that is unknown
   */
  intendedAt(n: number, recordedAtMs: number): number;
}
