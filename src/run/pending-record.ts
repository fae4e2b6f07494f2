import type { OutgoingRecord } from '../send/target.js';
import type { PackedRecords } from './packed-records.js';

/** A pack that a worker holds, until each of its records is sent or failed. */
export interface HeldPack {
  readonly records: PackedRecords;
  unsettled: number;
}

/** One record that a worker holds. */
export class PendingRecord implements OutgoingRecord {
  readonly source: Buffer;
  readonly dataStart: number;
  readonly dataEnd: number;
  readonly keyEnd: number;
  readonly intendedAtMs: number;
  /** The shard that takes it, as an index into the stream's shards. */
  lane = 0;
  /** Times it was handed to the socket. */
  handed = 0;
  /** Of these, the ones that count against the bound on attempts. */
  attempts = 0;
  /** An attempt was not answered: the stream may have taken it already. */
  inDoubt = false;
  readonly #pack: HeldPack;
  readonly #index: number;

  /** @param nowMs the intended time of a record that has none: it is meant to go when it is taken */
  constructor(pack: HeldPack, index: number, nowMs: number) {
    const { records } = pack;
    this.#pack = pack;
    this.#index = index;
    this.source = records.bytes;
    this.dataStart = records.dataStart(index);
    this.dataEnd = records.dataEnd(index);
    this.keyEnd = records.keyEnd(index);
    const intendedAtMs = records.intendedAtMs(index);
    this.intendedAtMs = intendedAtMs === Number.NEGATIVE_INFINITY ? nowMs : intendedAtMs;
  }

  get keyStart(): number {
    return this.dataEnd;
  }

  /** Data and key: what the record counts against the limits of a request. */
  get bytes(): number {
    return this.keyEnd - this.dataStart;
  }

  get key(): string {
    return this.source.toString('utf8', this.dataEnd, this.keyEnd);
  }

  get data(): Uint8Array {
    return this.source.subarray(this.dataStart, this.dataEnd);
  }

  get recordedAtMs(): number {
    return this.#pack.records.recordedAtMs(this.#index);
  }

  /** It was sent or has failed. Returns its pack if that was the last one in it. */
  settle(): HeldPack | undefined {
    this.#pack.unsettled--;
    return this.#pack.unsettled === 0 ? this.#pack : undefined;
  }
}
