import type { Pacer } from './pacer.js';

/** `rps` records a second, evenly spread: record `fromN` is due at `fromMs`, each later one 1/rps s after the one before. */
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
    // One multiplication from the origin: adding up 1/rps per record would drift.
    return this.#fromMs + ((n - this.#fromN) * 1000) / this.rps;
  }
}
