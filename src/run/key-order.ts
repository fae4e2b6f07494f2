import { keyHash } from '../route/key-hash.js';
import { Fifo } from './fifo.js';
import type { KeyLine, PendingRecord } from './pending-record.js';

/**
 * Keeps the records of each partition key in their order: one goes only when all before it of its key are settled, sent
 * or given up. So of a key there is never more than one in a batch, in flight or waiting for a retry: a request may have
 * a record of a key refused and a later one of the same key accepted, which is why they never share one.
 *
 * Keys are told apart by 32 bits of hash. Two keys that share them wait for each other without need, which harms neither,
 * and hardly happens: with all 32,768 records that a worker holds under way at once, it is one pair in eight such moments.
 */
export class KeyOrder {
  readonly #lines = new Map<number, KeyLine>();
  /** Those whose turn has come. */
  readonly #ready = new Fifo<PendingRecord>();
  #waiting = 0;

  /** Records that wait for another of their key to be settled. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Whether a record may go now; if not, it waits for those of its key before it, and `takeReady` will give it. */
  admit(record: PendingRecord): boolean {
    const hash = keyHash(record.source, record.keyStart, record.keyEnd);
    const line = this.#lines.get(hash);
    if (line === undefined) {
      record.line = { hash, first: record, last: record };
      this.#lines.set(hash, record.line);
      return true;
    }
    record.line = line;
    line.last.nextOfKey = record;
    line.last = record;
    this.#waiting++;
    return false;
  }

  /** A record that was admitted, or taken, was sent or has failed: it is the turn of the next one of its key. */
  settled({ line, nextOfKey }: PendingRecord): void {
    if (line === undefined) return;
    if (nextOfKey === undefined) {
      this.#lines.delete(line.hash);
      return;
    }
    line.first = nextOfKey;
    this.#ready.push(nextOfKey);
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
    for (const { first } of this.#lines.values()) {
      if (first.nextOfKey !== undefined) oldestMs = Math.min(oldestMs, first.nextOfKey.intendedAtMs);
    }
    return oldestMs;
  }
}
