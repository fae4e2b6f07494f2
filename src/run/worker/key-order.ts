import { keyHash } from '../../route/key-hash.js';
import { Fifo } from './fifo.js';
import type { PendingRecord } from './pending-record.js';

/** Places in the table of keys, a power of two: twice as many as a worker holds records. */
const SLOTS = 65_536;

/**
 * Keeps the records of each partition key in their order: one goes only when all before it of its key are settled, sent
 * or given up. So of a key there is never more than one in a batch, in flight or waiting for a retry: a request may have
 * a record of a key refused and a later one of the same key accepted, which is why they never share one.
 *
 * Keys are told apart by 32 bits of hash. Two keys that share them wait for each other without need, which harms neither,
 * and hardly happens: with all 32,768 records that a worker holds under way at once, it is one pair in eight such moments.
 */
export class KeyOrder {
  /**
   * The first record of each key, by its hash; where keys share a slot, each knows the next one's. The records are the table:
   * a Map of keys that come and go leaves more behind than all else that a worker does.
   */
  readonly #slots: (PendingRecord | undefined)[] = new Array(SLOTS).fill(undefined);
  /** Those whose turn has come. */
  readonly #ready = new Fifo<PendingRecord>();
  #waiting = 0;

  /** Records that wait for another of their key to be settled. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Whether a record may go now; if not, it waits for those of its key before it, and `takeReady` will give it. */
  admit(record: PendingRecord): boolean {
    record.keyHash = keyHash(record.source, record.keyStart, record.keyEnd);
    const slot = slotOf(record);
    let first = this.#slots[slot];
    while (first !== undefined && first.keyHash !== record.keyHash) first = first.nextInSlot;
    if (first === undefined) {
      record.nextInSlot = this.#slots[slot];
      record.lastOfKey = record;
      this.#slots[slot] = record;
      return true;
    }
    first.lastOfKey!.nextOfKey = record;
    first.lastOfKey = record;
    this.#waiting++;
    return false;
  }

  /** A record that was admitted, or taken, was sent or has failed: it is the turn of the next one of its key. */
  settled(record: PendingRecord): void {
    const { nextOfKey, nextInSlot } = record;
    if (nextOfKey === undefined) {
      this.#replace(record, nextInSlot);
    } else {
      nextOfKey.lastOfKey = record.lastOfKey;
      nextOfKey.nextInSlot = nextInSlot;
      this.#replace(record, nextOfKey);
      this.#ready.push(nextOfKey);
      this.#waiting--;
    }
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
    for (let first of this.#slots) {
      for (; first !== undefined; first = first.nextInSlot) {
        if (first.nextOfKey !== undefined) oldestMs = Math.min(oldestMs, first.nextOfKey.intendedAtMs);
      }
    }
    return oldestMs;
  }

  #replace(record: PendingRecord, by: PendingRecord | undefined): void {
    const slot = slotOf(record);
    let before = this.#slots[slot]!;
    if (before === record) {
      this.#slots[slot] = by;
      return;
    }
    while (before.nextInSlot !== record) before = before.nextInSlot!;
    before.nextInSlot = by;
  }
}

function slotOf({ keyHash }: PendingRecord): number {
  return (keyHash ^ (keyHash >>> 16)) & (SLOTS - 1);
}
