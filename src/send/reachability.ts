import { backoffMs } from '../core/backoff.js';

/** While the target does not respond, it is tried at least this often. */
const PAUSE_MAX_MS = 1_000;

/** Requests in flight at first, as fast as possible: enough to start at once, too few to flood a small stream. */
const SLOTS_AT_FIRST = 2;

/**
 * Whether the target responds, and how many requests may be in flight.
 *
 * Each response that is not mostly throttled allows one more request in flight, so that a few requests find the limits
 * of a stream, not all of them at once. While the target responds to nothing, the sender makes one request at a time,
 * with growing pauses: a target that is away costs neither attempts nor CPU. A single request without a response, while
 * other requests get theirs, changes nothing here: it is sent again like any failed request.
 *
 * Holds no clock: every method is given the time, in milliseconds.
 */
export class Reachability {
  /** When the target last responded; -Infinity: never. */
  respondedAtMs = Number.NEGATIVE_INFINITY;
  /** Since when requests have been waiting without a response to any of them; Infinity if none waits. */
  noResponseSinceMs = Number.POSITIVE_INFINITY;
  /** No request may be sent before this. */
  openAtMs = Number.NEGATIVE_INFINITY;
  /** How many requests may be in flight. */
  slots: number;
  readonly #slotsMax: number;
  /** Tries in a row that got no response, and when the last of them was given up. */
  #lostInARow = 0;
  #lostAtMs = Number.NEGATIVE_INFINITY;

  /** @param isTimed a schedule limits what is sent: then all slots are open at once, for a target that is far away */
  constructor(requestsInFlightMax: number, isTimed = false) {
    this.#slotsMax = requestsInFlightMax;
    this.slots = isTimed ? requestsInFlightMax : Math.min(SLOTS_AT_FIRST, requestsInFlightMax);
  }

  /** Whether the target has responded to any request since `offeredAtMs`. */
  respondedSince(offeredAtMs: number): boolean {
    return this.respondedAtMs > offeredAtMs;
  }

  /** A request is about to be sent. */
  requested(nowMs: number): void {
    if (this.noResponseSinceMs === Number.POSITIVE_INFINITY) this.noResponseSinceMs = nowMs;
  }

  /** The worker holds no record any more. The next request starts a new wait for a response. */
  idle(): void {
    this.noResponseSinceMs = Number.POSITIVE_INFINITY;
  }

  /**
   * A request got its response.
   *
   * @param requestsInFlight other requests that still wait for their responses
   * @param flooded          whether most records of the request were throttled
   */
  responded(nowMs: number, requestsInFlight: number, flooded: boolean): void {
    if (!flooded && this.slots < this.#slotsMax) this.slots++;
    this.respondedAtMs = nowMs;
    this.noResponseSinceMs = requestsInFlight > 0 ? nowMs : Number.POSITIVE_INFINITY;
    this.openAtMs = Number.NEGATIVE_INFINITY;
    this.#lostInARow = 0;
  }

  /**
   * A request was given up without a response.
   *
   * @param offeredAtMs when the request was written
   * @param random      from [0, 1), for the jitter
   */
  noResponse(offeredAtMs: number, nowMs: number, random: number): void {
    if (this.respondedSince(offeredAtMs)) return;
    // All requests that were in flight when the target went away count as one try.
    if (offeredAtMs < this.#lostAtMs) return;
    this.#lostAtMs = nowMs;
    this.#lostInARow++;
    this.slots = 1;
    this.openAtMs = nowMs + Math.min(backoffMs(this.#lostInARow, random), PAUSE_MAX_MS);
  }
}
