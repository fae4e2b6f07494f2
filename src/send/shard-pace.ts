import { KINESIS_LIMITS } from '../core/limits.js';

/** A full shard is offered this much more than it takes: enough to find room that opens up, too little to flood it. */
const OFFER = 1.08;
/**
 * Below its documented limit a shard may refuse for other reasons than this worker's load: another producer fills it,
 * or it refuses a share of all records whatever is sent. Offering this many times what it takes, plus a share of the
 * limit, makes up for 20 % of refusals, and lets producers of one shard arrive at equal parts of it.
 */
const OFFER_BELOW_LIMIT = 1.2;
const OFFER_MORE = 0.05;
/**
 * With fewer responses in a second, for records are large or few, the documented limit says more of a shard than they
 * do.
 */
const RESPONSES_MIN = 10;
/** What a shard takes is counted in slots of this length, for one second. */
const SLOT_MS = 100;
const SLOTS = 10;
/** A shard that has room takes this many records in a row, for this long. It is then offered more with every slot. */
const ROOM_RECORDS = 40;
const ROOM_MS = 200;
const ROOM_GROWTH = 1.25;
/** A shard that has not refused a record for this long, and for which none waits, needs no pace. */
const CALM_MS = 1_000;
/**
 * Unused time counts for at most this long: enough to fill batches and to even out arrivals, too little to flood a
 * shard.
 */
const BURST_MS = 50;

/**
 * What a record takes of its shard, in units. A shard takes 1,000 units a second: a unit is one record, or 1,049 bytes
 * of it.
 *
 * @param bytes data and key
 */
export function shardUnits(bytes: number): number {
  return Math.max(1, (bytes * KINESIS_LIMITS.shardRecordsPerSecond) / KINESIS_LIMITS.shardBytesPerSecond);
}

/** Records that wait for their shards are looked at this far apart, and up to twice as far. */
const TURN_MS = 16;

/**
 * When a worker next looks at the records that wait. All of its shards take their turn then, so that their records
 * share requests. The time is random: two runs that send to one shard at regular times would not get equal parts of it.
 *
 * @param random from [0, 1)
 */
export function nextTurnMs(nowMs: number, random: number): number {
  return nowMs + TURN_MS * (1 + random);
}

/**
 * How fast one worker offers records to one shard. A shard that takes everything has no pace. One that refuses records
 * is offered slightly more than it took in the last second: a full shard then refuses 7 to 11 % of what it is offered,
 * and refusals that have nothing to do with the load slow nothing down.
 *
 * Holds no clock: every method is given the time, in milliseconds.
 */
export class ShardPace {
  /** Units a second that are this worker's part of the documented limit. */
  readonly #documented: number;
  /** Units taken, a ring of the last slots; the current one is among them. */
  readonly #taken = new Float64Array(SLOTS + 1);
  /** Records taken or refused, likewise. */
  readonly #responses = new Float64Array(SLOTS + 1);
  #slot = 0;
  #slotEndsMs = 0;
  /** Infinity: no pace. */
  #unitsPerSecond = Number.POSITIVE_INFINITY;
  #growth = 1;
  #tokens = 0;
  #filledAtMs = 0;
  #refusedAtMs = Number.NEGATIVE_INFINITY;
  #takenSinceRefusal = 0;
  /** Since when records have been waiting without a break; Infinity: none is. */
  #waitingSinceMs = Number.POSITIVE_INFINITY;

  /** @param documented units a second: the part of the limit that this worker may count on */
  constructor(documented: number) {
    this.#documented = documented;
    this.#taken.fill(documented / SLOTS);
  }

  /** Whether the shard is offered no more than it takes. */
  get active(): boolean {
    return this.#unitsPerSecond !== Number.POSITIVE_INFINITY;
  }

