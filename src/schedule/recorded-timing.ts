import type { Pacer } from './pacer.js';

/**
 * The recorded moments, as an absolute schedule: a record is due as long after the first as it was recorded after it,
 * divided by `speed`. A record whose time lies before that of its predecessors moves none after it.
 */
export class RecordedTimingPacer implements Pacer {
  readonly #firstRecordedAtMs: number;
  readonly #speed: number;
  readonly #fromMs: number;

  /** @param fromMs when the first is due */
  constructor(firstRecordedAtMs: number, speed: number, fromMs = 0) {
    this.#firstRecordedAtMs = firstRecordedAtMs;
    this.#speed = speed;
    this.#fromMs = fromMs;
  }

  intendedAt(_n: number, recordedAtMs: number): number {
    return this.#fromMs + (recordedAtMs - this.#firstRecordedAtMs) / this.#speed;
  }
}
