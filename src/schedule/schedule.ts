import type { Asked } from '../core/report.js';
import type { ScheduleMode } from '../core/schedule-mode.js';
import { GapLimit } from './gap-limit.js';
import type { Pacer } from './pacers.js';
import { AsFastAsPossiblePacer, ConstantRatePacer, RecordedTimingPacer } from './pacers.js';

/**
 * Gives each record its intended time, and is the only place that does. It is a pacer on the clock of a run, which
 * counts records, and handles pauses and changes of the rate.
 */
export class Schedule {
  readonly mode: ScheduleMode;
  /** The clock at schedule time 0. Each pause moves it by the length of the pause. */
  #originMs: number;
  #pausedAtMs: number | undefined;
  #pacer: Pacer | undefined;
  readonly #gaps: GapLimit | undefined;
  #n = 0;
  /** The latest intended time so far. */
  #latestMs = Number.NEGATIVE_INFINITY;
  #pausedMs = 0;
  /** For records that were due in an earlier leg of the run: the schedule time at which they are due now. */
  #overdueMs: number | undefined;
  /** The schedule time of the first record that is paced by its recorded moment. */
  #recordedFromMs = 0;
  /** For a recording: the second of the last record, how many records are due in it, and in the busiest second. */
  #second = 0;
  #dueInSecond = 0;
  #busiest = 0;

  constructor(mode: ScheduleMode, startMs: number) {
    this.mode = mode;
    if (mode.kind === 'recorded' && mode.gapMaxMs !== undefined) this.#gaps = new GapLimit(mode.gapMaxMs);
    this.#originMs = startMs;
  }

  /** Sets the clock at schedule time 0. Call it before a record is scheduled. A pause that has begun continues. */
  begin(startMs: number): void {
    this.#originMs = startMs;
    if (this.#pausedAtMs !== undefined) this.#pausedAtMs = startMs;
  }

  /** The current constant rate, in records a second; undefined in the other modes. */
  get rps(): number | undefined {
    if (this.#pacer instanceof ConstantRatePacer) return this.#pacer.rps;
    return this.mode.kind === 'constant-rate' ? this.mode.rps : undefined;
  }

  get paused(): boolean {
    return this.#pausedAtMs !== undefined;
  }

  /** The schedule time at a moment of the clock: milliseconds since the start, without pauses. */
  elapsedAt(clockMs: number): number {
    return (this.#pausedAtMs ?? clockMs) - this.#originMs;
  }

  /** The moment of the clock at a schedule time, if there is no further pause. */
  clockAt(scheduleMs: number): number {
    return this.#originMs + scheduleMs;
  }

  /** The schedule time at which the next record is due; -Infinity: as soon as there is room. */
  next(recordedAtMs: number): number {
    if (this.#overdueMs !== undefined) return Math.max(this.#latestMs, this.#overdueMs);
    this.#pacer ??= this.#firstPacer(recordedAtMs);
    const atMs = this.#gaps === undefined ? recordedAtMs : this.#gaps.shortened(recordedAtMs);
    // A record older than one before it is due together with that one, not before.
    return Math.max(this.#latestMs, this.#pacer.intendedAt(this.#n, atMs));
  }

  /** Moves on to the next record. @param dueMs what `next` returned for this one */
  advance(dueMs: number, recordedAtMs: number): void {
    this.#n++;
    if (this.#overdueMs === undefined) this.#gaps?.passed(recordedAtMs);
    this.#latestMs = dueMs;
    this.#countDue(dueMs);
  }

  /** The next records were read in an earlier leg of the run. In a recording, they are due at once. */
  catchUp(clockMs: number): void {
    if (this.mode.kind === 'recorded') this.#overdueMs = Math.max(0, this.elapsedAt(clockMs));
  }

  /** The next record is the first one that no earlier leg of the run read. The schedule continues with it, from now. */
  caughtUp(clockMs: number): void {
    const nowMs = Math.max(0, this.elapsedAt(clockMs));
    this.#overdueMs = undefined;
    if (this.mode.kind === 'recorded') this.#recordedFromMs = Math.max(nowMs, this.#latestMs);
    if (this.mode.kind === 'constant-rate') {
      const dueMs = this.#pacer?.intendedAt(this.#n, Number.NaN) ?? 0;
      if (dueMs < nowMs) this.#pacer = new ConstantRatePacer(this.rps ?? this.mode.rps, this.#n, nowMs);
    }
  }

  /** How long the schedule of the records so far is. For n records at a constant rate, that is n / rps. */
  get lengthMs(): number {
    if (this.mode.kind !== 'constant-rate') return Math.max(0, this.#latestMs);
    return this.#pacer?.intendedAt(this.#n, Number.NaN) ?? 0;
  }

  /** The mean of the constant rate, including its changes; undefined in the other modes. */
  get meanRps(): number | undefined {
    return this.mode.kind === 'constant-rate' && this.#n > 0 ? (this.#n * 1000) / this.lengthMs : this.rps;
  }

  /**
   * The load on the target: a constant rate, or the busiest second of a recording so far; null if the run is as fast as
   * possible.
   *
   * @param rps the rate to report, by default the current one
   */
  asked(rps = this.rps): Asked | null {
    if (rps !== undefined) return { recordsPerSecond: rps, isPeak: false };
    return this.#busiest === 0 ? null : { recordsPerSecond: this.#busiest, isPeak: true };
  }

  /**
   * Counts the records of a recording by second. Records that earlier legs left are due all at once, and do not count.
   */
  #countDue(dueMs: number): void {
    if (this.mode.kind !== 'recorded' || this.#overdueMs !== undefined) return;
    const second = Math.floor(dueMs / 1000);
    if (second !== this.#second) this.#dueInSecond = 0;
    this.#second = second;
    this.#dueInSecond++;
    if (this.#dueInSecond > this.#busiest) this.#busiest = this.#dueInSecond;
  }

  /** The length of all pauses before a moment of the clock. */
  pausedMsAt(clockMs: number): number {
    return this.#pausedMs + (this.#pausedAtMs === undefined ? 0 : clockMs - this.#pausedAtMs);
  }

  pause(clockMs: number): void {
    this.#pausedAtMs ??= clockMs;
  }

  /** Ends a pause. Returns its length. */
  resume(clockMs: number): number {
    // A pause from before the start counts from the start, which may still be in the future.
    const pausedMs = Math.max(0, clockMs - (this.#pausedAtMs ?? clockMs));
    this.#originMs += pausedMs;
    this.#pausedMs += pausedMs;
    this.#pausedAtMs = undefined;
    return pausedMs;
  }

  /** Multiplies a constant rate, from the next record on. Has no effect in the other modes. */
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
