import type { Pacer } from './pacer.js';

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
