import type { RecordedOrder } from '../../core/report.js';

/** A row is judged by at most this many rows after it. */
export const ROWS_AHEAD = 64;
/** A recording that goes back by more than this, and stays there, continues from there: its rows are not all late. */
const STEP_BACK_MS = 10_000;
/** A row that is ahead by less than this does not wait for the rows that would judge it. */
const FAR_MS = 1_000;
/** A longer gap means that the clock of the recording jumped: no one waits this long for a record. */
const WAIT_MAX_MS = 7 * 86_400_000;

/** What follows the rows that are known. */
export type Following = 'rows' | 'silence' | 'nothing';

/**
 * Turns recorded times into times that never go back, for a schedule. Rows in order keep their times, and so their
 * pace:
 *
 * - A row newer than most of the next rows came too early, or its clock is ahead: it gets the time of the row before.
 * - A row older than the row before gets the time of that row, if the next rows come back to it.
 * - If they do not, the clock was set back, or another file begins: the recording continues from there.
 */
export class PacedTimes implements RecordedOrder {
  outOfOrder = 0;
  outOfOrderMaxMs = 0;
  clockJumps = 0;
  clockJumpMaxMs = 0;
  readonly #gapMaxMs: number;
  /** The paced time of the row before. */
  #nowMs = Number.NEGATIVE_INFINITY;
  /** Added to recorded times to get paced times. */
  #shiftMs = 0;

  /** @param speed how many times faster than recorded the rows are sent */
  constructor(speed: number) {
    this.#gapMaxMs = WAIT_MAX_MS * speed;
  }

  /**
   * Paces rows, up to the first one that must wait for the rows that would judge it.
   *
   * @param newFiles  indexes of rows that begin another file
   * @param urgentTo  rows before this index do not wait for others
   * @param following 'rows' if more may come; 'silence' if there is no time to wait for them
   * @param paced     gets the paced times
   * @returns how many rows were paced
   */
  pace(
    times: Float64Array,
    count: number,
    newFiles: readonly number[],
    urgentTo: number,
    following: Following,
    paced: Float64Array,
  ): number {
    let at = 0;
    /** Rows from `at` up to here are sorted. */
    let sortedTo = 1;
    for (; at < count; at++) {
      while (sortedTo <= at || (sortedTo < count && times[sortedTo]! >= times[sortedTo - 1]!)) sortedTo++;
      const until = Math.min(count, at + 1 + ROWS_AHEAD);
      const judge = until === at + 1 + ROWS_AHEAD || at < urgentTo ? 'nothing' : following;
      const aheadMs = this.aheadMs(times[at]!);
      // The next file may go back a little, which does not make this row wrong.
      const fileEnd = aheadMs <= STEP_BACK_MS ? newFiles.find((begin) => begin > at) : undefined;
      const voters = sortedTo >= until ? at : Math.min(until, fileEnd ?? until);
      const found =
        aheadMs < 0
          ? this.#behind(times, at, until, judge, newFiles.includes(at))
          : this.#ahead(times, at, voters, judge);
      if (!found) break;
      paced[at] = this.#nowMs;
    }
    return at;
  }

  /** How far a row is ahead of the rows paced so far, in recorded time. */
  aheadMs(recordedAtMs: number): number {
    return recordedAtMs + this.#shiftMs - this.#nowMs;
  }

  /** Paces a row that is not older than the one before; false if it must wait for the rows after it. */
  #ahead(times: Float64Array, at: number, until: number, following: Following): boolean {
    const ms = times[at]! + this.#shiftMs;
    const gapMs = ms - this.#nowMs;
    if (following === 'rows' && gapMs > FAR_MS && Number.isFinite(gapMs)) return false;
    let olderThanNewer = 0;
    for (let next = at + 1; next < until; next++) {
      const nextMs = times[next]! + this.#shiftMs;
      if (nextMs >= ms) olderThanNewer--;
      else if (nextMs >= this.#nowMs) olderThanNewer++;
    }
    // The first row has no row before it.
    if (gapMs === Number.POSITIVE_INFINITY) this.#nowMs = ms;
    else if (olderThanNewer > 0) this.#countOutOfOrder(gapMs);
    else if (gapMs > this.#gapMaxMs) {
      this.#jump(gapMs);
      this.#shiftMs -= gapMs;
    } else this.#nowMs = ms;
    return true;
  }

  /** Paces a row that is older than the one before; false if it must wait for the rows after it. */
  #behind(times: Float64Array, at: number, until: number, following: Following, isNewFile: boolean): boolean {
    const byMs = this.#nowMs - times[at]! - this.#shiftMs;
    let back = 0;
    for (let next = at + 1; next < until; next++) if (times[next]! + this.#shiftMs >= this.#nowMs) back++;
    // The last rows of a file may be as new as those of the file before.
    const comesBack = isNewFile ? 2 * back >= until - at : back > 0 || byMs <= STEP_BACK_MS;
    if (!comesBack && following === 'rows') return false;
    if (comesBack || following === 'silence') this.#countOutOfOrder(byMs);
    else {
      this.#jump(byMs);
      this.#shiftMs += byMs;
    }
    return true;
  }

  #countOutOfOrder(byMs: number): void {
    this.outOfOrder++;
    this.outOfOrderMaxMs = Math.max(this.outOfOrderMaxMs, byMs);
  }

  #jump(byMs: number): void {
    this.clockJumps++;
    this.clockJumpMaxMs = Math.max(this.clockJumpMaxMs, byMs);
  }
}
