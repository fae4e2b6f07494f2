import { KINESIS_LIMITS } from '../core/limits.js';

/** A full shard is offered this many times what it accepts: enough to find new room, too little to flood it. */
const OFFER = 1.08;
/**
 * Below its documented limit, a shard is offered this many times what it accepts, plus this share of the limit. It may
 * refuse for other reasons than the load of this worker: another producer fills it, or it refuses a share of all
 * records. This makes up for up to 20 % of refusals, and lets the producers of one shard converge to equal parts of it.
 */
const OFFER_BELOW_LIMIT = 1.2;
const OFFER_MORE = 0.05;
/**
 * With fewer responses in a second (large or rare records), the documented limit is a better estimate than they are.
 */
const RESPONSES_MIN = 10;
/** What a shard accepts is counted in slots of this length, over one second. */
const SLOT_MS = 100;
const SLOTS = 10;
/** A shard that accepts this many records in a row, for this long, has room. Each further slot multiplies its pace. */
const ROOM_RECORDS = 40;
const ROOM_MS = 200;
const ROOM_GROWTH = 1.25;
/** The pace ends when the shard has refused no record for this long, and no record waits for it. */
const CALM_MS = 1_000;
/**
 * Unused tokens are kept for this long: enough to fill batches and to even out arrivals, too little to flood a shard.
 */
const BURST_MS = 50;

/**
 * What a record uses of its shard, in units. A shard accepts 1,000 units a second. A record is one unit, or one for
 * each 1,049 bytes if that is more.
 *
 * @param bytes data and key
 */
export function shardUnits(bytes: number): number {
  return Math.max(1, (bytes * KINESIS_LIMITS.shardRecordsPerSecond) / KINESIS_LIMITS.shardBytesPerSecond);
}

/** The time between two looks at waiting records is this long to twice as long. */
const TURN_MS = 16;

/**
 * When a worker next looks at the records that wait for their shards. It looks at all shards at once, so that their
 * records share requests. The time is random: of two runs that send to one shard at regular times, one would get more.
 *
 * @param random from [0, 1)
 */
export function nextTurnMs(nowMs: number, random: number): number {
  return nowMs + TURN_MS * (1 + random);
}

/**
 * How fast one worker offers records to one shard.
 *
 * 1. A shard that refuses nothing has no pace.
 * 2. The first refusal starts one: a token bucket. Every 100 ms its rate is set to the larger of
 *    - 1.08 x what the shard accepted in the last second
 *    - 1.2 x that + 0.05 x the documented limit, but at most 1.08 x the limit
 *    With fewer than 10 responses in that second, the second value is 1.08 x the limit.
 * 3. A slot of 100 ms in which records did not wait all the time does not show how much the shard can take. It counts
 *    as at least the documented limit.
 * 4. Once the shard has accepted 40 records in a row, and has refused none for 200 ms, every slot multiplies the rate
 *    by 1.25 as well, until the next refusal.
 * 5. The pace ends when the shard has refused nothing for a second, and no record waits for it.
 *
 * A full shard then refuses 7 to 11 % of what it is offered, and refusals that do not depend on the load slow nothing
 * down.
 *
 * Holds no clock: every method is given the time, in milliseconds.
 */
export class ShardPace {
  /** This worker's part of the documented limit, in units a second. */
  readonly #documented: number;
  /** Units accepted in each of the last slots, as a ring that includes the current slot. */
  readonly #accepted = new Float64Array(SLOTS + 1);
  /** Records accepted or refused in the same slots. */
  readonly #responses = new Float64Array(SLOTS + 1);
  /** The number of the current slot, and when it ends. */
  #slot = 0;
  #slotEndsMs = 0;
  /** The rate; Infinity without a pace. */
  #unitsPerSecond = Number.POSITIVE_INFINITY;
  #growth = 1;
  #tokens = 0;
  #filledAtMs = 0;
  #refusedAtMs = Number.NEGATIVE_INFINITY;
  #acceptedSinceRefusal = 0;
  /** Since when at least one record has waited; Infinity if none waits. */
  #waitingSinceMs = Number.POSITIVE_INFINITY;

  /** @param documented units a second: this worker's part of the documented limit */
  constructor(documented: number) {
    this.#documented = documented;
    this.#accepted.fill(documented / SLOTS);
  }

  /** Whether there is a pace. */
  get active(): boolean {
    return this.#unitsPerSecond !== Number.POSITIVE_INFINITY;
  }

