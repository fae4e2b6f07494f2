import type { PackedRecords } from '../between/packed-records.js';
import type { PackMaker } from './pack-maker.js';
import { type HeldPack, PendingRecord } from './pending-record.js';

/** The most settled records that are kept for reuse. Only with a slow target are more records unpacked at a time. */
const SPARE_MAX = 16_384;

/** Records that are not due yet, still packed, in input order. */
export class DueQueue {
  readonly #packs: HeldPack[] = [];
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
    if (this.#spare.length < SPARE_MAX) this.#spare.push(record);
  }

  #recordOf(pack: HeldPack, index: number, nowMs: number): PendingRecord {
    const spare = this.#spare.pop();
    spare?.become(pack, index);
    const record = spare ?? new PendingRecord(pack, index);
    if (this.#maker === undefined) pack.records.locate(index, record);
    else this.#maker.make(pack.records, index, nowMs, record);
    return record;
  }
}
