import { backoffMs } from '../core/backoff.js';
import { Answers } from './answers.js';
import { CHANCE_MAX, Chance } from './chance.js';

/** The share of what a shard was seen to take that a throttled lane goes on with, and of its rate where that was nothing. */
const CUT = 0.9;
const CUT_IN_VAIN = 0.25;
/** More cuts without a calm window between them don't help: a shard with a limit is below it after the second. */
const CUTS_MAX = 3;
/**
 * How fast a slowed lane tries for more: 8 % a second right after a cut, so that the shard's limit is met softly, and
 * twice that for each further second without a cut, so that a limit that was raised is found within seconds.
 */
const GROWTH_PER_SECOND = 0.08;
const GROWTH_PER_SECOND_MAX = 2;
const RATE_MIN = 1;
/**
 * What the service documents a shard to take. An open lane goes on with no more at first, or with this when a throttle is
 * among its first answers: what was seen of the shard may be its burst.
 */
const SHARD_RATE = 1_000;
/** A lane that held nothing back for this long is no longer slowed. */
const CALM_BEFORE_OPEN_MS = 1_000;
/** Records that may go at once after a wait, as time at the lane's rate: enough to fill batches, too little to burst. */
const BURST_MS = 20;

/** What a shard took and threw back is judged when so much is known of it; */
const WINDOW_MS = 250;
const WINDOW_ANSWERS = 20;
/** so much tells what it takes when it throttles first; */
const TAKEN_KNOWN_MS = 100;
/** and a shard that throws back most of so many records and requests is not sent more of them. */
const FLOOD_THROTTLED = 10;
const FLOOD_REQUESTS = 4;

/** A test begins at each multiple of this, on the clock of all lanes, where answers come or records wait soon enough. */
const TEST_EVERY_MS = 3_000;
const TEST_BEGINS_WITHIN_MS = 100;
/** Its first half finds what the shard takes, its second half is sent less, and counts once that has settled. */
const TEST_HALF_MS = 300;
const TEST_SETTLES_MS = 50;
const TEST_SHARE = 0.8;
/** So many tell in the first half what the shard takes. */
const TEST_REQUESTS = 4;

/**
 * The way to one shard. Open, it lets everything pass. When the shard throttles, it goes on at nine tenths of what the
 * shard was seen to take, after a pause with jitter, and tries for slowly more: a stream that is slower than kload is
 * sent to at its own pace, instead of burning attempts on records that it will refuse.
 *
 * Not every throttle is for the load (an emulator has faults, others may fill the shard): sending less, and less again,
 * would not end it. So a lane whose shard throttles tests it every three seconds: for a moment it sends less than the
 * shard was seen to take, and then less than it took in that moment. The share that is thrown back then is thrown back
 * whatever is sent, by chance; only throttles beyond it slow the lane. All lanes of all workers test at the same moments:
 * else each would take what the others send for chance.
 *
 * Holds no clock: every method is told the time, in milliseconds.
 */
export class Lane {
  readonly #random: () => number;
  /** Records a second; Infinity while the lane is open. */
  #rate = Number.POSITIVE_INFINITY;
  #tokens = 0;
  #refilledAtMs = 0;
  #blockedUntilMs = 0;
  #cutAtMs = Number.NEGATIVE_INFINITY;
  /** Cuts with no calm window between them, and with nothing accepted: the jittered pause doubles with each of these. */
  #cuts = 0;
  #cutsInVain = 0;
  /** When a record was last held back. */
  #heldBackAtMs = Number.NEGATIVE_INFINITY;

  /** Answers of the current window, or of the first half of a test. */
  readonly #window = new Answers();
  /** What the last window saw the shard take. */
  #takenPerSecond = Number.NaN;
  /** The most that was seen before a cut, since the last test. */
  #takenBeforeCuts = 0;

