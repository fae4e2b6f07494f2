/**
 * When records should be sent. A pacer is a pure function of what is asked: it holds no clock and no state, so a table
 * of its answers is a test of it. All times are milliseconds of schedule time: 0 is the start of the run, and pauses
 * do not count.
 */
export interface Pacer {
  /**
   * @param n            the record's place in the run, from 0
   * @param recordedAtMs when it was recorded (epoch ms), NaN where that is unknown
   */
  intendedAt(n: number, recordedAtMs: number): number;
}
