import type { OutgoingRecord } from '../send/target.js';
import type { PackedRecords } from './packed-records.js';

/** A pack that a worker holds, until each of its records is sent or failed. */
export interface HeldPack {
  readonly records: PackedRecords;
  unsettled: number;
}

/** One record that a worker holds. */
export class PendingRecord implements OutgoingRecord {
  readonly key: string;
  /** Data and key: what the record counts against the limits of a request. */
  readonly bytes: number;
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

  /**
   * @param sharedKey the key of all records, where the user gave one
   * @param nowMs     the intended time of a record that has none: it is meant to go when it is taken
   */
  constructor(pack: HeldPack, index: number, sharedKey: string | undefined, nowMs: number) {
    const { records } = pack;
    const ownKeyBytes = records.keyLength(index);
    this.#pack = pack;
    this.#index = index;
    this.key = sharedKey ?? (ownKeyBytes > 0 ? records.key(index) : randomKey());
    const keyBytes = sharedKey === undefined && ownKeyBytes > 0 ? ownKeyBytes : Buffer.byteLength(this.key);
    this.bytes = records.dataLength(index) + keyBytes;
    const intendedAtMs = records.intendedAtMs(index);
    this.intendedAtMs = intendedAtMs === Number.NEGATIVE_INFINITY ? nowMs : intendedAtMs;
  }

  get data(): Uint8Array {
    return this.#pack.records.data(this.#index);
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

/** Bytes of the key of a record that has none of its own. */
export const RANDOM_KEY_BYTES = 11;

/** Evenly spread over the hash keys, and so over the shards: 52 random bits. */
function randomKey(): string {
  return Math.floor(Math.random() * 2 ** 52)
    .toString(36)
    .padStart(RANDOM_KEY_BYTES, '0');
}
