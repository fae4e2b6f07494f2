import { backoffMs } from '../core/backoff.js';

/** The share of what a shard was seen to take that a throttled lane goes on with. */
const CUT = 0.9;
/**
 * How fast a slowed lane tries for more: 8 % a second right after a cut, so that the shard's limit is met softly, and
 * twice that for each further second without a throttle, so that a limit that was raised is found within seconds.
 */
const GROWTH_PER_SECOND = 0.08;
const GROWTH_PER_SECOND_MAX = 2;
const RATE_MIN = 1;
/** What a lane begins with when its first answer was a throttle and nothing is known: a tenth of a shard. */
const RATE_UNKNOWN = 100;
/** What a shard took is measured over windows of this length. */
const WINDOW_MS = 250;
/** A lane that held nothing back for this long is no longer slowed. */
const CALM_BEFORE_OPEN_MS = 1_000;
/** Records that may go at once after a wait, as time at the lane's rate: enough to fill batches, too little to burst. */
const BURST_MS = 20;

/**
 * The way to one shard. Open, it lets everything pass. When the shard throttles, it goes on at nine tenths of what the
 * shard was seen to take, after a pause with jitter, and tries for slowly more: a stream that is slower than kload is
 * sent to at its own pace, instead of burning attempts on records that it will refuse.
 *
 * Holds no clock: every method is told the time, in milliseconds.
 */
export class Lane {
  /** Records a second; Infinity while the lane is open. */
  #rate = Number.POSITIVE_INFINITY;
  #tokens = 0;
  #refilledAtMs = 0;
  #blockedUntilMs = 0;
  #cutAtMs = Number.NEGATIVE_INFINITY;
  /** Cuts with nothing accepted between them: the jittered pause doubles with each. */
  #cutsInARow = 0;
  /** When a record was last held back. */
  #heldBackAtMs = Number.NEGATIVE_INFINITY;
  #windowStartMs = 0;
  #windowAccepted = 0;
  #takenPerSecond = Number.NaN;

  get slowed(): boolean {
    return this.#rate !== Number.POSITIVE_INFINITY;
  }

  get recordsPerSecond(): number {
    return this.#rate;
  }

  /** Whether a record may go now; a yes counts it. */
  admit(nowMs: number): boolean {
    if (!this.slowed) return true;
    if (nowMs >= this.#blockedUntilMs) {
      this.#refill(nowMs);
      if (this.#tokens >= 1) {
        this.#tokens -= 1;
        this.#openWhenCalm(nowMs);
        return true;
      }
    }
    this.heldBack(nowMs);
    return false;
  }

  /** A record waits before the shard: it is not calm there. */
  heldBack(nowMs: number): void {
    this.#heldBackAtMs = nowMs;
  }

  /** When a record that was not admitted may try again. */
  nextAdmissionMs(nowMs: number): number {
    if (!this.slowed) return nowMs;
    const untilToken = Math.max(0, 1 - this.#tokens) / (this.#rate / 1000);
    return Math.max(this.#blockedUntilMs, this.#refilledAtMs + untilToken);
  }

  accepted(records: number, nowMs: number): void {
    this.#turnWindow(nowMs);
    this.#windowAccepted += records;
    this.#cutsInARow = 0;
  }

  /**
   * @param handedAtMs when the request that was throttled was handed over: what was on its way before the last cut says
   *                   nothing about the rate since
   * @param random     from [0, 1), for the jitter
   */
  throttled(handedAtMs: number, nowMs: number, random: number): void {
    if (handedAtMs < this.#cutAtMs) return;
    this.#turnWindow(nowMs);
    this.#cutsInARow++;
    this.#rate = this.#cutRate(nowMs);
    this.#tokens = 0;
    this.#cutAtMs = nowMs;
    this.#blockedUntilMs = nowMs + backoffMs(this.#cutsInARow, random);
    this.#refilledAtMs = this.#blockedUntilMs;
  }

  #cutRate(nowMs: number): number {
    const taken = Number.isNaN(this.#takenPerSecond) ? this.#windowRate(nowMs) : this.#takenPerSecond;
    if (taken > 0) return Math.max(RATE_MIN, Math.min(this.#rate, taken) * CUT);
    return this.slowed ? Math.max(RATE_MIN, this.#rate / 2) : RATE_UNKNOWN;
  }

  #refill(nowMs: number): void {
    const elapsedMs = nowMs - this.#refilledAtMs;
    if (elapsedMs <= 0) return;
    this.#refilledAtMs = nowMs;
    const calmSeconds = (nowMs - this.#cutAtMs) / 1000;
    const growth = Math.min(GROWTH_PER_SECOND_MAX, GROWTH_PER_SECOND * 2 ** calmSeconds);
    this.#rate *= 1 + (growth * Math.min(elapsedMs, 1000)) / 1000;
    const burst = Math.max(1, (this.#rate * BURST_MS) / 1000);
    this.#tokens = Math.min(burst, this.#tokens + (this.#rate * elapsedMs) / 1000);
  }

  #openWhenCalm(nowMs: number): void {
    if (nowMs - Math.max(this.#heldBackAtMs, this.#cutAtMs) < CALM_BEFORE_OPEN_MS) return;
    this.#rate = Number.POSITIVE_INFINITY;
    this.#cutsInARow = 0;
  }

  #turnWindow(nowMs: number): void {
    if (nowMs - this.#windowStartMs < WINDOW_MS) return;
    // A window that ended long ago says nothing of now: then the next one is the first.
    const stale = nowMs - this.#windowStartMs >= 2 * WINDOW_MS;
    this.#takenPerSecond = stale ? Number.NaN : this.#windowRate(nowMs);
    this.#windowStartMs = nowMs;
    this.#windowAccepted = 0;
  }

  #windowRate(nowMs: number): number {
    return this.#windowAccepted / (Math.max(nowMs - this.#windowStartMs, 1) / 1000);
  }
}
