import type { RecordedOrder } from '../../core/report.js';

/** A row is judged by the rows after it, at most this many. */
export const ROWS_AHEAD = 64;
/** A recording that goes back by more than this, and stays there, goes on from there: its rows are not all late. */
const STEP_BACK_MS = 10_000;
/** A row less far ahead than this is not held back for the rows that would judge it. */
const FAR_MS = 1_000;
/** Nobody waits this long for a record: the clock of the recording jumped. */
const WAIT_MAX_MS = 7 * 86_400_000;

/** What follows the rows at hand. */
export type Following = 'rows' | 'silence' | 'nothing';

/**
 * Recorded times that never go back, for a schedule. Rows in order keep their times, and so the pace between them:
 *
 * - A row newer than most of the next rows came too early, or its clock is ahead: it takes the time of the row before.
 * - A row older than the row before takes that one's time, if the next rows come back to it.
 * - If they do not, the clock was set back, or another file begins: the recording goes on from there.
 */
export class PacedTimes implements RecordedOrder {
  outOfOrder = 0;
  outOfOrderMaxMs = 0;
  clockJumps = 0;
  clockJumpMaxMs = 0;
  readonly #gapMaxMs: number;
  /** The paced time of the row before. */
  #nowMs = Number.NEGATIVE_INFINITY;
  /** From recorded to paced time. */
  #shiftMs = 0;

  /** @param speed how many times as fast the recording is sent */
  constructor(speed: number) {
    this.#gapMaxMs = WAIT_MAX_MS * speed;
  }

  /**
   * Paces the first rows of those given, until the rows that would judge one are still to come.
   *
   * @param newFiles  rows with which another file begins
   * @param urgentTo  rows before this one wait for no others
   * @param following 'rows' if more may come; 'silence' if they can't be waited for
   * @returns how many were paced, into `paced`
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
    /** Rows up to here are sorted. */
    let sortedTo = 1;
    for (; at < count; at++) {
      while (sortedTo <= at || (sortedTo < count && times[sortedTo]! >= times[sortedTo - 1]!)) sortedTo++;
      const until = Math.min(count, at + 1 + ROWS_AHEAD);
      const judge = until === at + 1 + ROWS_AHEAD || at < urgentTo ? 'nothing' : following;
      const aheadMs = this.aheadMs(times[at]!);
      // The next file may go back a little: that says nothing of the rows of this one.
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

  /** How far a row lies ahead of those paced, in recorded time. */
  aheadMs(recordedAtMs: number): number {
    return recordedAtMs + this.#shiftMs - this.#nowMs;
  }

  /** A row that is not older than the one before. False: the rows after it have to say. */
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
    // The first row has none before it.
    if (gapMs === Number.POSITIVE_INFINITY) this.#nowMs = ms;
    else if (olderThanNewer > 0) this.#countOutOfOrder(gapMs);
    else if (gapMs > this.#gapMaxMs) {
      this.#jump(gapMs);
      this.#shiftMs -= gapMs;
    } else this.#nowMs = ms;
    return true;
  }

  /** A row that is older than the one before. */
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
