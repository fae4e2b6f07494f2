import { ZERO } from '../bytes/ascii.js';
import { KloadError } from '../core/errors.js';
import { BLOCK_RECORDS_MAX, type Progress, RecordBlock, type Source } from '../core/record.js';
import { NOTHING_FOUND } from '../core/report.js';

const ID_DIGITS = 12;
const BLOCK_BYTES_MAX = 1024 * 1024;

export interface GeneratedOptions {
  /** Bytes of each record's data. */
  readonly recordSize: number;
  /** How many partition keys there are, 1 to 1e9. */
  readonly keys: number;
  /** The same seed gives the same records. */
  readonly seed?: number | undefined;
}

/** The smallest record size, in bytes: that of a record with empty padding. */
export function generatedSizeMin(keys: number): number {
  return recordText(keys, 0).length;
}

/** The size of each record in a request, in bytes: data and partition key. */
export function generatedBytes({ recordSize, keys }: GeneratedOptions): number {
  return recordSize + 'key-'.length + keyDigits(keys);
}

/**
 * An endless source of JSON records of exactly `recordSize` bytes:
 *
 *     {"id":"000000000042","key":"key-07","padding":"xxxxxxxx"}
 *
 * `id` counts from 0. `key`, which is also the partition key, is `key-` and a random number below `keys`, with leading
 * zeros so that all keys have the same length. All numbers are equally likely, and depend on the seed. Records have no
 * time.
 *
 * @throws KloadError `usage` if the record size is below `generatedSizeMin(keys)`, or there are no or too many keys
 */
export function generatedSource(options: GeneratedOptions): Source {
  const { recordSize, keys, seed = 1 } = options;
  if (!Number.isInteger(keys) || keys < 1 || keys > 1e9) {
    throw new KloadError('usage', `generated records can have 1 to 1,000,000,000 keys, not ${keys}`);
  }
  const sizeMin = generatedSizeMin(keys);
  if (!Number.isInteger(recordSize) || recordSize < sizeMin) {
    const least = `a generated record with ${keys} keys has at least ${sizeMin} bytes`;
    throw new KloadError('usage', `--record-size is too small: ${least}, not ${recordSize}`);
  }
  return new GeneratedSource(recordSize, keys, seed);
}

class GeneratedSource implements Source {
  readonly #recordSize: number;
  readonly #keys: number;
  readonly #seed: number;
  readonly found = NOTHING_FOUND;
  #done = 0;

  constructor(recordSize: number, keys: number, seed: number) {
    this.#recordSize = recordSize;
    this.#keys = keys;
    this.#seed = seed;
  }

  /** Uses the same bytes for each block, and writes only ids and keys to them. */
  async *blocks(): AsyncGenerator<RecordBlock, void> {
    const recordSize = this.#recordSize;
    const keys = this.#keys;
    const perBlock = Math.max(1, Math.min(BLOCK_RECORDS_MAX, Math.floor(BLOCK_BYTES_MAX / recordSize)));
    const text = recordText(keys, recordSize - generatedSizeMin(keys));
    const bytes = Buffer.alloc(perBlock * recordSize, text);
    const idAt = text.indexOf(':"') + 2;
    const keyAt = text.indexOf('"key-') + 1;
    const digitsAt = keyAt + 'key-'.length;
    const digits = keyDigits(keys);
    const random = xorshift32(this.#seed);
    const block = new RecordBlock();
    for (let id = 0; ; ) {
      block.reset('generated records', bytes);
      for (let start = 0; start < bytes.length; start += recordSize) {
        writeDigits(bytes, start + idAt, ID_DIGITS, id++);
        // The upper 32 bits of the product are a number below `keys`, each equally likely.
        writeDigits(bytes, start + digitsAt, digits, Math.floor((random() * keys) / 2 ** 32));
        block.add(start, start + recordSize, Number.NaN, id);
        block.setKey(start + keyAt, start + digitsAt + digits);
      }
      this.#done = id;
      yield block;
    }
  }

  progress(): Progress {
    return { done: this.#done, total: undefined };
  }
}

function keyDigits(keys: number): number {
  return String(keys - 1).length;
}

function recordText(keys: number, padding: number): string {
  const key = `key-${'0'.repeat(keyDigits(keys))}`;
  return JSON.stringify({ id: '0'.repeat(ID_DIGITS), key, padding: 'x'.repeat(padding) });
}

function writeDigits(bytes: Uint8Array, at: number, digits: number, value: number): void {
  let rest = value;
  for (let digit = at + digits - 1; digit >= at; digit--) {
    const tenth = Math.floor(rest / 10);
    bytes[digit] = ZERO + rest - tenth * 10;
    rest = tenth;
  }
}

/** Pseudo-random whole numbers from 1 to 2^32 - 1 (G. Marsaglia). The same seed gives the same numbers. */
function xorshift32(seed: number): () => number {
  // A state of zero would stay zero. The multiplication spreads small seeds, which would begin alike.
  let state = Math.imul(seed + 1, 0x9e3779b1) | 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}
