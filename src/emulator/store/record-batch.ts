import { type Bytes, viewOf } from '../protocol/bytes.js';
import { HASH_KEY_WORDS, parseHashKey } from './hash-key.js';
import { md5Words } from './md5.js';

/** The most records that a batch can hold, and a request may have. */
export const BATCH_RECORDS_MAX = 500;

const BYTES_MIN = 64 * 1024;
/** A batch that had to grow beyond this is not kept for later requests. */
const KEPT_BYTES_MAX = 2 * 1024 * 1024;
/** The most batches that are kept. Few are in use at once, since a request holds one only while it is handled. */
const KEPT_BATCHES_MAX = 4;

/** Batches that later requests can use. */
const kept: RecordBatch[] = [];

/**
 * The records of one request: keys and data in one block of memory, everything else in arrays of numbers. Every way of
 * parsing a request fills one, and the store reads records only from it. It is fast since no record needs an object.
 */
export class RecordBatch implements Bytes {
  count = 0;
  /** Holds the records' keys and data. `reserve` may replace it; `over` borrows it. */
  bytes: Buffer = Buffer.allocUnsafeSlow(BYTES_MIN);
  view = viewOf(this.bytes);
  /** The batch's own memory while it borrows `bytes`. */
  #own: Bytes | undefined;
  /** Bytes used of `bytes`. */
  used = 0;
  readonly keyStarts = new Uint32Array(BATCH_RECORDS_MAX);
  readonly keyBytes = new Uint32Array(BATCH_RECORDS_MAX);
  readonly dataStarts = new Uint32Array(BATCH_RECORDS_MAX);
  readonly dataBytes = new Uint32Array(BATCH_RECORDS_MAX);
  /** Decimal digits; undefined if the hash key comes from the partition key. */
  readonly explicitHashKeys: (string | undefined)[] = [];
  /** Four words per record, set by `hash`. */
  readonly hashKeys = new Uint32Array(HASH_KEY_WORDS * BATCH_RECORDS_MAX);

  /** An empty batch. */
  static take(): RecordBatch {
    const batch = kept.pop() ?? new RecordBatch();
    batch.count = 0;
    batch.used = 0;
    return batch;
  }

  /** An empty batch for records inside these bytes, which must not change until the batch is released. */
  static over({ bytes, view }: Bytes): RecordBatch {
    const batch = RecordBatch.take();
    batch.#own = { bytes: batch.bytes, view: batch.view };
    batch.bytes = bytes;
    batch.view = view;
    return batch;
  }

  /** Returns the batch for reuse. The caller must not use it afterwards. */
  release(): void {
    if (this.#own !== undefined) {
      this.bytes = this.#own.bytes;
      this.view = this.#own.view;
      this.#own = undefined;
    }
    if (kept.length < KEPT_BATCHES_MAX && this.bytes.length <= KEPT_BYTES_MAX) kept.push(this);
  }

  /** Makes room for this many bytes beyond those used, plus one. */
  reserve(bytes: number): void {
    const needed = this.used + bytes + 1;
    if (needed <= this.bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.bytes.length));
    this.bytes.copy(grown, 0, 0, this.used);
    this.bytes = grown;
    this.view = viewOf(grown);
  }

  add(key: string, data: Uint8Array, explicitHashKey: string | undefined): void {
    const i = this.count++;
    this.reserve(3 * key.length + data.length);
    const keyBytes = this.bytes.write(key, this.used, 'utf8');
    this.keyStarts[i] = this.used;
    this.keyBytes[i] = keyBytes;
    this.dataStarts[i] = this.used + keyBytes;
    this.dataBytes[i] = data.length;
    this.bytes.set(data, this.used + keyBytes);
    this.used += keyBytes + data.length;
    this.explicitHashKeys[i] = explicitHashKey;
  }

  /** Bytes of key and data. */
  recordBytes(i: number): number {
    return this.keyBytes[i]! + this.dataBytes[i]!;
  }

  /** Sets the record's hash key; returns false if its ExplicitHashKey is above 2^128 - 1. */
  hash(i: number): boolean {
    const at = HASH_KEY_WORDS * i;
    const explicit = this.explicitHashKeys[i];
    if (explicit === undefined) {
      const start = this.keyStarts[i]!;
      md5Words(this, start, start + this.keyBytes[i]!, this.hashKeys, at);
      return true;
    }
    const words = parseHashKey(explicit);
    if (words !== undefined) this.hashKeys.set(words, at);
    return words !== undefined;
  }
}
