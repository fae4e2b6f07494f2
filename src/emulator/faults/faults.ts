import type { ServiceError } from '../protocol/service-error.js';
import { drawDelayMs } from './delay.js';
import { type Fault, hitsRecords, isFor } from './fault.js';
import type { Damage, FaultTarget } from './fault-action.js';
import { FaultError } from './fault-action.js';
import { type Random, randomOf } from './random.js';

/** What the faults do to one request. */
export interface RequestFaults {
  /** The delay before anything else happens to it, milliseconds. */
  readonly delayMs: number;
  /** What replaces its normal response; undefined: nothing does. */
  readonly end: ServiceError | 'close' | 'reset' | 'lose-response' | undefined;
  /** Fails single records of a PutRecords; undefined: no fault does. */
  readonly records: RecordFaults | undefined;
  /** Damages records that were stored; undefined: no fault does. */
  readonly stored: StoredFaults | undefined;
}

/** Decides which records of one PutRecords fail. Call `hit` once for each record, in order. */
export interface RecordFaults {
  /** @returns the record's error; undefined: it does not fail */
  hit(shardId: string): { readonly code: string; readonly message: string } | undefined;
}

/** Decides which stored records are damaged. Call `hit` once for each record, in order. */
export interface StoredFaults {
  /** The fault that swaps records; undefined: none does. */
  readonly swap: SetFault | undefined;
  /**
   * @param apply damages the record; returns false if that is not possible, which is no hit
   * @returns what was done to it
   */
  hit(shardId: string, apply: (damage: Damage, random: Random) => boolean): Damage | undefined;
}

/** A fault that was set, with its counts. */
export interface SetFault {
  readonly id: string;
  readonly fault: Fault;
  /** Epoch milliseconds. */
  readonly setAtMs: number;
  /** The requests, or records, that it could have hit. */
  readonly considered: number;
  readonly hits: number;
}

interface LiveFault extends SetFault {
  readonly random: Random;
  considered: number;
  hits: number;
}

/** Every request is checked against every fault, so their number is bounded. */
const FAULTS_MAX = 1000;

/**
 * The faults that are set. Each has its own random generator and draws once for each request (or record) that it
 * selects, in order: the same seed, faults and requests give the same hits.
 */
export class Faults {
  readonly seed: number;
  #lastId = 0;
  #faults: LiveFault[] = [];
  #hitsByName = new Map<string, number>();

  constructor(seed: number) {
    this.seed = seed;
  }

  /** @param now epoch milliseconds. Throws a FaultError if there are too many faults. */
  set(fault: Fault, now: number): SetFault {
    if (this.#faults.length >= FAULTS_MAX) throw new FaultError(`there are ${FAULTS_MAX} faults already`);
    const id = ++this.#lastId;
    const live = { id: String(id), fault, setAtMs: now, considered: 0, hits: 0, random: randomOf(this.seed, id) };
    this.#faults.push(live);
    return live;
  }

  /** Removes a fault; false if there is none with this id. */
  remove(id: string): boolean {
    const before = this.#faults.length;
    this.#faults = this.#faults.filter((live) => live.id !== id);
    return this.#faults.length < before;
  }

  /** Removes all faults; returns their number. */
  clear(): number {
    return this.#faults.splice(0).length;
  }

  get all(): readonly SetFault[] {
    return this.#faults;
  }

  get isEmpty(): boolean {
    return this.#faults.length === 0;
  }

  /** Hits since the start by the name of the fault's action, including those of removed faults. */
  get hitsByName(): ReadonlyMap<string, number> {
    return this.#hitsByName;
  }

  /** Decides what happens to a request. Delays add up; of the faults that end it, the first that was set wins. */
  decide(target: FaultTarget, now: number): RequestFaults {
    let delayMs = 0;
    let end: RequestFaults['end'];
    const records: LiveFault[] = [];
    const stored: LiveFault[] = [];
    for (const live of this.#faults) {
      const { effect } = live.fault.action;
      if (!isActive(live, now) || !isFor(live.fault, target)) continue;
      if (effect.kind === 'damage') {
        stored.push(live);
        continue;
      }
      if (end !== undefined && effect.kind !== 'delay') continue;
      if (hitsRecords(live.fault, target)) {
        records.push(live);
      } else if (effect.kind === 'delay') {
        if (this.#draw(live) && live.fault.delay) delayMs += drawDelayMs(live.fault.delay, live.random);
      } else {
        const ending = effect.kind === 'error' ? effect.error(target, now) : effect.kind;
        if (ending !== undefined && this.#draw(live)) end = ending;
      }
    }
    return { delayMs, end, records: this.#recordFaults(records, target), stored: this.#storedFaults(stored) };
  }

  #storedFaults(faults: readonly LiveFault[]): StoredFaults | undefined {
    if (faults.length === 0) return undefined;
    return {
      swap: faults.find(({ fault }) => damageOf(fault) === 'swap'),
      hit: (shardId, apply) => {
        for (const live of faults) {
          const { shard } = live.fault;
          const damage = damageOf(live.fault);
          if (damage === undefined || (shard !== undefined && shard !== shardId)) continue;
          if (this.#draw(live, () => apply(damage, live.random))) return damage;
        }
        return undefined;
      },
    };
  }

  #recordFaults(faults: readonly LiveFault[], { stream }: FaultTarget): RecordFaults | undefined {
    if (faults.length === 0 || stream === undefined) return undefined;
    return {
      hit: (shardId) => {
        for (const live of faults) {
          const { shard, action } = live.fault;
          if ((shard !== undefined && shard !== shardId) || action.record === undefined || !this.#draw(live)) continue;
          const { code, message } = action.record;
          return { code, message: message(stream.name, stream.account, shardId) };
        }
        return undefined;
      },
    };
  }

  /**
   * True if the fault hits. Draws even once its count is used up, so that no hit changes the draws that follow.
   *
   * @param apply does what the fault does; returns false if that is not possible
   */
  #draw(live: LiveFault, apply = () => true): boolean {
    const { percentage, count, action } = live.fault;
    live.considered++;
    const isHit = live.random() * 100 < percentage && live.hits < count;
    if (!isHit || !apply()) return false;
    live.hits++;
    this.#hitsByName.set(action.name, (this.#hitsByName.get(action.name) ?? 0) + 1);
    return true;
  }
}

function damageOf({ action: { effect } }: Fault): Damage | undefined {
  return effect.kind === 'damage' ? effect.damage : undefined;
}

/** True between the fault's start and end. */
export function isActive({ fault, setAtMs }: SetFault, now: number): boolean {
  const ageMs = now - setAtMs - fault.afterMs;
  return ageMs >= 0 && ageMs < fault.durationMs;
}
