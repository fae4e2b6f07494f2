import type { Asked } from '../core/report.js';
import type { ScheduleMode } from '../core/schedule-mode.js';
import { GapLimit } from './gap-limit.js';
import { AsFastAsPossiblePacer, type Pacer, RecordedTimingPacer } from './pacers.js';
import { Rate } from './rate.js';
import { RunClock } from './run-clock.js';

/** Where a schedule begins and ends, in milliseconds of schedule time. */
export interface ScheduleBounds {
  /** Records due from here on are not sent. */
  readonly durationMs?: number | undefined;
  /** For stages: how much of them earlier legs of the run have done. */
  readonly doneMs?: number | undefined;
  /** For a part of a run: about which share of the records it has, until that is counted. */
  readonly share?: number | undefined;
  /** For a part of a recording: when the whole of it begins, epoch milliseconds; by default, with the first record. */
  readonly originMs?: number | undefined;
}

/**
 * Gives each record its intended time, and is the only place that does. It is a pacer on the clock of a run, which
 * counts records, and handles pauses and changes of the rate.
 */
export class Schedule {
  readonly mode: ScheduleMode;
  readonly #clock: RunClock;
  /** undefined: the mode asks for no rate. */
  readonly #rate: Rate | undefined;
  readonly #durationMs: number;
  readonly #doneMs: number;
  /** For a part of a run: what share of the records it is expected to have, and how many were its own. */
  readonly #expectedShare: number;
  readonly #originMs: number | undefined;
  #own = 0;
  #others = 0;
  /** The schedule time at which the rate begins: in a resumed run, when it has caught up. */
  #rateFromMs = 0;
  #pacer: Pacer | undefined;
  readonly #gaps: GapLimit | undefined;
  /** The latest intended time so far. */
  #latestMs = Number.NEGATIVE_INFINITY;
  /** For records that were due in an earlier leg of the run: the schedule time at which they are due now. */
  #overdueMs: number | undefined;
  /** All records were scheduled: no more are asked for. */
  #finished = false;
  /** The schedule time of the first record that is paced by its recorded moment. */
  #recordedFromMs = 0;
  /** For a recording: the second of the last record, how many records are due in it, and in the busiest second. */
  #second = 0;
  #dueInSecond = 0;
  #busiest = 0;

  constructor(
    mode: ScheduleMode,
    startMs: number,
    { durationMs, doneMs = 0, share = 1, originMs }: ScheduleBounds = {},
  ) {
    this.mode = mode;
    this.#clock = new RunClock(startMs);
    this.#durationMs = durationMs ?? Number.POSITIVE_INFINITY;
    this.#doneMs = doneMs;
    this.#expectedShare = share;
    this.#originMs = originMs;
    if (mode.kind === 'recorded') {
      if (mode.gapMaxMs !== undefined) this.#gaps = new GapLimit(mode.gapMaxMs);
    } else if (mode.kind !== 'as-fast-as-possible') {
      this.#rate = new Rate(mode, this.#durationMs, doneMs);
    }
  }

  /** Sets the clock at schedule time 0. Call it before a record is scheduled. A pause that has begun continues. */
  begin(startMs: number): void {
    this.#clock.begin(startMs);
  }

