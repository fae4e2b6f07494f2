/**
 * Shortens the gaps in a recording to a maximum: after a longer gap, all records move up. A record older than one
 * before it neither makes a gap nor fills one.
 */
export class GapLimit {
  readonly #gapMaxMs: number;
  #latestMs = Number.NaN;
  /** By how much the following records move up. */
  #cutMs = 0;

  /** @param gapMaxMs in recorded time */
  constructor(gapMaxMs: number) {
    this.#gapMaxMs = gapMaxMs;
  }

  /** The recorded time of the next record, less what was cut from the gaps before it. */
  shortened(recordedAtMs: number): number {
    return recordedAtMs - this.#cutMs - this.#excessMs(recordedAtMs);
  }

  /** The record was scheduled. The next gap begins with it. */
  passed(recordedAtMs: number): void {
    this.#cutMs += this.#excessMs(recordedAtMs);
    // Negated so that the first record counts: #latestMs is NaN before it.
    if (!(this.#latestMs >= recordedAtMs)) this.#latestMs = recordedAtMs;
  }

  #excessMs(recordedAtMs: number): number {
    const excessMs = recordedAtMs - this.#latestMs - this.#gapMaxMs;
    return excessMs > 0 ? excessMs : 0;
  }
}
