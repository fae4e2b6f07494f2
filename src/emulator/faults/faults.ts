import type { ServiceError } from '../protocol/service-error.js';
import { drawDelayMs } from './delay.js';
import { type Fault, hitsRecords, isFor } from './fault.js';
import { FaultError } from './fault-error.js';
import type { FaultTarget } from './fault-target.js';
import { type Random, randomOf } from './random.js';

/** What happens to one request. */
export interface RequestFaults {
  /** How long it waits before anything else happens to it, milliseconds. */
  readonly delayMs: number;
  /** What happens instead of handling it, or to its answer; undefined: it is handled and answered. */
  readonly end: ServiceError | 'close' | 'reset' | 'lose-answer' | undefined;
  /** The faults that choose among the records of a PutRecords; undefined where there are none. */
  readonly records: RecordFaults | undefined;
}

/** Chooses among the records of one PutRecords, which are told in their order. */
export interface RecordFaults {
  /** @returns how the record fails; undefined: it does not */
  hit(shardId: string): { readonly code: string; readonly message: string } | undefined;
}

/** A fault that was set, and what became of it. */
export interface SetFault {
  readonly id: string;
  readonly fault: Fault;
  /** Epoch milliseconds. */
  readonly setAtMs: number;
  /** Requests, or records, that it could have hit. */
  readonly considered: number;
  readonly hits: number;
}

interface LiveFault extends SetFault {
  readonly random: Random;
  considered: number;
  hits: number;
}

/** Each is asked for each request: what nobody takes away must not grow without end. */
const FAULTS_MAX = 1000;

/**
 * The faults that are in force. Each draws from a generator of its own, once for each request (or record) that it is
 * for, in their order: the same seed, faults and requests give the same hits.
 */
export class Faults {
  readonly seed: number;
  #made = 0;
  #faults: LiveFault[] = [];
  #hitsByName = new Map<string, number>();

  constructor(seed: number) {
    this.seed = seed;
  }

  /** @param now epoch milliseconds. Throws a FaultError where there are too many. */
  set(fault: Fault, now: number): SetFault {
    if (this.#faults.length >= FAULTS_MAX) throw new FaultError(`there are ${FAULTS_MAX} faults already`);
    const id = ++this.#made;
    const live = { id: String(id), fault, setAtMs: now, considered: 0, hits: 0, random: randomOf(this.seed, id) };
    this.#faults.push(live);
    return live;
  }

  /** Takes one away; false where there is none. */
  remove(id: string): boolean {
    const before = this.#faults.length;
    this.#faults = this.#faults.filter((live) => live.id !== id);
    return this.#faults.length < before;
  }

  /** Takes all away, and says how many. */
  clear(): number {
    return this.#faults.splice(0).length;
  }

  get all(): readonly SetFault[] {
    return this.#faults;
  }

  /** Whether a request need not be looked at. */
  get none(): boolean {
    return this.#faults.length === 0;
  }

  /** Hits since the start by the name of what was done, also of faults that were taken away. */
  get hitsByName(): ReadonlyMap<string, number> {
    return this.#hitsByName;
  }

  /** Decides what happens to a request: delays add up, and of what ends it the fault that was set first wins. */
  decide(target: FaultTarget, now: number): RequestFaults {
    let delayMs = 0;
    let end: RequestFaults['end'];
    const records: LiveFault[] = [];
    for (const live of this.#faults) {
      const { effect } = live.fault.action;
      if ((end !== undefined && effect.kind !== 'delay') || !isActive(live, now) || !isFor(live.fault, target))
        continue;
      if (hitsRecords(live.fault, target)) {
        records.push(live);
      } else if (effect.kind === 'delay') {
        if (this.#draw(live) && live.fault.delay) delayMs += drawDelayMs(live.fault.delay, live.random);
      } else {
        const ending = effect.kind === 'error' ? effect.error(target, now) : effect.kind;
        if (ending !== undefined && this.#draw(live)) end = ending;
      }
    }
    return { delayMs, end, records: this.#recordFaults(records, target) };
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

  /** Whether the fault hits what it could hit now. Always draws, so that no hit moves the ones that follow. */
  #draw(live: LiveFault): boolean {
    const { percentage, count, action } = live.fault;
    live.considered++;
    const isHit = live.random() * 100 < percentage && live.hits < count;
    if (!isHit) return false;
    live.hits++;
    this.#hitsByName.set(action.name, (this.#hitsByName.get(action.name) ?? 0) + 1);
    return true;
  }
}

/** Whether its time is now. */
export function isActive({ fault, setAtMs }: SetFault, now: number): boolean {
  const ageMs = now - setAtMs - fault.afterMs;
  return ageMs >= 0 && ageMs < fault.durationMs;
}