  /** Returns true if a record may go now, and takes its tokens. The last record may take more than are left. */
  admit(units: number, nowMs: number): boolean {
    if (this.active) this.#refill(nowMs);
    if (!this.active) return true;
    if (this.#tokens <= 0) return false;
    this.#tokens -= units;
    return true;
  }

  /** When to call `admit` again for a record that was not admitted. */
  nextAdmissionMs(nowMs: number): number {
    if (this.#tokens > 0 || !this.active) return nowMs;
    return Math.min(nowMs + SLOT_MS, this.#filledAtMs + ((1 - this.#tokens) * 1000) / this.#unitsPerSecond);
  }

  /** Call this when the first record begins to wait for the shard, and when the last one has gone. */
  waits(waiting: boolean, nowMs: number): void {
    this.#advance(nowMs);
    if (!waiting) this.#waitingSinceMs = Number.POSITIVE_INFINITY;
    else if (this.#waitingSinceMs === Number.POSITIVE_INFINITY) this.#waitingSinceMs = nowMs;
  }

  /** The shard accepted a record. */
  accepted(units: number, nowMs: number): void {
    this.#advance(nowMs);
    this.#accepted[this.#slot % this.#accepted.length]! += units;
    this.#responses[this.#slot % this.#responses.length]!++;
    this.#acceptedSinceRefusal++;
  }

  /** The shard refused a record. @param random from [0, 1) */
  refused(units: number, nowMs: number, random: number): void {
    this.#advance(nowMs);
    // Large or rare records: a refused one used nothing of the shard, so it gets back 50 to 100 % of its tokens and can
    // go again soon. The random part keeps workers from trying at the same time.
    if (this.active && !this.#isKnown) this.#tokens += units * (1 - random / 2);
    this.#responses[this.#slot % this.#responses.length]!++;
    this.#refusedAtMs = nowMs;
    this.#acceptedSinceRefusal = 0;
    if (this.active && this.#growth === 1) return;
    if (!this.active) this.#startAt(nowMs);
    this.#growth = 1;
    this.#unitsPerSecond = this.#offer();
  }

  #startAt(nowMs: number): void {
    this.#tokens = 0;
    this.#filledAtMs = nowMs;
  }

  #end(): void {
    this.#unitsPerSecond = Number.POSITIVE_INFINITY;
    this.#growth = 1;
  }

  /** Adds the tokens since the last call, or ends the pace. */
  #refill(nowMs: number): void {
    const elapsedMs = nowMs - this.#filledAtMs;
    if (elapsedMs <= 0) return;
    this.#advance(nowMs);
    if (nowMs - this.#refusedAtMs > CALM_MS && this.#waitingSinceMs === Number.POSITIVE_INFINITY) {
      this.#end();
      return;
    }
    const burst = Math.max(1, (this.#unitsPerSecond * BURST_MS) / 1000);
    this.#tokens = Math.min(burst, this.#tokens + (this.#unitsPerSecond * elapsedMs) / 1000);
    this.#filledAtMs = nowMs;
  }

  /** Moves on to the slot of `nowMs`. If that is a new one, sets the rate. */
  #advance(nowMs: number): void {
    if (nowMs < this.#slotEndsMs) return;
    this.#closeSlots(Math.floor(nowMs / SLOT_MS));
    if (!this.active) return;
    const hasRoom = this.#acceptedSinceRefusal >= ROOM_RECORDS && nowMs - this.#refusedAtMs > ROOM_MS;
    if (hasRoom) this.#growth *= ROOM_GROWTH;
    this.#unitsPerSecond = this.#growth * this.#offer();
  }

  /** Closes the slots before this one, and opens it. */
  #closeSlots(slot: number): void {
    const ring = this.#accepted.length;
    for (let ended = Math.max(this.#slot, slot - ring); ended < slot; ended++) {
      const at = ended % ring;
      if (ended > this.#slot) this.#accepted[at] = this.#responses[at] = 0;
      // Unless records waited for the whole slot, it does not show how much the shard accepts.
      const isBusy = this.#waitingSinceMs <= ended * SLOT_MS;
      if (!isBusy) this.#accepted[at] = Math.max(this.#accepted[at]!, this.#documented / SLOTS);
    }
    this.#accepted[slot % ring] = this.#responses[slot % ring] = 0;
    this.#slot = slot;
    this.#slotEndsMs = (slot + 1) * SLOT_MS;
  }

  /** Whether the responses of the last second are enough to rely on. */
  get #isKnown(): boolean {
    return sumOfSlots(this.#responses, this.#slot) >= RESPONSES_MIN;
  }

  /** The units a second to offer by what the shard accepted in the last second, before growth. */
  #offer(): number {
    const accepted = sumOfSlots(this.#accepted, this.#slot);
    const full = OFFER * this.#documented;
    const belowLimit = OFFER_BELOW_LIMIT * accepted + OFFER_MORE * this.#documented;
    return Math.max(OFFER * accepted, this.#isKnown ? Math.min(full, belowLimit) : full);
  }
}

/** The sum of the complete slots: all of the ring except the current one. */
function sumOfSlots(counts: Float64Array, current: number): number {
  let sum = -counts[current % counts.length]!;
  for (const count of counts) sum += count;
  return sum;
}
