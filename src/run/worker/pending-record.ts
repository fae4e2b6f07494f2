import type { Partitioner } from '../../target/partitioner.js';
import type { OutgoingRecord } from '../../target/target.js';
import type { PackedRecords, RecordRanges } from '../between/packed-records.js';

/** A pack of records that a worker holds until each of them is sent or failed. */
export interface HeldPack {
  readonly records: PackedRecords;
  unsettled: number;
}

/** One record that a worker holds. It keeps what is read often; the rest stays in the pack. */
export class PendingRecord implements OutgoingRecord, RecordRanges {
  source!: Buffer;
  dataStart = 0;
  dataEnd = 0;
  keyStart = 0;
  keyEnd = 0;
  attributesStart = 0;
  attributesEnd = 0;
  /** The intended time, on the shared clock. Read from here, and not from the pack, it allocates nothing. */
  intendedAtMs: number;
  /** The index of the shard that takes it; -1 until it is computed. */
  shardIndex = -1;
  /** How often it was written to a socket. */
  offered = 0;
  /** Attempts that count toward the maximum number of attempts. */
  attempts = 0;
  /** True if an attempt had no clear response: the target may hold the record. */
  inDoubt = false;
  // The next four fields belong to KeyOrder, for `--ordered`.
  keyHash = 0;
  /** The next record of the same key, and the last one. Both wait for this record. */
  nextOfKey: PendingRecord | undefined = undefined;
  lastOfKey: PendingRecord | undefined = undefined;
  /** The first record of another key in the same slot of the table. */
  nextInSlot: PendingRecord | undefined = undefined;
  #pack: HeldPack;
  #index: number;

  /** Its ranges are not set yet. */
  constructor(pack: HeldPack, index: number) {
    this.#pack = pack;
    this.#index = index;
    this.intendedAtMs = pack.records.intendedAtMs(index);
  }

  /** Reuses this object for another record. It must be settled, and nothing may refer to it. Its ranges are kept. */
  become(pack: HeldPack, index: number): void {
    this.#pack = pack;
    this.#index = index;
    this.intendedAtMs = pack.records.intendedAtMs(index);
    this.shardIndex = -1;
    this.offered = 0;
    this.attempts = 0;
    this.inDoubt = false;
    this.keyHash = 0;
    this.nextOfKey = undefined;
    this.lastOfKey = undefined;
    this.nextInSlot = undefined;
  }

  /** Bytes of data and key: what Kinesis counts toward the limits of a request. */
  get bytes(): number {
    return this.dataEnd - this.dataStart + this.keyEnd - this.keyStart;
  }

  /** Bytes of its headers or its explicit hash key. */
  get attributesBytes(): number {
    return this.attributesEnd === 0 ? 0 : this.attributesEnd - this.attributesStart;
  }

  get key(): string {
    return this.source.toString('utf8', this.keyStart, this.keyEnd);
  }

  /** Decimal digits; undefined for a record without an explicit hash key. */
  get explicitHashKey(): string | undefined {
    return this.attributesEnd === 0
      ? undefined
      : this.source.toString('latin1', this.attributesStart, this.attributesEnd);
  }

  get data(): Uint8Array {
    return this.source.subarray(this.dataStart, this.dataEnd);
  }

  /** The index of its shard, computed once; -1 if any shard may take it and none was chosen. */
  shardIndexIn(partitioner: Partitioner): number {
    if (this.shardIndex === -1) this.shardIndex = partitioner.indexOf(this);
    return this.shardIndex;
  }

  get recordedAtMs(): number {
    return this.#pack.records.recordedAtMs(this.#index);
  }

  /** The record's turn has come. Without a schedule, this sets its intended time. */
  takeTurn(nowMs: number): void {
    if (this.intendedAtMs === Number.NEGATIVE_INFINITY) this.intendedAtMs = nowMs;
  }

  /** Notes that it was sent or given up. Returns its pack if it was the last record in it. */
  settle(): HeldPack | undefined {
    this.#pack.records.settle(this.#index);
    this.#pack.unsettled--;
    return this.#pack.unsettled === 0 ? this.#pack : undefined;
  }
}
