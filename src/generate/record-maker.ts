import { ZERO } from '../bytes/ascii.js';
import { KEY_PREFIX, Keys, keyBytes } from './keys.js';

/** What generated records are made from. Plain data, because each worker gets a copy. */
export interface MadeRecords {
  /** Bytes of each record's data. */
  readonly recordSize: number;
  /** How many partition keys there are, 1 to 1e9. */
  readonly keys: number;
  /** Record i is a function of the seed and i. */
  readonly seed: number;
  /** The partition key of all records, in place of their own. */
  readonly partitionKey?: string | undefined;
  /** Explicit hash keys, in decimal digits, that the records get in turn. */
  readonly hashKeys?: readonly Uint8Array[] | undefined;
}

/** Where a record lies: ranges of one buffer. */
export interface MadeRanges {
  source: Buffer;
  dataStart: number;
  dataEnd: number;
  keyStart: number;
  keyEnd: number;
  attributesStart: number;
  attributesEnd: number;
}

const ID_DIGITS = 12;
const MILLION = 1_000_000;

/** The smallest record size, in bytes: that of a record with empty padding. */
export function generatedSizeMin(keys: number): number {
  return recordText(keys, 0).length;
}

/**
 * Makes JSON records of exactly `recordSize` bytes:
 *
 *     {"id":"000000000042","key":"key-07","padding":"xxxxxxxx"}
 *
 * `id` counts from 0. `key`, which is also the partition key, is random: all keys are equally likely.
 */
export class RecordMaker {
  readonly #keys: Keys;
  readonly #record: Buffer;
  readonly #idAt: number;
  /** The upper digits of the last id. */
  #millions = 0;
  readonly #keyAt: number;
  readonly #keyBytes: number;
  readonly #sharedKey: Buffer | undefined;
  readonly #hashKeys: readonly Uint8Array[] | undefined;

  constructor(made: MadeRecords) {
    const { recordSize, keys, partitionKey, hashKeys } = made;
    const text = recordText(keys, recordSize - generatedSizeMin(keys));
    this.#keys = new Keys(made);
    this.#record = Buffer.from(text);
    this.#idAt = text.indexOf(':"') + 2;
    this.#keyAt = text.indexOf(`"${KEY_PREFIX}`) + 1;
    this.#keyBytes = keyBytes(keys);
    this.#sharedKey = partitionKey === undefined ? undefined : Buffer.from(partitionKey);
    this.#hashKeys = hashKeys;
  }

  /** The number of the record's key. */
  keyOf(ordinal: number): number {
    return this.#keys.of(ordinal);
  }

  /** The most bytes that count toward the target's limit for a record: its data and its partition key. */
  get recordBytesMax(): number {
    return this.#record.length + (this.#sharedKey?.length ?? this.#keyBytes);
  }

  /** The most bytes that the record takes: its data, its key if that is not in the data, and its hash key. */
  bytesMax(ordinal: number): number {
    const hashKeys = this.#hashKeys;
    const hashKeyBytes = hashKeys === undefined ? 0 : hashKeys[ordinal % hashKeys.length]!.length;
    return this.#record.length + (this.#sharedKey?.length ?? 0) + hashKeyBytes;
  }

  /** Writes a record to `into`, from `start` on, and its ranges to `ranges`. Returns where it ends. */
  make(ordinal: number, into: Buffer, start: number, ranges: MadeRanges): number {
    const record = this.#record;
    // Digits that change are written into the record that was made last: one native copy then does the rest.
    const millions = Math.floor(ordinal / MILLION);
    if (millions !== this.#millions) writeDigits(record, this.#idAt, ID_DIGITS - 6, millions);
    this.#millions = millions;
    writeDigits(record, this.#idAt + ID_DIGITS - 6, 6, ordinal - millions * MILLION);
    writeDigits(record, this.#keyAt + KEY_PREFIX.length, this.#keys.digits, this.#keys.of(ordinal));
    into.set(record, start);
    const keyAt = start + this.#keyAt;
    ranges.source = into;
    ranges.dataStart = start;
    ranges.dataEnd = start + record.length;
    ranges.keyStart = keyAt;
    ranges.keyEnd = keyAt + this.#keyBytes;
    return this.#addKeys(ordinal, into, ranges.dataEnd, ranges);
  }

  /** Adds the key and the hash key that the user asked for. */
  #addKeys(ordinal: number, into: Buffer, start: number, ranges: MadeRanges): number {
    let at = start;
    if (this.#sharedKey !== undefined) {
      into.set(this.#sharedKey, at);
      ranges.keyStart = at;
      at += this.#sharedKey.length;
      ranges.keyEnd = at;
    }
    ranges.attributesStart = 0;
    ranges.attributesEnd = 0;
    if (this.#hashKeys !== undefined) {
      const digits = this.#hashKeys[ordinal % this.#hashKeys.length]!;
      into.set(digits, at);
      ranges.attributesStart = at;
      at += digits.length;
      ranges.attributesEnd = at;
    }
    return at;
  }
}

function recordText(keys: number, padding: number): string {
  const key = '0'.repeat(keyBytes(keys) - KEY_PREFIX.length);
  return JSON.stringify({ id: '0'.repeat(ID_DIGITS), key: KEY_PREFIX + key, padding: 'x'.repeat(padding) });
}

/** @param value less than 2^31: V8 then divides integers, which is three times as fast */
function writeDigits(bytes: Uint8Array, at: number, digits: number, value: number): void {
  let rest = value | 0;
  for (let digit = at + digits - 1; digit >= at; digit--) {
    const tenth = (rest / 10) | 0;
    bytes[digit] = ZERO + rest - tenth * 10;
    rest = tenth;
  }
}