  /** Records from this schedule time on are not sent; Infinity: all are. */
  get endMs(): number {
    return Math.min(this.#durationMs, this.#rateFromMs + (this.#rate?.endMs ?? Number.POSITIVE_INFINITY));
  }

  get paused(): boolean {
    return this.#clock.paused;
  }

  /** The schedule time at a moment of the clock: milliseconds since the start, without pauses. */
  elapsedAt(clockMs: number): number {
    return this.#clock.elapsedAt(clockMs);
  }

  /** The moment of the clock at a schedule time, if there is no further pause. */
  clockAt(scheduleMs: number): number {
    return this.#clock.clockAt(scheduleMs);
  }

  /** The schedule time at which the next record is due; -Infinity: as soon as there is room; Infinity: never. */
  next(recordedAtMs: number): number {
    if (this.#overdueMs !== undefined) return Math.max(this.#latestMs, this.#overdueMs);
    if (this.#rate !== undefined) return Math.max(this.#latestMs, this.#rateFromMs + this.#rate.next());
    this.#pacer ??= this.#firstPacer(recordedAtMs);
    const atMs = this.#gaps === undefined ? recordedAtMs : this.#gaps.shortened(recordedAtMs);
    // A record older than one before it is due together with that one, not before.
    return Math.max(this.#latestMs, this.#pacer.intendedAt(0, atMs));
  }

  /**
   * Moves on to the next record.
   *
   * @param dueMs what `next` returned for this one
   * @param bytes its size, as the target counts it
   */
  advance(dueMs: number, recordedAtMs: number, bytes: number): void {
    this.#own++;
    this.#moveOn(dueMs, recordedAtMs, bytes);
  }

  /** The same for a record that another part of the run sends. */
  pass(dueMs: number, recordedAtMs: number, bytes: number): void {
    this.#others++;
    this.#moveOn(dueMs, recordedAtMs, bytes);
  }

  /**
   * How many records of a schedule without recorded times are due by then, from the next one on; at least as many can
   * be passed with `passMany`. May be less than all: ask again.
   *
   * @param bytesEach the bytes of each; undefined: they differ
   */
  dueBy(scheduleMs: number, bytesEach: number | undefined): number {
    if (this.next(Number.NaN) > scheduleMs) return 0;
    if (this.mode.kind === 'as-fast-as-possible') return Number.POSITIVE_INFINITY;
    if (this.#rate === undefined || this.#overdueMs !== undefined) return 1;
    return this.#rate.dueBy(scheduleMs - this.#rateFromMs, bytesEach);
  }

  /** Passes records that other parts of the run send: one, or as many as `dueBy` has returned. */
  passMany(records: number, bytes: number): void {
    if (records === 1) {
      this.pass(this.next(Number.NaN), Number.NaN, bytes);
    } else {
      this.#others += records;
      this.#rate?.advanceMany(records, bytes);
    }
  }

  #moveOn(dueMs: number, recordedAtMs: number, bytes: number): void {
    if (this.#overdueMs === undefined) {
      this.#rate?.advance(bytes);
      this.#gaps?.passed(recordedAtMs);
    }
    this.#latestMs = dueMs;
    this.#countDue(dueMs);
  }

  /** The next records were read in an earlier leg of the run. In a recording and in stages, they are due at once. */
  catchUp(clockMs: number): void {
    const { kind } = this.mode;
    if (kind === 'recorded' || kind === 'stages') this.#overdueMs = Math.max(0, this.elapsedAt(clockMs));
  }

  /** The next record is the first one that no earlier leg of the run read. The schedule continues with it, from now. */
  caughtUp(clockMs: number): void {
    const nowMs = Math.max(0, this.elapsedAt(clockMs), this.#overdueMs === undefined ? 0 : this.#latestMs);
    this.#overdueMs = undefined;
    if (this.mode.kind === 'recorded') this.#recordedFromMs = nowMs;
    if (this.#rate !== undefined) this.#rateFromMs = Math.max(this.#rateFromMs, nowMs - this.#rate.evenMs);
  }

  /** All records of the run were scheduled. */
  finish(): void {
    this.#finished = true;
  }

  /** Whether the rate has come to its end, and asks for no more records. */
  get isOver(): boolean {
    return this.#rate?.next() === Number.POSITIVE_INFINITY;
  }

  /** How much of the stages is done, in all legs of the run: the next record is due then. */
  get doneMs(): number {
    return this.#doneMs + (this.#rate?.evenMs ?? 0);
  }

  /** How long the schedule of the records so far is. For n records at a constant rate, that is n / rps. */
  get lengthMs(): number {
    return this.#rate === undefined ? Math.max(0, this.#latestMs) : this.#rateFromMs + this.#rate.evenMs;
  }

  /** The rate at a moment of the clock, in records a second; undefined: the mode has none, or it is not known yet. */
  rpsAt(clockMs: number): number | undefined {
    const rps = this.#rate?.rpsAt(this.elapsedAt(clockMs) - this.#rateFromMs);
    return rps && rps * this.#share;
  }

  /** By how much the user has scaled the rate. */
  get factor(): number {
    return this.#rate?.factor ?? 1;
  }

  /** Records due between two moments of the clock, whether or not they could be sent then; undefined: as `rpsAt`. */
  askedBetween(fromMs: number, toMs: number): number | undefined {
    const rate = this.#rate;
    if (rate === undefined) return undefined;
    const askedBy = (clockMs: number) =>
      rate.askedBy(this.#clock.elapsedAtPast(clockMs) - this.#rateFromMs, this.#finished);
    return (askedBy(toMs) - askedBy(fromMs)) * this.#share;
  }

  /** The mean of the rate so far, including its changes; undefined: as `rpsAt`. */
  get meanRps(): number | undefined {
    return this.#rate && this.#rate.meanRps * this.#share;
  }

  /** For a part of a run: the share of its records so far. The shares of all parts add up to 1. */
  get #share(): number {
    const all = this.#own + this.#others;
    return all === 0 || this.#others === 0 ? this.#expectedShare : this.#own / all;
  }

  /**
   * The load on the target: a constant rate, the peak of a changing one, or the busiest second of a recording so far;
   * null if the run is as fast as possible. For a part of a run, it is the load of all parts.
   *
   * @param isOver whether the run is over: then a constant rate is the mean over its changes
   */
  asked(isOver = false): Asked | null {
    const rps = isOver ? this.#rate?.meanRps : this.#rate?.rpsAt(0);
    const { kind } = this.mode;
    const peak = this.#rate?.peak;
    if (peak !== undefined && (kind === 'stages' || peak.isPeak)) {
      return { recordsPerSecond: peak.rps, isPeak: true };
    }
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
    return this.#clock.pausedMsAt(clockMs);
  }

  pause(clockMs: number): void {
    this.#clock.pause(clockMs);
  }

  /** Ends a pause. Returns its length. */
  resume(clockMs: number): number {
    return this.#clock.resume(clockMs);
  }

  /** Multiplies the rate, from the next record on. Has no effect in modes without one. */
  scaleRate(factor: number): void {
    this.#rate?.scale(factor);
  }

  #firstPacer(recordedAtMs: number): Pacer {
    if (this.mode.kind !== 'recorded') return new AsFastAsPossiblePacer();
    // A resumed run goes on from where it was.
    const firstMs = this.#recordedFromMs === 0 ? (this.#originMs ?? recordedAtMs) : recordedAtMs;
    return new RecordedTimingPacer(firstMs, this.mode.speed, this.#recordedFromMs);
  }
}
