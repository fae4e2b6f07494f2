import { keyHash } from '../../route/router.js';
import { Fifo } from './fifo.js';
import type { PendingRecord } from './pending-record.js';

/** Slots of the hash table, a power of two: twice as many as a worker holds records. */
const SLOTS = 65_536;

/**
 * Keeps the records of each partition key in order: a record may go once all earlier ones of its key are sent or given
 * up. So at most one record of a key is in a batch, in flight or waiting for a retry. Two records of a key never share
 * a request, because the service may refuse the first and accept the second.
 *
 * Keys are compared by a 32-bit hash. Two keys with the same hash wait for each other needlessly, but harmlessly. That
 * is rare: if a worker holds its maximum of 32,768 records, all with different keys, there is one such pair in eight
 * cases.
 */
export class KeyOrder {
  /**
   * A hash table of the first record of each key. Records of keys in the same slot are linked by `nextInSlot`. A Map
   * would create more garbage, as keys come and go, than everything else in the worker.
   */
  readonly #slots: (PendingRecord | undefined)[] = new Array(SLOTS).fill(undefined);
  /** Records that waited and may go now. */
  readonly #ready = new Fifo<PendingRecord>();
  #waiting = 0;

  /** Records that wait for an earlier record of their key. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Returns true if the record may go now. If not, it waits here, and `takeReady` returns it later. */
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

  /** A record that was admitted or taken was sent or given up. The next record of its key may go. */
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

  /** Takes a record that waited and may go now. */
  takeReady(): PendingRecord | undefined {
    return this.#ready.shift();
  }

  /** The earliest intended time of the records that wait or are ready; Infinity if there are none. */
  get oldestDueMs(): number {
    let oldestMs = Number.POSITIVE_INFINITY;
    for (const { intendedAtMs } of this.#ready) oldestMs = Math.min(oldestMs, intendedAtMs);
    if (this.#waiting === 0) return oldestMs;
    // The records of a key are in the order of their intended times, so its first waiting one is the oldest.
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
