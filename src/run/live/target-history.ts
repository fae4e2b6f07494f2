import { INTERVAL_MS } from '../../measure/recorder.js';
import { SECONDS_SHOWN } from './seconds.js';

/** Seconds that are kept: those that are shown, and those that are not complete yet. */
const KEPT = SECONDS_SHOWN + 4;

/** The mean target rate of each of the last seconds. */
export class TargetHistory {
  /** Records asked for in each second, by its index modulo `KEPT`. */
  readonly #records = new Float64Array(KEPT);
  #knownToMs = 0;

  /** @param rps the rate since the last call; call it before each change */
  advance(elapsedMs: number, rps: number): void {
    // Older seconds are not kept.
    this.#knownToMs = Math.max(this.#knownToMs, elapsedMs - KEPT * INTERVAL_MS);
    while (this.#knownToMs < elapsedMs) {
      const second = Math.floor(this.#knownToMs / INTERVAL_MS);
      const toMs = Math.min(elapsedMs, (second + 1) * INTERVAL_MS);
      if (this.#knownToMs === second * INTERVAL_MS) this.#records[second % KEPT] = 0;
      this.#records[second % KEPT]! += (rps * (toMs - this.#knownToMs)) / 1000;
      this.#knownToMs = toMs;
    }
  }

  /** @param second the index of a complete second, one of the last sixty */
  rateIn(second: number): number {
    return (this.#records[second % KEPT]! * 1000) / INTERVAL_MS;
  }
}