  readonly #chance = new Chance();
  #test: 'none' | 'first half' | 'second half' = 'none';
  #testCountsFromMs = Number.NEGATIVE_INFINITY;
  #testEndsAtMs = Number.NEGATIVE_INFINITY;
  #throttledSinceTest = false;
  #rateBeforeTest = Number.POSITIVE_INFINITY;
  #chanceBeforeTest = 0;

  /** @param random from [0, 1), for the jitter */
  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  get slowed(): boolean {
    return this.#rate !== Number.POSITIVE_INFINITY;
  }

  get recordsPerSecond(): number {
    return this.#rate;
  }

  /** Whether a record may go now; a yes counts it. */
  admit(nowMs: number): boolean {
    this.#goOnTesting(nowMs);
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

  /** @param handedAtMs when their request was handed over: what was on its way before the last cut says nothing since */
  accepted(records: number, handedAtMs: number, nowMs: number): void {
    this.#goOnTesting(nowMs);
    if (handedAtMs < this.#cutAtMs) return;
    this.#cutsInVain = 0;
    if (this.#countsForTest(handedAtMs)) this.#chance.add(records, 0);
    else if (this.#countsForWindow(handedAtMs, nowMs)) this.#window.add(records, 0);
  }

  /** A record was thrown back. */
  throttled(handedAtMs: number, nowMs: number): void {
    this.#goOnTesting(nowMs);
    this.#throttledSinceTest = true;
    if (handedAtMs < this.#cutAtMs) return;
    if (this.#countsForTest(handedAtMs)) this.#chance.add(0, 1);
    else if (this.#countsForWindow(handedAtMs, nowMs)) {
      this.#window.add(0, 1);
      // Where nothing is thrown back by chance, the first throttle is for the load.
      if (this.#test === 'none' && this.#cuts === 0 && this.#chance.share === 0) this.#cut(this.#takenOfLate(), nowMs);
    }
  }

  #countsForTest(handedAtMs: number): boolean {
    return handedAtMs >= this.#testCountsFromMs && handedAtMs < this.#testEndsAtMs;
  }

  #countsForWindow(handedAtMs: number, nowMs: number): boolean {
    if (this.#window.isOfLast(handedAtMs)) return true;
    if (this.#test === 'none' && this.#windowIsFull()) this.#judge(nowMs);
    if (handedAtMs < this.#cutAtMs) return false;
    this.#window.nextRequest(handedAtMs);
    return true;
  }

  #windowIsFull(): boolean {
    const { accepted, throttled, requests, spanMs, count } = this.#window;
    if (spanMs >= WINDOW_MS && count >= WINDOW_ANSWERS) return true;
    if (requests < FLOOD_REQUESTS || throttled < FLOOD_THROTTLED) return false;
    return accepted === 0 || (this.#chance.share === 0 && throttled > 2 * accepted);
  }

  #judge(nowMs: number): void {
    const { throttled, count, takenPerSecond } = this.#window;
    this.#takenPerSecond = takenPerSecond;
    const calm = !this.#chance.isExceeded(throttled, count);
    const helpless = this.#cuts >= CUTS_MAX && throttled <= CHANCE_MAX * count;
    this.#window.clear();
    if (calm) this.#cuts = 0;
    else if (!helpless) this.#cut(takenPerSecond, nowMs);
  }

  #takenOfLate(): number {
    const { spanMs, accepted, takenPerSecond } = this.#window;
    if (spanMs >= TAKEN_KNOWN_MS && accepted >= WINDOW_ANSWERS) return takenPerSecond;
    return Number.isNaN(this.#takenPerSecond) ? SHARD_RATE : this.#takenPerSecond;
  }

  #cut(takenPerSecond: number, nowMs: number): void {
    this.#cuts++;
    this.#cutsInVain++;
    this.#takenBeforeCuts = Math.max(this.#takenBeforeCuts, takenPerSecond);
    if (!this.slowed && this.#chance.share === 0) this.#slowTo(SHARD_RATE);
    this.#slowTo(takenPerSecond > 0 ? this.#offerToHaveTaken(CUT * takenPerSecond) : CUT_IN_VAIN * this.#rate);
    this.#cutAtMs = nowMs;
    this.#blockedUntilMs = nowMs + backoffMs(this.#cutsInVain, this.#random());
    this.#tokens = 0;
    this.#refilledAtMs = this.#blockedUntilMs;
    this.#window.clear();
  }

  #slowTo(recordsPerSecond: number): void {
    this.#rate = Math.max(RATE_MIN, Math.min(this.#rate, recordsPerSecond));
  }

  #offerToHaveTaken(recordsPerSecond: number, chance = this.#chance.share): number {
    return recordsPerSecond / (1 - chance);
  }

  #goOnTesting(nowMs: number): void {
    if (this.#test === 'none') {
      if (this.#throttledSinceTest) this.#beginTest(nowMs);
      return;
    }
    if (this.#test === 'first half' && nowMs >= this.#testEndsAtMs - TEST_HALF_MS) this.#beginSecondHalf();
    if (nowMs >= this.#testEndsAtMs) this.#endTest();
  }

  #beginTest(nowMs: number): void {
    const lateMs = nowMs % TEST_EVERY_MS;
    if (lateMs > TEST_BEGINS_WITHIN_MS || nowMs < this.#testEndsAtMs || Number.isNaN(this.#takenPerSecond)) return;
    this.#test = 'first half';
    this.#throttledSinceTest = false;
    this.#testEndsAtMs = nowMs - lateMs + 2 * TEST_HALF_MS;
    this.#testCountsFromMs = this.#testEndsAtMs - TEST_HALF_MS + TEST_SETTLES_MS;
    this.#chanceBeforeTest = this.#chance.share;
    this.#chance.beginTest();
    this.#rateBeforeTest = this.#rate;
    if (!this.slowed) {
      this.#tokens = 0;
      this.#refilledAtMs = nowMs;
    }
    this.#slowTo(this.#offerToHaveTaken(TEST_SHARE * this.#takenPerSecond));
    this.#window.clear();
  }

  #beginSecondHalf(): void {
    this.#test = 'second half';
    const { accepted, throttled, requests, takenPerSecond } = this.#window;
    const known = accepted > 0 && throttled > 0 && requests >= TEST_REQUESTS;
    if (known) this.#slowTo(this.#offerToHaveTaken(CUT * takenPerSecond, this.#chanceBeforeTest));
    this.#window.clear();
  }

  #endTest(): void {
    this.#test = 'none';
    this.#rate = this.#rateBeforeTest;
    this.#window.clear();
    const { share, known } = this.#chance;
    if (!known) return;
    // More is chance than was thought: so the cuts were for nothing.
    if (share > this.#chanceBeforeTest) {
      this.#rate = Math.max(this.#rate, this.#offerToHaveTaken(CUT * this.#takenBeforeCuts));
    }
    this.#takenBeforeCuts = 0;
    this.#cuts = 0;
  }

  #refill(nowMs: number): void {
    const elapsedMs = nowMs - this.#refilledAtMs;
    if (elapsedMs <= 0) return;
    this.#refilledAtMs = nowMs;
    if (this.#test === 'none') {
      const calmSeconds = (nowMs - this.#cutAtMs) / 1000;
      const growth = Math.min(GROWTH_PER_SECOND_MAX, GROWTH_PER_SECOND * 2 ** calmSeconds);
      this.#rate *= 1 + (growth * Math.min(elapsedMs, 1000)) / 1000;
    }
    const burst = Math.max(1, (this.#rate * BURST_MS) / 1000);
    this.#tokens = Math.min(burst, this.#tokens + (this.#rate * elapsedMs) / 1000);
  }

  #openWhenCalm(nowMs: number): void {
    if (this.#test !== 'none') return;
    if (nowMs - Math.max(this.#heldBackAtMs, this.#cutAtMs) < CALM_BEFORE_OPEN_MS) return;
    this.#rate = Number.POSITIVE_INFINITY;
    this.#cutsInVain = 0;
  }
}
