import type { Arrival, ScheduleMode, Stage } from '../core/schedule-mode.js';
import { RatePacer } from './pacers.js';
import { poissonGap } from './poisson.js';
import { Profile } from './profile.js';

/** The schedule modes that ask for a rate. */
export type RatedMode = Extract<ScheduleMode, { kind: 'constant-rate' | 'stages' | 'bytes-per-second' }>;

/** A part of the run in which the user did not change the rate. */
interface Scaled {
  readonly fromMs: number;
  readonly factor: number;
  /** What was asked for before it. */
  readonly before: number;
}

/**
 * The rate of a run, which the user may scale while it goes. Times are milliseconds from the start of the rate. Amounts
 * are records, or bytes if the rate is in bytes.
 */
export class Rate {
  readonly #pacer: RatePacer;
  readonly #arrival: Arrival;
  readonly #countsBytes: boolean;
  /** In order; never empty. */
  readonly #scaled: Scaled[] = [{ fromMs: 0, factor: 1, before: 0 }];
  /** What the profile asks for before the first record of the current `Scaled`, and what the records after it add. */
  #base = 0;
  #added = 0;
  /** By how much the rate is scaled now. */
  #factor = 1;
  #records = 0;
  #bytes = 0;

  /**
   * @param endMs  when the run ends, if not before: with its profile
   * @param fromMs where in the profile it begins: further on in a resumed run
   */
  constructor(mode: RatedMode, endMs: number, fromMs = 0) {
    const { arrival = { kind: 'even' } } = mode;
    const profile = new Profile(stagesOf(mode)).from(fromMs) ?? new Profile([{ fromRps: 0, toRps: 0, durationMs: 0 }]);
    this.#pacer = new RatePacer(profile, arrival.kind === 'burst' ? arrival.everyMs : 0, endMs);
    this.#arrival = arrival;
    this.#countsBytes = mode.kind === 'bytes-per-second';
  }

  /** When no more records are due; Infinity: never. */
  get endMs(): number {
    return this.#pacer.endMs;
  }

  /** By how much it was scaled, in all. */
  get factor(): number {
    return this.#factor;
  }

  /** When the next record is due; Infinity: none is. */
  next(): number {
    return this.#pacer.intendedAt(this.#amount);
  }

  /** When the next record would be due without bursts, and at most the end of the profile. */
  get evenMs(): number {
    const { profile } = this.#pacer;
    return Math.min(profile.whenDue(this.#amount), profile.endMs);
  }

  /** Moves on to the next record. @param bytes of this one */
  advance(bytes: number): void {
    const amount = this.#countsBytes ? bytes : 1;
    this.#added += this.#arrival.kind === 'poisson' ? amount * poissonGap(this.#arrival.seed, this.#records) : amount;
    this.#records++;
    this.#bytes += bytes;
  }

  /**
   * How many records from the next one on are due by a moment. One at a time if they are not evenly spaced: 0 or 1.
   *
   * @param bytesEach of each record; undefined: they differ
   */
  dueBy(ms: number, bytesEach: number | undefined): number {
    if (this.next() > ms) return 0;
    const each = this.#countsBytes ? bytesEach : 1;
    // Sums of fractions depend on their order.
    if (this.#arrival.kind === 'poisson' || each === undefined || !Number.isInteger(each)) return 1;
    return Math.max(1, Math.floor((this.#pacer.amountBy(ms) - this.#amount) / each));
  }

  /** Moves on by several records that are evenly spaced. @param bytes of all of them */
  advanceMany(records: number, bytes: number): void {
    this.#added += this.#countsBytes ? bytes : records;
    this.#records += records;
    this.#bytes += bytes;
  }

  /** Multiplies the rate, from the next record on. */
  scale(by: number): void {
    const next: Scaled = { fromMs: this.evenMs, factor: this.#factor * by, before: this.#askedSoFar };
    this.#base = this.#amount;
    this.#added = 0;
    this.#factor = next.factor;
    this.#scaled.push(next);
  }

  /**
   * Records due before a moment, whether or not they were read in time.
   *
   * @param isOver whether no more records come: then those after the next one do not count
   */
  askedBy(ms: number, isOver: boolean): number {
    const { factor, before, fromMs } = this.#scaled.findLast((one) => one.fromMs <= ms) ?? this.#scaled[0]!;
    const asked = before + factor * (this.#pacer.amountBy(ms) - this.#pacer.profile.amountBy(fromMs));
    return this.#inRecords(isOver ? Math.min(asked, this.#askedSoFar) : asked);
  }

  /** The mean rate until the next record. */
  get meanRps(): number {
    const { evenMs } = this;
    return evenMs === 0 ? this.rpsAt(0) : (this.#inRecords(this.#askedSoFar) * 1000) / evenMs;
  }

  /** Records a second at a moment, with the factor of the next record. */
  rpsAt(ms: number): number {
    return this.#inRecords(this.#factor * this.#pacer.profile.rateAt(ms));
  }

  /** Whether the rate changes of itself, and the most records that it asks for in a second. */
  get peak(): { readonly rps: number; readonly isPeak: boolean } {
    const { profile, endMs } = this.#pacer;
    const peaks = this.#scaled.map(({ fromMs, factor }, i) => {
      return factor * profile.peakBetween(fromMs, Math.min(endMs, this.#scaled[i + 1]?.fromMs ?? endMs));
    });
    const burstSeconds = this.#arrival.kind === 'burst' ? Math.max(1, this.#arrival.everyMs / 1000) : 1;
    return { rps: this.#inRecords(Math.max(0, ...peaks)) * burstSeconds, isPeak: burstSeconds > 1 };
  }

  /** What was asked for until the next record. */
  get #askedSoFar(): number {
    const { factor, before, fromMs } = this.#scaled.at(-1)!;
    const { profile } = this.#pacer;
    return before + factor * (profile.amountBy(this.evenMs) - profile.amountBy(fromMs));
  }

  get #amount(): number {
    // Multiples of the distance, never sums of it: these would drift.
    return this.#base + (this.#factor === 1 ? this.#added : this.#added / this.#factor);
  }

  /** An amount in records: bytes are divided by the mean size of the records so far. */
  #inRecords(amount: number): number {
    if (!this.#countsBytes) return amount;
    return this.#bytes === 0 ? 0 : (amount * this.#records) / this.#bytes;
  }
}

function stagesOf(mode: RatedMode): readonly Stage[] {
  if (mode.kind === 'stages') return mode.stages;
  const rate = mode.kind === 'constant-rate' ? mode.rps : mode.bytesPerSecond;
  return [{ fromRps: rate, toRps: rate, durationMs: Number.POSITIVE_INFINITY }];
}