  /** Whether a record may go now. If so, it counts. */
  admit(units: number, nowMs: number): boolean {
    if (this.active) this.#refill(nowMs);
    if (!this.active) return true;
    if (this.#tokens <= 0) return false;
    this.#tokens -= units;
    return true;
  }

  /** When to ask again for a record that was not admitted. */
  nextAdmissionMs(nowMs: number): number {
    if (this.#tokens > 0 || !this.active) return nowMs;
    return Math.min(nowMs + SLOT_MS, this.#filledAtMs + ((1 - this.#tokens) * 1000) / this.#unitsPerSecond);
  }

  /** Called when records begin to wait for the shard, and when the last of them has gone. */
  waits(waiting: boolean, nowMs: number): void {
    this.#advance(nowMs);
    if (!waiting) this.#waitingSinceMs = Number.POSITIVE_INFINITY;
    else if (this.#waitingSinceMs === Number.POSITIVE_INFINITY) this.#waitingSinceMs = nowMs;
  }

  accepted(units: number, nowMs: number): void {
    this.#advance(nowMs);
    this.#taken[this.#slot % this.#taken.length]! += units;
    this.#responses[this.#slot % this.#responses.length]!++;
    this.#takenSinceRefusal++;
  }

  /** @param random from [0, 1) */
  refused(units: number, nowMs: number, random: number): void {
    this.#advance(nowMs);
    // A large record that was refused took nothing of the shard. It may be offered again soon, by each worker at
    // another time.
    if (this.active && !this.#isKnown) this.#tokens += units * (1 - random / 2);
    this.#responses[this.#slot % this.#responses.length]!++;
    this.#refusedAtMs = nowMs;
    this.#takenSinceRefusal = 0;
    if (this.active && this.#growth === 1) return;
    if (!this.active) {
      this.#tokens = 0;
      this.#filledAtMs = nowMs;
    }
    this.#growth = 1;
    this.#unitsPerSecond = this.#offer();
  }

  #refill(nowMs: number): void {
    const elapsedMs = nowMs - this.#filledAtMs;
    if (elapsedMs <= 0) return;
    this.#advance(nowMs);
    if (nowMs - this.#refusedAtMs > CALM_MS && this.#waitingSinceMs === Number.POSITIVE_INFINITY) {
      this.#unitsPerSecond = Number.POSITIVE_INFINITY;
      this.#growth = 1;
      return;
    }
    const burst = Math.max(1, (this.#unitsPerSecond * BURST_MS) / 1000);
    this.#tokens = Math.min(burst, this.#tokens + (this.#unitsPerSecond * elapsedMs) / 1000);
    this.#filledAtMs = nowMs;
  }

  /** Closes the slots that have ended, and sets the pace by them. */
  #advance(nowMs: number): void {
    if (nowMs < this.#slotEndsMs) return;
    const slot = Math.floor(nowMs / SLOT_MS);
    const ring = this.#taken.length;
    for (let ended = Math.max(this.#slot, slot - ring); ended < slot; ended++) {
      if (ended > this.#slot) this.#taken[ended % ring] = this.#responses[ended % ring] = 0;
      // A slot for which no record waited all the time does not tell how much the shard takes.
      if (this.#waitingSinceMs > ended * SLOT_MS) {
        this.#taken[ended % ring] = Math.max(this.#taken[ended % ring]!, this.#documented / SLOTS);
      }
    }
    this.#taken[slot % ring] = this.#responses[slot % ring] = 0;
    this.#slot = slot;
    this.#slotEndsMs = (slot + 1) * SLOT_MS;
    if (!this.active) return;
    if (this.#takenSinceRefusal >= ROOM_RECORDS && nowMs - this.#refusedAtMs > ROOM_MS) this.#growth *= ROOM_GROWTH;
    this.#unitsPerSecond = this.#growth * this.#offer();
  }

  get #isKnown(): boolean {
    return sumOfSlots(this.#responses, this.#slot) >= RESPONSES_MIN;
  }

  #offer(): number {
    const taken = sumOfSlots(this.#taken, this.#slot);
    const documented = this.#documented;
    const belowLimit = OFFER_BELOW_LIMIT * taken + OFFER_MORE * documented;
    return Math.max(OFFER * taken, this.#isKnown ? Math.min(OFFER * documented, belowLimit) : OFFER * documented);
  }
}

/** Of the slots that are complete: all of the ring but the current one. */
function sumOfSlots(counts: Float64Array, current: number): number {
  let sum = -counts[current % counts.length]!;
  for (const count of counts) sum += count;
  return sum;
}
