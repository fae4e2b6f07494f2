import type { OutgoingRecord } from '../../send/target.js';
import type { PackedRecords, RecordRanges } from '../between/packed-records.js';

/** A pack that a worker holds, until each of its records is sent or failed. */
export interface HeldPack {
  readonly records: PackedRecords;
  unsettled: number;
}

/** One record that a worker holds. What is asked of it again and again is here, and the rest is left in the pack. */
export class PendingRecord implements OutgoingRecord, RecordRanges {
  source!: Buffer;
  dataStart = 0;
  dataEnd = 0;
  keyStart = 0;
  keyEnd = 0;
  attributesStart = 0;
  attributesEnd = 0;
  /** The shard that takes it, as an index into the stream's shards; -1 until somebody needs it. */
  lane = -1;
  /** Times it was handed to the socket. */
  offered = 0;
  /** Of these, the ones that count against the bound on attempts. */
  attempts = 0;
  /** An attempt was not answered: the stream may have taken it already. */
  inDoubt = false;
  /** With `--ordered`, and kept by KeyOrder: the one of its key that waits for this one, and of the first also the last. */
  keyHash = 0;
  nextOfKey: PendingRecord | undefined = undefined;
  lastOfKey: PendingRecord | undefined = undefined;
  /** The first one of another key in the same place of its table. */
  nextInSlot: PendingRecord | undefined = undefined;
  #pack: HeldPack;
  #index: number;

  constructor(pack: HeldPack, index: number) {
    this.#pack = pack;
    this.#index = index;
    pack.records.locate(index, this);
  }

  /** Makes another record of one that was settled, and that nobody looks at any more. */
  become(pack: HeldPack, index: number): void {
    this.#pack = pack;
    this.#index = index;
    pack.records.locate(index, this);
    this.lane = -1;
    this.offered = 0;
    this.attempts = 0;
    this.inDoubt = false;
    this.keyHash = 0;
    this.nextOfKey = undefined;
    this.lastOfKey = undefined;
    this.nextInSlot = undefined;
  }

  /** Data and key: what the record counts against the limits of a request to Kinesis. */
  get bytes(): number {
    return this.dataEnd - this.dataStart + this.keyEnd - this.keyStart;
  }

  /** What goes beside them: to Kafka, where it is headers, it counts as well. */
  get attributesBytes(): number {
    return this.attributesEnd === 0 ? 0 : this.attributesEnd - this.attributesStart;
  }

  get key(): string {
    return this.source.toString('utf8', this.keyStart, this.keyEnd);
  }

  /** Decimal digits; undefined for a record without a hash key of its own. */
  get explicitHashKey(): string | undefined {
    return this.attributesEnd === 0
      ? undefined
      : this.source.toString('latin1', this.attributesStart, this.attributesEnd);
  }

  get data(): Uint8Array {
    return this.source.subarray(this.dataStart, this.dataEnd);
  }

  get intendedAtMs(): number {
    return this.#pack.records.intendedAtMs(this.#index);
  }

  get recordedAtMs(): number {
    return this.#pack.records.recordedAtMs(this.#index);
  }

  /** Its turn has come: without a schedule, that is when it is meant to go. */
  takeTurn(nowMs: number): void {
    if (this.intendedAtMs === Number.NEGATIVE_INFINITY) this.#pack.records.setIntendedAtMs(this.#index, nowMs);
  }

  /** Makes it due later. */
  delay(ms: number): void {
    this.#pack.records.setIntendedAtMs(this.#index, this.intendedAtMs + ms);
  }

  /** It was sent or has failed. Returns its pack if that was the last one in it. */
  settle(): HeldPack | undefined {
    this.#pack.records.settle(this.#index);
    this.#pack.unsettled--;
    return this.#pack.unsettled === 0 ? this.#pack : undefined;
  }
}
