import type { Pacer } from './pacer.js';

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
