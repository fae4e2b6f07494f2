import { backoffMs } from './retry.js';

/** While nothing answers, the target is tried at least this often. */
const PAUSE_MAX_MS = 1_000;

/**
 * Whether the target answers. While it does not, the sender pauses between tries and makes them one at a time, so that
 * a target that is away costs neither attempts nor CPU.
 *
 * Holds no clock: every method is told the time, in milliseconds.
 */
export class Reachability {
  /** When the target last answered; -Infinity: never. */
  answeredAtMs = Number.NEGATIVE_INFINITY;
  /** Since when requests have been under way with no answer to any; Infinity: none is. */
  unansweredSinceMs = Number.POSITIVE_INFINITY;
  /** No request before this. */
  openAtMs = Number.NEGATIVE_INFINITY;
  #unansweredInARow = 0;

  /** How many requests may be in flight. */
  slots(requestsInFlightMax: number): number {
    return this.#unansweredInARow > 0 ? 1 : requestsInFlightMax;
  }

  asked(nowMs: number): void {
    if (this.unansweredSinceMs === Number.POSITIVE_INFINITY) this.unansweredSinceMs = nowMs;
  }

  /** @param requestsInFlight others that still wait for their answer */
  answered(nowMs: number, requestsInFlight: number): void {
    this.answeredAtMs = nowMs;
    this.unansweredSinceMs = requestsInFlight > 0 ? nowMs : Number.POSITIVE_INFINITY;
    this.openAtMs = Number.NEGATIVE_INFINITY;
    this.#unansweredInARow = 0;
  }

  /** @param random from [0, 1), for the jitter */
  unanswered(nowMs: number, random: number): void {
    this.#unansweredInARow++;
    this.openAtMs = nowMs + Math.min(backoffMs(this.#unansweredInARow, random), PAUSE_MAX_MS);
  }
}
