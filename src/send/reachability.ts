import { backoffMs } from '../core/backoff.js';

/** While nothing answers, the target is tried at least this often. */
const PAUSE_MAX_MS = 1_000;

/** Requests in flight at first: enough for two of a shard's seconds at once, too few to flood a small stream. */
const SLOTS_AT_FIRST = 2;

/**
 * Whether the target answers, and how many requests may be in flight for it. Each response that is not mostly throttled
 * allows one more, so that a stream's limits are met by a few requests and not by all of them at once. While nothing is
 * answered, the sender pauses between tries and makes them one at a time: a target that is away costs neither attempts
 * nor CPU. A request that got no answer while others did says nothing of the target: it goes again like any that
 * failed.
 *
 * Holds no clock: every method is told the time, in milliseconds.
 */
export class Reachability {
  /** When the target last answered; -Infinity: never. */
  respondedAtMs = Number.NEGATIVE_INFINITY;
  /** Since when requests have been under way with no answer to any; Infinity: none is. */
  noResponseSinceMs = Number.POSITIVE_INFINITY;
  /** No request before this. */
  openAtMs = Number.NEGATIVE_INFINITY;
  /** How many requests may be in flight. */
  slots: number;
  readonly #slotsMax: number;
  #lostInARow = 0;
  /** When the last of these was given up. */
  #lostAtMs = Number.NEGATIVE_INFINITY;

  constructor(requestsInFlightMax: number) {
    this.#slotsMax = requestsInFlightMax;
    this.slots = Math.min(SLOTS_AT_FIRST, requestsInFlightMax);
  }

  /** Whether the target answered anything after a request was handed over. */
  respondedSince(offeredAtMs: number): boolean {
    return this.respondedAtMs > offeredAtMs;
  }

  requested(nowMs: number): void {
    if (this.noResponseSinceMs === Number.POSITIVE_INFINITY) this.noResponseSinceMs = nowMs;
  }

  /** Nothing is left that could be answered: whatever was not answered before says nothing of what comes later. */
  idle(): void {
    this.noResponseSinceMs = Number.POSITIVE_INFINITY;
  }

  /**
   * @param requestsInFlight others that still wait for their response
   * @param flooded whether most of the request was throttled
   */
  responded(nowMs: number, requestsInFlight: number, flooded: boolean): void {
    if (!flooded && this.slots < this.#slotsMax) this.slots++;
    this.respondedAtMs = nowMs;
    this.noResponseSinceMs = requestsInFlight > 0 ? nowMs : Number.POSITIVE_INFINITY;
    this.openAtMs = Number.NEGATIVE_INFINITY;
    this.#lostInARow = 0;
  }

  /**
   * @param offeredAtMs when the request was handed over
   * @param random from [0, 1), for the jitter
   */
  noResponse(offeredAtMs: number, nowMs: number, random: number): void {
    if (this.respondedSince(offeredAtMs)) return;
    // All that were under way when the target went away are one try.
    if (offeredAtMs < this.#lostAtMs) return;
    this.#lostAtMs = nowMs;
    this.#lostInARow++;
    this.slots = 1;
    this.openAtMs = nowMs + Math.min(backoffMs(this.#lostInARow, random), PAUSE_MAX_MS);
  }
}
