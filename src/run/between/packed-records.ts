import type { OutgoingRecord } from '../../target/target.js';

/** The most records in one pack. */
export const PACK_RECORDS_MAX = 2048;
/** The most bytes of records in one pack, unless it holds a single larger record. */
export const PACK_BYTES = 256 * 1024;

/** Doubles of a record: its intended and its recorded time. A numbered record has one more, its ordinal. */
const TIMES = 2;
/** Integers of a record: start and end of its data, key and attributes, in this order. */
const RANGES = 6;
const DATA_START = 0;
const DATA_END = 1;
const KEY_START = 2;
const KEY_END = 3;
const ATTRIBUTES_START = 4;
/** 0 for a record without attributes. */
const ATTRIBUTES_END = 5;
/** Replaces the ordinal of a settled record. */
const SETTLED = -1;
/**
 * Two ranges with at most this many bytes between them are copied in one go, together with these bytes. Each native
 * copy costs as much as copying some hundred bytes. If all records of a file go to one worker, one copy fills a pack,
 * at 15 ns a record instead of 150.
 */
const GAP_BYTES_MAX = 128;
/** The room that a worker adds to a pack whose records are larger than expected. */
const MORE_ROOM_BYTES = 64 * 1024;

/** The ranges of a record in its pack. */
export type RecordRanges = {
  -readonly [Field in Exclude<keyof OutgoingRecord, 'recordedAtMs'>]: OutgoingRecord[Field];
};

/**
 * Many records in one ArrayBuffer, which is transferred to a worker without a copy. Its layout:
 *
 *     intended times | recorded times | ordinals, if numbered | ranges of data, key and attributes, by record | bytes
 *
 * The ranges point into the bytes. Bytes copied from the input fill them from the front; keys from elsewhere and
 * attributes (RecordBlock) fill them from the end.
 */
export class PackedRecords {
  readonly buffer: ArrayBuffer;
  readonly capacity: number;
  count: number;
  /** Whether any record has attributes. If not, the ranges of the attributes are not cleared, and must not be read. */
  hasAttributes: boolean;
  /** Whether the pack holds the ordinals of its records. */
  readonly numbered: boolean;
  /** The ranges point into this. */
  readonly bytes: Buffer;
  /** All intended times, then all recorded times, then all ordinals. */
  readonly #doubles: Float64Array;
  readonly #ranges: Int32Array;

  /** Bytes used at the front, including those that are not copied yet. */
  #used = 0;
  /** The start of the bytes used at the end. */
  #keysFrom: number;
  /** The range of a buffer that is not copied yet, and where in `bytes` it will be copied to. */
  #source: Buffer | undefined;
  #sourceStart = 0;
  #sourceEnd = 0;
  #copyTo = 0;
  /** Whether the records are made by the worker. Their bytes are then reserved, and not written yet. */
  #made = false;
  /** For the worker that makes the records: the buffer that gets the next one, and how much of it is used. */
  #room: Buffer;
  roomUsed = 0;

