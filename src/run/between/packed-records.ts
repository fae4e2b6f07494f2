import type { OutgoingRecord } from '../../target/target.js';

/** Records in one pack at most. */
export const PACK_RECORDS_MAX = 2048;
/** Bytes of records in one pack, unless a single record is larger. */
export const PACK_BYTES = 256 * 1024;

/** What a record has of doubles: its times, and its ordinal where records are numbered. */
const TIMES = 2;
/** And of integers: the ranges of data, key and attributes, side by side. */
const RANGES = 6;
const DATA_START = 0;
const DATA_END = 1;
const KEY_START = 2;
const KEY_END = 3;
const ATTRIBUTES_START = 4;
/** 0 for none. */
const ATTRIBUTES_END = 5;
/** In place of the ordinal of a record that is settled. */
const SETTLED = -1;
/**
 * Bytes between two ranges that are copied along with them: a native copy costs as much as some hundred bytes of it, so
 * that the records of a file that all go to one worker cross in one copy a pack (15 ns each, against 150).
 */
const GAP_BYTES_MAX = 128;

/** Where a record of a pack lies. */
export type RecordRanges = {
  -readonly [Field in Exclude<keyof OutgoingRecord, 'recordedAtMs'>]: OutgoingRecord[Field];
};

/**
 * Many records in one ArrayBuffer, so that they cross to a worker as one transfer: the intended times of all, the recorded
 * times, the ordinals where there are any, record by record the ranges of data, key and attributes, then the bytes that these
 * point into. What the input holds stands at the front of the bytes, as it lay there; keys that were made for records, and
 * what goes beside key and data (RecordBlock), stand at the end.
 */
export class PackedRecords {
  readonly buffer: ArrayBuffer;
  readonly capacity: number;
  count: number;
  /** Whether any record has something beside key and data: until one has, these ranges mean nothing, and nobody pays for them. */
  hasAttributes: boolean;
  /** Whether the records have their ordinals with them. */
  readonly numbered: boolean;
  /** What the ranges point into. */
  readonly bytes: Buffer;
  /** Each kind in a row: intended times, recorded times, ordinals. */
  readonly #doubles: Float64Array;
  readonly #ranges: Int32Array;

  /** Bytes taken at the front, those that are still to be copied included. */
  #used = 0;
  /** Where the keys at the end begin. */
  #keysFrom: number;
  /** A range of a buffer that is still to be copied, and where to. */
  #source: Buffer | undefined;
  #sourceStart = 0;
  #sourceEnd = 0;
  #copyTo = 0;

  /** Reads or fills a buffer that `allocate` made for the same capacity. */
  constructor(buffer: ArrayBuffer, capacity: number, count: number, hasAttributes: boolean, numbered: boolean) {
    this.buffer = buffer;
    this.capacity = capacity;
    this.count = count;
    this.hasAttributes = hasAttributes;
    this.numbered = numbered;
    const doubles = capacity * doublesOf(numbered);
    this.#doubles = new Float64Array(buffer, 0, doubles);
    this.#ranges = new Int32Array(buffer, doubles * 8, capacity * RANGES);
    this.bytes = Buffer.from(buffer, capacity * headerBytes(numbered));
    this.#keysFrom = this.bytes.length;
  }

  static allocate(capacity: number, bytes: number, numbered = false): PackedRecords {
    const buffer = new ArrayBuffer(capacity * headerBytes(numbered) + bytes);
    return new PackedRecords(buffer, capacity, 0, false, numbered);
  }

  /** Empties it, to be filled anew. */
  clear(): void {
    this.count = 0;
    this.hasAttributes = false;
    this.#used = 0;
    this.#keysFrom = this.bytes.length;
    this.#source = undefined;
  }

  get bytesUsed(): number {
    return this.#used + this.bytes.length - this.#keysFrom;
  }

  /** @param bytes of data and keys */
  hasRoomFor(bytes: number): boolean {
    return this.count < this.capacity && this.bytesUsed + bytes <= this.bytes.length;
  }

