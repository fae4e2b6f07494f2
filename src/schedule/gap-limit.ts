/**
 * A recording whose silences are no longer than a bound: a longer one becomes it, and all after it move up. A row whose
 * time lies before that of its predecessors neither makes a gap nor fills one.
 */
export class GapLimit {
  readonly #gapMaxMs: number;
  #latestMs = Number.NaN;
  /** By how much the records from here on have moved up. */
  #cutMs = 0;

  /** @param gapMaxMs in recorded time */
  constructor(gapMaxMs: number) {
    this.#gapMaxMs = gapMaxMs;
  }

  /** When the next record would have been recorded, had no silence before it been longer than the bound. */
  shortened(recordedAtMs: number): number {
    return recordedAtMs - this.#cutMs - this.#excessMs(recordedAtMs);
  }

  /** The record was scheduled: the next gap is counted from it. */
  passed(recordedAtMs: number): void {
    this.#cutMs += this.#excessMs(recordedAtMs);
    // Before the first record there is no latest one: NaN is not larger than anything.
    if (!(this.#latestMs >= recordedAtMs)) this.#latestMs = recordedAtMs;
  }

  #excessMs(recordedAtMs: number): number {
    const excessMs = recordedAtMs - this.#latestMs - this.#gapMaxMs;
    return excessMs > 0 ? excessMs : 0;
  }
}
