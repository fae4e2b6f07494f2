import type { PackedRecords } from '../between/packed-records.js';
import { type HeldPack, PendingRecord } from './pending-record.js';

/** Settled records that are kept to become others: more than these are in flight only where a target is slow. */
const SPARE_MAX = 16_384;

/** Records that a worker was given and whose time has not come: in input order, still packed. */
export class DueQueue {
  readonly #packs: HeldPack[] = [];
  readonly #spare: PendingRecord[] = [];
  /** The next record of the first pack. */
  #next = 0;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(records: PackedRecords): HeldPack {
    const pack = { records, unsettled: records.count };
    this.#packs.push(pack);
    this.#count += records.count;
    return pack;
  }

  /** When the record after `skip` others is due; Infinity where that is not known yet. */
  dueMs(skip = 0): number {
    const records = this.#packs[0]?.records;
    const index = this.#next + skip;
    return records === undefined || index >= records.count ? Number.POSITIVE_INFINITY : records.intendedAtMs(index);
  }

  /** The next record, if its time has come. */
  takeDue(nowMs: number): PendingRecord | undefined {
    const pack = this.#packs[0];
    if (pack === undefined) return undefined;
    if (pack.records.intendedAtMs(this.#next) > nowMs) return undefined;
    const record = this.#recordOf(pack, this.#next);
    this.#next++;
    this.#count--;
    if (this.#next === pack.records.count) {
      this.#packs.shift();
      this.#next = 0;
    }
    return record;
  }

  /**
   * Takes a record that was settled, and that nobody looks at any more, to become another one: to make and to collect
   * each anew took a sixth of the worker's time.
   */
  giveBack(record: PendingRecord): void {
    if (this.#spare.length < SPARE_MAX) this.#spare.push(record);
  }

  #recordOf(pack: HeldPack, index: number): PendingRecord {
    const record = this.#spare.pop();
    if (record === undefined) return new PendingRecord(pack, index);
    record.become(pack, index);
    return record;
  }
}
