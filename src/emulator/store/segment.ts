import { copyBytes } from '../../bytes/copy.js';
import { type Bytes, viewOf } from '../protocol/bytes.js';
import type { RecordBatch } from './record-batch.js';

/** Words of each record's slot: where the record starts, bytes of its key, arrival in ms after the segment's first. */
const SLOT_WORDS = 3;
const SLOT_BYTES = SLOT_WORDS * 4;
const UINT32_MAX = 0xffff_ffff;

/**
 * Consecutive records of one shard in one block of memory. Keys and data grow from the front, and one slot per record
 * grows from the back; the segment is full when they meet. Nothing else is stored per record.
 */
export class Segment implements Bytes {
  /** Position of its first record. */
  readonly firstPosition: number;
  readonly capacity: number;
  /** The block of memory, for copying keys and data out of it. */
  readonly bytes: Buffer;
  readonly view: DataView;
  readonly #slots: Uint32Array;
  readonly #firstAtMs: number;
  #count = 0;
  #used = 0;

  /**
   * @param capacity  bytes, a multiple of four
   * @param firstAtMs when its first record arrives, epoch milliseconds
   */
  constructor(capacity: number, firstPosition: number, firstAtMs: number) {
    this.capacity = capacity;
    this.firstPosition = firstPosition;
    this.#firstAtMs = firstAtMs;
    this.bytes = Buffer.allocUnsafeSlow(capacity);
    this.view = viewOf(this.bytes);
    this.#slots = new Uint32Array(this.bytes.buffer);
  }

  /** Capacity for `count` records whose keys and data have this total size; a multiple of four. */
  static bytesFor(recordBytes: number, count = 1): number {
    return Math.ceil(recordBytes / 4) * 4 + count * SLOT_BYTES;
  }

  /** Whether one segment can hold records that arrived at these two times, epoch milliseconds. */
  static spans(firstAtMs: number, lastAtMs: number): boolean {
    return lastAtMs - firstAtMs <= UINT32_MAX;
  }

  /** Position after its last record. */
  get endPosition(): number {
    return this.firstPosition + this.#count;
  }

  get lastAtMs(): number {
    return this.atMs(this.endPosition - 1);
  }

  fits(recordBytes: number, atMs: number): boolean {
    const slotsAt = this.capacity - SLOT_BYTES * (this.#count + 1);
    return this.#used + recordBytes <= slotsAt && Segment.spans(this.#firstAtMs, atMs);
  }

  /** Adds record `i` of a batch. It must fit. */
  append(batch: RecordBatch, i: number, atMs: number): void {
    const keyBytes = batch.keyBytes[i]!;
    const dataBytes = batch.dataBytes[i]!;
    const slot = this.#slots.length - SLOT_WORDS * (this.#count + 1);
    this.#slots[slot] = this.#used;
    this.#slots[slot + 1] = keyBytes;
    this.#slots[slot + 2] = atMs - this.#firstAtMs;
    const keyStart = batch.keyStarts[i]!;
    const dataStart = batch.dataStarts[i]!;
    const keyEnd = copyBytes(batch, keyStart, keyStart + keyBytes, this, this.#used);
    this.#used = copyBytes(batch, dataStart, dataStart + dataBytes, this, keyEnd);
    this.#count++;
  }

  /**
   * Adds records that arrived at the same time. They must fit.
   * @param packed their keys and data, as returned by `packed`
   * @param sizes  for each record the bytes of its key, and of key and data, as 32-bit little-endian numbers
   */
  appendPacked(packed: Uint8Array, sizes: Buffer, atMs: number): void {
    this.bytes.set(packed, this.#used);
    for (let at = 0; at < sizes.length; at += 8) {
      const slot = this.#slots.length - SLOT_WORDS * (this.#count + 1);
      this.#slots[slot] = this.#used;
      this.#slots[slot + 1] = sizes.readUInt32LE(at);
      this.#slots[slot + 2] = atMs - this.#firstAtMs;
      this.#used += sizes.readUInt32LE(at + 4);
      this.#count++;
    }
  }

  /** Removes the records from this position on. */
  truncate(endPosition: number): void {
    this.#used = endPosition < this.endPosition ? this.#slots[this.#slot(endPosition)]! : this.#used;
    this.#count = endPosition - this.firstPosition;
  }

  /**
   * Exchanges the keys and data of two records. Positions and arrival times stay; what is between them moves.
   *
   * @param first the lower position
   */
  exchange(first: number, second: number): void {
    const [a, b] = [this.#slot(first), this.#slot(second)];
    const [from, secondFrom] = [this.#slots[a]!, this.#slots[b]!];
    const end = this.#end(second);
    const firstBytes = this.recordBytes(first);
    const before = Buffer.from(this.bytes.subarray(from, end));
    // The second record, what is between them, and the first.
    let at = from + before.copy(this.bytes, from, secondFrom - from);
    at += before.copy(this.bytes, at, firstBytes, secondFrom - from);
    before.copy(this.bytes, at, 0, firstBytes);
    const moved = end - secondFrom - firstBytes;
    for (let position = first + 1; position <= second; position++) this.#slots[this.#slot(position)]! += moved;
    [this.#slots[a + 1], this.#slots[b + 1]] = [this.#slots[b + 1]!, this.#slots[a + 1]!];
  }

  atMs(position: number): number {
    return this.#firstAtMs + this.#slots[this.#slot(position) + 2]!;
  }

  /** Offset of the record in `bytes`: its key, followed by its data. */
  start(position: number): number {
    return this.#slots[this.#slot(position)]!;
  }

  /** Bytes of key and data. */
  recordBytes(position: number): number {
    return this.#end(position) - this.#slots[this.#slot(position)]!;
  }

  keyBytes(position: number): number {
    return this.#slots[this.#slot(position) + 1]!;
  }

  /** A view of the keys and data of the records in [from, end), without separators. */
  packed(from: number, end: number): Buffer {
    return this.bytes.subarray(this.#slots[this.#slot(from)]!, this.#end(end - 1));
  }

  key(position: number): string {
    const slot = this.#slot(position);
    const start = this.#slots[slot]!;
    return this.bytes.toString('utf8', start, start + this.#slots[slot + 1]!);
  }

  /** A view of the record's data. It stays valid, as segments are never overwritten. */
  data(position: number): Buffer {
    const slot = this.#slot(position);
    return this.bytes.subarray(this.#slots[slot]! + this.#slots[slot + 1]!, this.#end(position));
  }

  #slot(position: number): number {
    return this.#slots.length - SLOT_WORDS * (position - this.firstPosition + 1);
  }

  #end(position: number): number {
    return position + 1 < this.endPosition ? this.#slots[this.#slot(position + 1)]! : this.#used;
  }
}
