import type { PackedRecords } from '../between/packed-records.js';
import type { PackMaker } from './pack-maker.js';
import { type HeldPack, PendingRecord } from './pending-record.js';

/** Records that are not due yet, still packed, in input order. */
export class DueQueue {
  readonly #packs: HeldPack[] = [];
  /** The objects of all records that were unpacked: as many as the worker held at a time, at most. */
  readonly #unpacked: PendingRecord[] = [];
  /** Those of them that are settled, to be used again. */
  readonly #spare: PendingRecord[] = [];
  /** The index of the next record in the first pack. */
  #next = 0;
  readonly #maker: PackMaker | undefined;

  /** @param maker makes each record when it is taken; undefined if packs hold the bytes of their records */
  constructor(maker?: PackMaker) {
    this.#maker = maker;
  }

  add(records: PackedRecords): HeldPack {
    const pack = { records, unsettled: records.count };
    this.#packs.push(pack);
    return pack;
  }

  /** When the record after the next `skip` ones is due; Infinity if it is not in the first pack. */
  dueMs(skip = 0): number {
    const records = this.#packs[0]?.records;
    const index = this.#next + skip;
    return records === undefined || index >= records.count ? Number.POSITIVE_INFINITY : records.intendedAtMs(index);
  }

  /** Takes the next record, if it is due. */
  takeDue(nowMs: number): PendingRecord | undefined {
    const pack = this.#packs[0];
    if (pack === undefined) return undefined;
    if (pack.records.intendedAtMs(this.#next) > nowMs) return undefined;
    const record = this.#recordOf(pack, this.#next, nowMs);
    this.#next++;
    if (this.#next === pack.records.count) {
      this.#packs.shift();
      this.#next = 0;
    }
    return record;
  }

  /**
   * Keeps the object of a settled record for reuse. Nothing may refer to it. Allocating and collecting an object for
   * each record took a sixth of the worker's time.
   */
  recycle(record: PendingRecord): void {
    this.#spare.push(record);
  }

  /** Makes all records that were taken and are not settled due later. */
  delayTaken(ms: number): void {
    // Spare objects get another time when they are used again.
    for (const record of this.#unpacked) record.intendedAtMs += ms;
  }

  #recordOf(pack: HeldPack, index: number, nowMs: number): PendingRecord {
    let record = this.#spare.pop();
    if (record !== undefined) record.become(pack, index);
    else {
      record = new PendingRecord(pack, index);
      this.#unpacked.push(record);
    }
    if (this.#maker === undefined) pack.records.locate(index, record);
    else this.#maker.make(pack.records, index, nowMs, record);
    return record;
  }
}
