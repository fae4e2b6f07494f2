import type { Asked } from '../core/report.js';
import type { ScheduleMode } from '../core/schedule-mode.js';
import { AsFastAsPossiblePacer } from './as-fast-as-possible.js';
import { ConstantRatePacer } from './constant-rate.js';
import { GapLimit } from './gap-limit.js';
import type { Pacer } from './pacer.js';
import { RecordedTimingPacer } from './recorded-timing.js';

/**
 * A pacer on the clock of a run: it counts the records, and knows of pauses and of changes of the rate. The one place
 * that gives a record its intended time.
 */
export class Schedule {
  readonly mode: ScheduleMode;
  /** The clock at schedule time 0; each pause moves it on by its length. */
  #originMs: number;
  #pausedAtMs: number | undefined;
  #pacer: Pacer | undefined;
  readonly #gaps: GapLimit | undefined;
  #n = 0;
  /** The latest intended time so far. */
  #latestMs = Number.NEGATIVE_INFINITY;
  #pausedMs = 0;
  /** Where records that were due before the run began are due, as schedule time. */
  #overdueMs: number | undefined;
  /** The schedule time of the first record of which the recorded moment counts. */
  #recordedFromMs = 0;
  /** The second of the last record of a recording, how many are due in it, and in the busiest one. */
  #second = 0;
  #dueInSecond = 0;
  #busiest = 0;

  constructor(mode: ScheduleMode, startMs: number) {
    this.mode = mode;
    if (mode.kind === 'recorded' && mode.gapMaxMs !== undefined) this.#gaps = new GapLimit(mode.gapMaxMs);
    this.#originMs = startMs;
  }

  /** Sets schedule time 0 anew, as long as no record was scheduled; a pause that was asked for before stays. */
  begin(startMs: number): void {
    this.#originMs = startMs;
    if (this.#pausedAtMs !== undefined) this.#pausedAtMs = startMs;
  }

  /** The records a second of a constant rate, as it is now; undefined in the other modes. */
  get rps(): number | undefined {
    if (this.#pacer instanceof ConstantRatePacer) return this.#pacer.rps;
    return this.mode.kind === 'constant-rate' ? this.mode.rps : undefined;
  }

  get paused(): boolean {
    return this.#pausedAtMs !== undefined;
  }

  /** Schedule time at a moment of the clock: milliseconds since the start, without the pauses. */
  elapsedAt(clockMs: number): number {
    return (this.#pausedAtMs ?? clockMs) - this.#originMs;
  }

  /** The clock at a schedule time, as long as there is no further pause. */
  clockAt(scheduleMs: number): number {
    return this.#originMs + scheduleMs;
  }

  /** The schedule time of the next record; `advance` goes on to the one after it, from the time that was given out. -Infinity: whenever there is room. */
  next(recordedAtMs: number): number {
    if (this.#overdueMs !== undefined) return Math.max(this.#latestMs, this.#overdueMs);
    this.#pacer ??= this.#firstPacer(recordedAtMs);
    const atMs = this.#gaps === undefined ? recordedAtMs : this.#gaps.shortened(recordedAtMs);
    // A row whose time lies before that of its predecessors could not have been sent before them: it is due with them.
    return Math.max(this.#latestMs, this.#pacer.intendedAt(this.#n, atMs));
  }

  advance(dueMs: number, recordedAtMs: number): void {
    this.#n++;
    if (this.#overdueMs === undefined) this.#gaps?.passed(recordedAtMs);
    this.#latestMs = dueMs;
    this.#countDue(dueMs);
  }

  /** The next records were due in an earlier leg of the run: recorded ones are due at once. */
  catchUp(clockMs: number): void {
    if (this.mode.kind === 'recorded') this.#overdueMs = Math.max(0, this.elapsedAt(clockMs));
  }

  /** The next record is the first that no earlier leg of the run read: the schedule goes on from there, and from now. */
  caughtUp(clockMs: number): void {
    const nowMs = Math.max(0, this.elapsedAt(clockMs));
    this.#overdueMs = undefined;
    if (this.mode.kind === 'recorded') this.#recordedFromMs = Math.max(nowMs, this.#latestMs);
    if (this.mode.kind === 'constant-rate') {
      const dueMs = this.#pacer?.intendedAt(this.#n, Number.NaN) ?? 0;
      if (dueMs < nowMs) this.#pacer = new ConstantRatePacer(this.rps ?? this.mode.rps, this.#n, nowMs);
    }
  }

  /** How long the schedule of the records so far is: that of n records at a constant rate is n / rps. */
  get lengthMs(): number {
    if (this.mode.kind !== 'constant-rate') return Math.max(0, this.#latestMs);
    return this.#pacer?.intendedAt(this.#n, Number.NaN) ?? 0;
  }

  /** The mean rate that was asked for, with all changes of it; undefined where the schedule is no constant rate. */
  get meanRps(): number | undefined {
    return this.mode.kind === 'constant-rate' && this.#n > 0 ? (this.#n * 1000) / this.lengthMs : this.rps;
  }

  /**
   * What the target is asked to take: a constant rate, its mean so far, or the busiest second of a recording; null:
   * what it can.
   */
  asked(rps = this.rps): Asked | null {
    if (rps !== undefined) return { recordsPerSecond: rps, isPeak: false };
    return this.#busiest === 0 ? null : { recordsPerSecond: this.#busiest, isPeak: true };
  }

  /**
   * Records of a recording that are due in the same second. What earlier legs of the run left is due all at once, and
   * does not count.
   */
  #countDue(dueMs: number): void {
    if (this.mode.kind !== 'recorded' || this.#overdueMs !== undefined) return;
    const second = Math.floor(dueMs / 1000);
    if (second !== this.#second) this.#dueInSecond = 0;
    this.#second = second;
    this.#dueInSecond++;
    if (this.#dueInSecond > this.#busiest) this.#busiest = this.#dueInSecond;
  }

  /** For how long the schedule stood still, until a moment of the clock. */
  pausedMsAt(clockMs: number): number {
    return this.#pausedMs + (this.#pausedAtMs === undefined ? 0 : clockMs - this.#pausedAtMs);
  }

  pause(clockMs: number): void {
    this.#pausedAtMs ??= clockMs;
  }

  /** Returns for how long the schedule stood still. */
  resume(clockMs: number): number {
    // A pause from before the start begins with it, which may be still to come.
    const pausedMs = Math.max(0, clockMs - (this.#pausedAtMs ?? clockMs));
    this.#originMs += pausedMs;
    this.#pausedMs += pausedMs;
    this.#pausedAtMs = undefined;
    return pausedMs;
  }

  /** Multiplies a constant rate from the next record on; the other modes have none. */
  scaleRate(factor: number): void {
    if (this.mode.kind !== 'constant-rate') return;
    const pacer: Pacer = this.#pacer ?? new ConstantRatePacer(this.mode.rps);
    const rps = (this.rps ?? this.mode.rps) * factor;
    this.#pacer = new ConstantRatePacer(rps, this.#n, pacer.intendedAt(this.#n, Number.NaN));
  }

  #firstPacer(recordedAtMs: number): Pacer {
    switch (this.mode.kind) {
      case 'constant-rate':
        return new ConstantRatePacer(this.mode.rps);
      case 'recorded':
        return new RecordedTimingPacer(recordedAtMs, this.mode.speed, this.#recordedFromMs);
      case 'as-fast-as-possible':
        return new AsFastAsPossiblePacer();
    }
  }
}
