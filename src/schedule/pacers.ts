import type { Profile } from './profile.js';

/**
 * Computes when records should be sent. A pacer is a pure function without clock or state, so a table of results tests
 * it. Times are milliseconds of schedule time: 0 is the start of the run, and pauses do not count.
 */
export interface Pacer {
  /**
   * @param amount       what is due before the record: the number of records, or their bytes
   * @param recordedAtMs when it was recorded, in epoch milliseconds; NaN if that is unknown
   */
  intendedAt(amount: number, recordedAtMs: number): number;
}

/**
 * No schedule: every record is due already, so it is sent when the target has room for it. Its intended time becomes
 * the moment at which a worker takes it into a batch.
 */
export class AsFastAsPossiblePacer implements Pacer {
  intendedAt(): number {
    return Number.NEGATIVE_INFINITY;
  }
}

/** A share of a burst that rounding errors stay below. */
const ROUNDING_ERROR = 1e-9;

/**
 * A rate, constant or changing: a record is due when the profile has asked for the amount before it. With bursts, the
 * records of each interval are due at its start.
 */
export class RatePacer implements Pacer {
  readonly profile: Profile;
  /** From here on, nothing is due. */
  readonly endMs: number;
  readonly #burstMs: number;

  /** @param burstMs the length of the intervals; 0: no bursts */
  constructor(profile: Profile, burstMs = 0, endMs = Number.POSITIVE_INFINITY) {
    this.profile = profile;
    this.#burstMs = burstMs;
    this.endMs = Math.min(endMs, profile.endMs);
  }

  /** Infinity: no more is due. */
  intendedAt(amount: number): number {
    const evenMs = this.profile.whenDue(amount);
    if (evenMs >= this.endMs) return Number.POSITIVE_INFINITY;
    return this.#burstMs === 0 ? evenMs : Math.floor(evenMs / this.#burstMs + ROUNDING_ERROR) * this.#burstMs;
  }

  /** What is due before a moment. */
  amountBy(ms: number): number {
    const burstEndMs = this.#burstMs === 0 ? ms : Math.ceil(ms / this.#burstMs - ROUNDING_ERROR) * this.#burstMs;
    return this.profile.amountBy(Math.min(burstEndMs, this.endMs));
  }
}

/**
 * The recorded moments as a schedule: a record is due as long after the first one as it was recorded after it, divided
 * by `speed`. Each time is computed from the first record, so a record that is out of order moves no later one.
 */
export class RecordedTimingPacer implements Pacer {
  readonly #firstRecordedAtMs: number;
  readonly #speed: number;
  readonly #fromMs: number;

  /** @param fromMs when the first record is due */
  constructor(firstRecordedAtMs: number, speed: number, fromMs = 0) {
    this.#firstRecordedAtMs = firstRecordedAtMs;
    this.#speed = speed;
    this.#fromMs = fromMs;
  }

  intendedAt(_amount: number, recordedAtMs: number): number {
    return this.#fromMs + (recordedAtMs - this.#firstRecordedAtMs) / this.#speed;
  }
}
