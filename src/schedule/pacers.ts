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

/**
 * No schedule: every record is due already, so it is sent when the target has room for it. Its intended time becomes
 * the moment at which a worker takes it into a batch.
 */
export class AsFastAsPossiblePacer implements Pacer {
  intendedAt(): number {
    return Number.NEGATIVE_INFINITY;
  }
}

/** `rps` records a second, evenly spaced: record `fromN` is due at `fromMs`, and each further one 1/rps s later. */
export class ConstantRatePacer implements Pacer {
  readonly rps: number;
  readonly #fromN: number;
  readonly #fromMs: number;

  constructor(rps: number, fromN = 0, fromMs = 0) {
    this.rps = rps;
    this.#fromN = fromN;
    this.#fromMs = fromMs;
  }

  intendedAt(n: number): number {
    // Computed from the origin: adding 1/rps for each record would drift.
    return this.#fromMs + ((n - this.#fromN) * 1000) / this.rps;
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

  intendedAt(_n: number, recordedAtMs: number): number {
    return this.#fromMs + (recordedAtMs - this.#firstRecordedAtMs) / this.#speed;
  }
}