  /** Adds a record whose data and key both lie in `from`; they are copied by `copyPending` at the latest. */
  add(
    from: Buffer,
    dataStart: number,
    dataEnd: number,
    keyStart: number,
    keyEnd: number,
    intendedAtMs: number,
    recordedAtMs: number,
  ): void {
    const ranges = this.#ranges;
    const at = this.count * RANGES;
    let dataAt: number;
    let keyAt: number;
    if (keyStart < dataStart) {
      keyAt = this.#copyLater(from, keyStart, keyEnd, dataEnd - dataStart);
      dataAt = this.#copyLater(from, dataStart, dataEnd, 0);
    } else {
      dataAt = this.#copyLater(from, dataStart, dataEnd, keyEnd - keyStart);
      keyAt = this.#copyLater(from, keyStart, keyEnd, 0);
    }
    ranges[at + DATA_START] = dataAt;
    ranges[at + DATA_END] = dataAt + dataEnd - dataStart;
    ranges[at + KEY_START] = keyAt;
    ranges[at + KEY_END] = keyAt + keyEnd - keyStart;
    this.#addTimes(intendedAtMs, recordedAtMs);
  }

  /** Adds a record whose data lie in `from`, with a key that was made for it. */
  addKeyed(
    from: Buffer,
    dataStart: number,
    dataEnd: number,
    key: Uint8Array,
    intendedAtMs: number,
    recordedAtMs: number,
  ): void {
    const ranges = this.#ranges;
    const at = this.count * RANGES;
    const dataAt = this.#copyLater(from, dataStart, dataEnd, key.length);
    ranges[at + DATA_START] = dataAt;
    ranges[at + DATA_END] = dataAt + dataEnd - dataStart;
    ranges[at + KEY_END] = this.#keysFrom;
    this.#keysFrom -= key.length;
    ranges[at + KEY_START] = this.#keysFrom;
    for (let i = 0; i < key.length; i++) this.bytes[this.#keysFrom + i] = key[i]!;
    this.#addTimes(intendedAtMs, recordedAtMs);
  }

  /** Gives the record that is added next its attributes. Before it, so that there is room: its bytes are copied at once. */
  setAttributes(from: Uint8Array, start: number, end: number): void {
    if (!this.hasAttributes) this.#clearAttributes();
    this.hasAttributes = true;
    const at = this.count * RANGES;
    this.#ranges[at + ATTRIBUTES_END] = this.#keysFrom;
    this.#keysFrom -= end - start;
    if (this.#keysFrom < this.#used) throw new Error('a pack has no room for an extra');
    this.#ranges[at + ATTRIBUTES_START] = this.#keysFrom;
    for (let i = start; i < end; i++) this.bytes[this.#keysFrom + i - start] = from[i]!;
  }

  /** Gives the record that is added next its ordinal, in a pack that is numbered. */
  setOrdinal(ordinal: number): void {
    this.#doubles[TIMES * this.capacity + this.count] = ordinal;
  }

  /** The record needs nothing more: it is not listed from here on. */
  settle(index: number): void {
    if (this.numbered) this.#doubles[TIMES * this.capacity + index] = SETTLED;
  }

  /** Adds the ordinals of the records that are not settled to a list, and gives the number of those in it then. */
  listUnsettled(into: Float64Array, count: number): number {
    const first = TIMES * this.capacity;
    for (let at = 0; at < (this.numbered ? this.count : 0); at++) {
      const ordinal = this.#doubles[first + at]!;
      if (ordinal !== SETTLED) into[count++] = ordinal;
    }
    return count;
  }

  /** Copies what is left to be copied: before the buffer that it lies in changes, and before the pack goes away. */
  copyPending(): void {
    this.#source?.copy(this.bytes, this.#copyTo, this.#sourceStart, this.#sourceEnd);
    this.#source = undefined;
  }

  /** Copies the records to an empty pack that has room for them. */
  copyInto(other: PackedRecords): void {
    this.copyPending();
    const { count } = this;
    for (let kind = 0; kind < doublesOf(this.numbered); kind++) {
      const from = kind * this.capacity;
      other.#doubles.set(this.#doubles.subarray(from, from + count), kind * other.capacity);
    }
    other.#ranges.set(this.#ranges.subarray(0, count * RANGES));
    if (this.hasAttributes) other.#clearAttributes(count);
    other.hasAttributes = this.hasAttributes;
    // What stands at the end of the bytes stands at the end there, too.
    const saved = this.bytes.length - other.bytes.length;
    for (let at = 0; at < count * RANGES; at += RANGES) {
      if (other.#ranges[at + KEY_START]! >= this.#keysFrom) other.#move(at + KEY_START, saved);
      if (this.hasAttributes && other.#ranges[at + ATTRIBUTES_END] !== 0) other.#move(at + ATTRIBUTES_START, saved);
    }
    other.#used = this.#used;
    other.#keysFrom = this.#keysFrom - saved;
    other.bytes.set(this.bytes.subarray(0, this.#used));
    other.bytes.set(this.bytes.subarray(this.#keysFrom), other.#keysFrom);
    other.count = count;
  }

  intendedAtMs(index: number): number {
    return this.#doubles[index]!;
  }

  setIntendedAtMs(index: number, intendedAtMs: number): void {
    this.#doubles[index] = intendedAtMs;
  }

  /** Makes all records due later. */
  delay(ms: number): void {
    for (let at = 0; at < this.count; at++) this.#doubles[at]! += ms;
  }

  recordedAtMs(index: number): number {
    return this.#doubles[this.capacity + index]!;
  }

  /** Says of a record where it lies. */
  locate(index: number, record: RecordRanges): void {
    const ranges = this.#ranges;
    const at = index * RANGES;
    record.source = this.bytes;
    record.dataStart = ranges[at + DATA_START]!;
    record.dataEnd = ranges[at + DATA_END]!;
    record.keyStart = ranges[at + KEY_START]!;
    record.keyEnd = ranges[at + KEY_END]!;
    record.attributesStart = this.hasAttributes ? ranges[at + ATTRIBUTES_START]! : 0;
    record.attributesEnd = this.hasAttributes ? ranges[at + ATTRIBUTES_END]! : 0;
  }

  #addTimes(intendedAtMs: number, recordedAtMs: number): void {
    this.#doubles[this.count] = intendedAtMs;
    this.#doubles[this.capacity + this.count] = recordedAtMs;
    this.count++;
  }

  /** The records from this one on have no attributes. */
  #clearAttributes(from = 0): void {
    for (let at = from; at < this.capacity; at++) this.#ranges[at * RANGES + ATTRIBUTES_END] = 0;
  }

  /** Moves a range, whose start is here, down in the bytes. */
  #move(start: number, by: number): void {
    this.#ranges[start]! -= by;
    this.#ranges[start + 1]! -= by;
  }

  /**
   * Where a range of a buffer will stand in the bytes. Ranges that follow each other are copied at once, with what lies
   * between them, as long as that leaves room for the `reserved` bytes that are to come.
   */
  #copyLater(from: Buffer, start: number, end: number, reserved: number): number {
    if (from === this.#source && start >= this.#sourceStart && start <= this.#sourceEnd + GAP_BYTES_MAX) {
      const more = end - this.#sourceEnd;
      if (more <= 0) return this.#copyTo + start - this.#sourceStart;
      if (this.#used + more + reserved <= this.#keysFrom) {
        this.#used += more;
        this.#sourceEnd = end;
        return this.#copyTo + start - this.#sourceStart;
      }
    }
    if (this.#used + end - start + reserved > this.#keysFrom) throw new Error('a pack has no room for a record');
    this.copyPending();
    this.#source = from;
    this.#sourceStart = start;
    this.#sourceEnd = end;
    this.#copyTo = this.#used;
    this.#used += end - start;
    return this.#copyTo;
  }
}

function doublesOf(numbered: boolean): number {
  return numbered ? TIMES + 1 : TIMES;
}

function headerBytes(numbered: boolean): number {
  return doublesOf(numbered) * 8 + RANGES * 4;
}
