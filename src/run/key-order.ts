import { keyHash } from '../route/key-hash.js';
import { Fifo } from './fifo.js';
import type { PendingRecord } from './pending-record.js';

/**
 * Keeps the records of each partition key in their order: one goes only when all before it of its key are settled, sent
 * or given up. So of a key there is never more than one in a batch, in flight or waiting for a retry: a request may have
 * a record of a key refused and a later one of the same key accepted, which is why they never share one.
 *
 * Keys are told apart by 32 bits of hash. Two keys that share them wait for each other without need, which harms neither,
 * and hardly happens: with all 32,768 records that a worker holds under way at once, it is one pair in eight such moments.
 */
export class KeyOrder {
  /** The record of each key that may go or has gone, before those of its key that wait, each of which knows the next. */
  readonly #first = new Map<number, PendingRecord>();
  /** Those whose turn has come. */
  readonly #ready = new Fifo<PendingRecord>();
  #waiting = 0;

  /** Records that wait for another of their key to be settled. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Whether a record may go now; if not, it waits for those of its key before it, and `takeReady` will give it. */
  admit(record: PendingRecord): boolean {
    const hash = hashOf(record);
    const first = this.#first.get(hash);
    if (first === undefined) {
      this.#first.set(hash, record);
      return true;
    }
    (first.lastOfKey ?? first).nextOfKey = record;
    first.lastOfKey = record;
    this.#waiting++;
    return false;
  }

  /** The record was sent or has failed: it is the turn of the next one of its key. */
  settled(record: PendingRecord): void {
    const hash = hashOf(record);
    const next = record.nextOfKey;
    if (next === undefined) {
      this.#first.delete(hash);
      return;
    }
    if (record.lastOfKey !== next) next.lastOfKey = record.lastOfKey;
    this.#first.set(hash, next);
    this.#ready.push(next);
    this.#waiting--;
  }

  /** A record that waited and may go now. */
  takeReady(): PendingRecord | undefined {
    return this.#ready.shift();
  }

  /** When the oldest of the records that were not taken was due; Infinity when there is none. */
  get oldestDueMs(): number {
    let oldestMs = Number.POSITIVE_INFINITY;
    for (const { intendedAtMs } of this.#ready) oldestMs = Math.min(oldestMs, intendedAtMs);
    if (this.#waiting === 0) return oldestMs;
    // Those of one key were due one after the other.
    for (const { nextOfKey } of this.#first.values()) {
      if (nextOfKey !== undefined) oldestMs = Math.min(oldestMs, nextOfKey.intendedAtMs);
    }
    return oldestMs;
  }
}

function hashOf({ source, keyStart, keyEnd }: PendingRecord): number {
  return keyHash(source, keyStart, keyEnd);
}