  /** Wraps a buffer that `allocate` made, with the same capacity. */
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
    this.#room = this.bytes;
  }

  static allocate(capacity: number, bytes: number, numbered = false): PackedRecords {
    const buffer = new ArrayBuffer(capacity * headerBytes(numbered) + bytes);
    return new PackedRecords(buffer, capacity, 0, false, numbered);
  }

  /** Empties the pack, so that it can be filled again. */
  clear(): void {
    this.count = 0;
    this.hasAttributes = false;
    this.#used = 0;
    this.#keysFrom = this.bytes.length;
    this.#source = undefined;
    this.#made = false;
  }

  get bytesUsed(): number {
    return this.#used + this.bytes.length - this.#keysFrom;
  }

  /** Whether another record fits. @param bytes of its data, key and attributes */
  hasRoomFor(bytes: number): boolean {
    return this.count < this.capacity && this.bytesUsed + bytes <= this.bytes.length;
  }

  /** How many records of `bytes` fit. */
  roomForRecords(bytes: number): number {
    return Math.min(this.capacity - this.count, Math.floor((this.bytes.length - this.bytesUsed) / bytes));
  }

  /** Adds a record whose data and key are ranges of `from`. They are copied when `copyPending` is called, or before. */
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

  /**
   * Adds a record that the worker makes from its ordinal. Only for a numbered pack.
   *
   * @param bytes reserved for it
   */
  addMade(ordinal: number, intendedAtMs: number, bytes: number): void {
    this.setOrdinal(ordinal);
    this.#used += bytes;
    this.#made = true;
    this.#addTimes(intendedAtMs, Number.NaN);
  }

  /**
   * For the worker that makes the records: a buffer that has room for `bytes` from `roomUsed` on. That is the pack's
   * own one, unless its records turn out to need more than the main thread has reserved.
   */
  roomFor(bytes: number): Buffer {
    if (this.roomUsed + bytes > this.#room.length) {
      this.#room = Buffer.allocUnsafeSlow(Math.max(bytes, MORE_ROOM_BYTES));
      this.roomUsed = 0;
    }
    return this.#room;
  }

  /** Adds a record whose data are a range of `from`, with a key from elsewhere. */
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

  /** Sets the attributes of the record that is added next. Their bytes are copied at once. */
  setAttributes(from: Uint8Array, start: number, end: number): void {
    if (!this.hasAttributes) this.#clearAttributes();
    this.hasAttributes = true;
    const at = this.count * RANGES;
    this.#ranges[at + ATTRIBUTES_END] = this.#keysFrom;
    this.#keysFrom -= end - start;
    if (this.#keysFrom < this.#used) throw new Error('a pack has no room for attributes');
    this.#ranges[at + ATTRIBUTES_START] = this.#keysFrom;
    for (let i = start; i < end; i++) this.bytes[this.#keysFrom + i - start] = from[i]!;
  }

  /** Sets the ordinal of the record that is added next. Only for a numbered pack. */
  setOrdinal(ordinal: number): void {
    this.#doubles[TIMES * this.capacity + this.count] = ordinal;
  }

  /** A record was sent or given up: `listUnsettled` leaves it out from now on. */
  settle(index: number): void {
    if (this.numbered) this.#doubles[TIMES * this.capacity + index] = SETTLED;
  }

  /** Appends the ordinals of unsettled records to a list that holds `count`. Returns how many it holds then. */
  listUnsettled(into: Float64Array, count: number): number {
    const first = TIMES * this.capacity;
    for (let at = 0; at < (this.numbered ? this.count : 0); at++) {
      const ordinal = this.#doubles[first + at]!;
      if (ordinal !== SETTLED) into[count++] = ordinal;
    }
    return count;
  }

  /**
   * Copies the bytes that are not copied yet. Call this before their buffer changes, and before the pack is dispatched.
   */
  copyPending(): void {
    this.#source?.copy(this.bytes, this.#copyTo, this.#sourceStart, this.#sourceEnd);
    this.#source = undefined;
  }

  /** Copies all records to an empty pack with room for them. */
  copyInto(other: PackedRecords): void {
    this.copyPending();
    const { count } = this;
    for (let kind = 0; kind < doublesOf(this.numbered); kind++) {
      const from = kind * this.capacity;
      other.#doubles.set(this.#doubles.subarray(from, from + count), kind * other.capacity);
    }
    if (this.#made) {
      other.#made = true;
      other.#used = this.#used;
      other.count = count;
      return;
    }
    other.#ranges.set(this.#ranges.subarray(0, count * RANGES));
    if (this.hasAttributes) other.#clearAttributes(count);
    other.hasAttributes = this.hasAttributes;
    // Bytes at the end stay at the end of the smaller pack, so their ranges move.
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

  ordinal(index: number): number {
    return this.#doubles[TIMES * this.capacity + index]!;
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

  /** Writes the ranges of a record into `record`. */
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

  /** Marks all records from this one on as having no attributes. */
  #clearAttributes(from = 0): void {
    for (let at = from; at < this.capacity; at++) this.#ranges[at * RANGES + ATTRIBUTES_END] = 0;
  }

  /** Moves a range towards the front. @param start the index of its start in #ranges */
  #move(start: number, by: number): void {
    this.#ranges[start]! -= by;
    this.#ranges[start + 1]! -= by;
  }

  /**
   * Reserves bytes for a range of a buffer, to be copied by `copyPending`. Returns where the range will start. A range
   * that follows the pending one closely is joined to it, if that leaves room for another `reserved` bytes.
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
