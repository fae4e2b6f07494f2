/** Records in one pack at most. */
export const PACK_RECORDS_MAX = 2048;
/** Bytes of records in one pack, unless a single record is larger. */
export const PACK_BYTES = 256 * 1024;

/** Two doubles and six integers. */
const HEADER_BYTES_PER_RECORD = 8 + 8 + 6 * 4;
/** A double more where records are numbered. */
const NUMBER_BYTES = 8;
/** In place of the ordinal of a record that is settled. */
const SETTLED = -1;
/**
 * Bytes between two ranges that are copied along with them: a native copy costs as much as some hundred bytes of it, so
 * that the records of a file that all go to one worker cross in one copy a pack (15 ns each, against 150).
 */
const GAP_BYTES_MAX = 128;

/**
 * Many records in one ArrayBuffer, so that they cross to a worker as one transfer: intended times, recorded times, the
 * ranges of data and keys, then the bytes that these point into. What the input holds stands at the front of the bytes,
 * as it lay there; keys that were made for records, and what goes beside key and data (RecordBlock), stand at the end.
 */
export class PackedRecords {
  readonly buffer: ArrayBuffer;
  readonly capacity: number;
  count: number;
  /** Whether any record has something beside key and data: until one has, these ranges mean nothing, and nobody pays for them. */
  hasExtras: boolean;
  /** Whether the records have their ordinals with them. */
  readonly numbered: boolean;
  /** What the ranges point into. */
  readonly bytes: Buffer;
  readonly #intendedAtMs: Float64Array;
  readonly #recordedAtMs: Float64Array;
  readonly #dataStart: Int32Array;
  readonly #dataEnd: Int32Array;
  readonly #keyStart: Int32Array;
  readonly #keyEnd: Int32Array;
  readonly #extraStart: Int32Array;
  /** 0 for none. */
  readonly #extraEnd: Int32Array;
  /** Empty unless numbered. */
  readonly #ordinals: Float64Array;

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
  constructor(buffer: ArrayBuffer, capacity: number, count: number, hasExtras: boolean, numbered: boolean) {
    this.buffer = buffer;
    this.capacity = capacity;
    this.count = count;
    this.hasExtras = hasExtras;
    this.numbered = numbered;
    this.#intendedAtMs = new Float64Array(buffer, 0, capacity);
    this.#recordedAtMs = new Float64Array(buffer, capacity * 8, capacity);
    this.#dataStart = new Int32Array(buffer, capacity * 16, capacity);
    this.#dataEnd = new Int32Array(buffer, capacity * 20, capacity);
    this.#keyStart = new Int32Array(buffer, capacity * 24, capacity);
    this.#keyEnd = new Int32Array(buffer, capacity * 28, capacity);
    this.#extraStart = new Int32Array(buffer, capacity * 32, capacity);
    this.#extraEnd = new Int32Array(buffer, capacity * 36, capacity);
    this.#ordinals = new Float64Array(buffer, capacity * HEADER_BYTES_PER_RECORD, numbered ? capacity : 0);
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
    this.hasExtras = false;
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
    const at = this.count;
    if (keyStart < dataStart) {
      this.#keyStart[at] = this.#place(from, keyStart, keyEnd, dataEnd - dataStart);
      this.#dataStart[at] = this.#place(from, dataStart, dataEnd, 0);
    } else {
      this.#dataStart[at] = this.#place(from, dataStart, dataEnd, keyEnd - keyStart);
      this.#keyStart[at] = this.#place(from, keyStart, keyEnd, 0);
    }
    this.#dataEnd[at] = this.#dataStart[at]! + dataEnd - dataStart;
    this.#keyEnd[at] = this.#keyStart[at]! + keyEnd - keyStart;
    this.#intendedAtMs[at] = intendedAtMs;
    this.#recordedAtMs[at] = recordedAtMs;
    this.count = at + 1;
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
    const at = this.count;
    const start = this.#place(from, dataStart, dataEnd, key.length);
    this.#dataStart[at] = start;
    this.#dataEnd[at] = start + dataEnd - dataStart;
    this.#keyEnd[at] = this.#keysFrom;
    this.#keysFrom -= key.length;
    this.#keyStart[at] = this.#keysFrom;
    for (let i = 0; i < key.length; i++) this.bytes[this.#keysFrom + i] = key[i]!;
    this.#intendedAtMs[at] = intendedAtMs;
    this.#recordedAtMs[at] = recordedAtMs;
    this.count = at + 1;
  }

  /** Gives the record that is added next its extra. Before it, so that there is room: its bytes are copied at once. */
  setExtra(from: Uint8Array, start: number, end: number): void {
    if (!this.hasExtras) this.#extraEnd.fill(0);
    this.hasExtras = true;
    const at = this.count;
    this.#extraEnd[at] = this.#keysFrom;
    this.#keysFrom -= end - start;
    if (this.#keysFrom < this.#used) throw new Error('a pack has no room for an extra');
    this.#extraStart[at] = this.#keysFrom;
    for (let i = start; i < end; i++) this.bytes[this.#keysFrom + i - start] = from[i]!;
  }

  /** Gives the record that is added next its ordinal, in a pack that is numbered. */
  setOrdinal(ordinal: number): void {
    this.#ordinals[this.count] = ordinal;
  }

  /** The record needs nothing more: it is not listed from here on. */
  settle(index: number): void {
    if (this.numbered) this.#ordinals[index] = SETTLED;
  }

  /** Adds the ordinals of the records that are not settled to a list, and gives the number of those in it then. */
  listUnsettled(into: Float64Array, count: number): number {
    for (let at = 0; at < (this.numbered ? this.count : 0); at++) {
      const ordinal = this.#ordinals[at]!;
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
    other.#intendedAtMs.set(this.#intendedAtMs.subarray(0, count));
    other.#recordedAtMs.set(this.#recordedAtMs.subarray(0, count));
    other.#ordinals.set(this.#ordinals.subarray(0, count));
    other.#dataStart.set(this.#dataStart.subarray(0, count));
    other.#dataEnd.set(this.#dataEnd.subarray(0, count));
    other.hasExtras = this.hasExtras;
    if (this.hasExtras) other.#extraEnd.fill(0);
    // What stands at the end of the bytes stands at the end there, too.
    const saved = this.bytes.length - other.bytes.length;
    for (let at = 0; at < count; at++) {
      const moved = this.#keyStart[at]! >= this.#keysFrom ? saved : 0;
      other.#keyStart[at] = this.#keyStart[at]! - moved;
      other.#keyEnd[at] = this.#keyEnd[at]! - moved;
      if (!this.hasExtras || this.#extraEnd[at] === 0) continue;
      other.#extraStart[at] = this.#extraStart[at]! - saved;
      other.#extraEnd[at] = this.#extraEnd[at]! - saved;
    }
    other.#used = this.#used;
    other.#keysFrom = this.#keysFrom - saved;
    other.bytes.set(this.bytes.subarray(0, this.#used));
    other.bytes.set(this.bytes.subarray(this.#keysFrom), other.#keysFrom);
    other.count = count;
  }

  intendedAtMs(index: number): number {
    return this.#intendedAtMs[index]!;
  }

  setIntendedAtMs(index: number, intendedAtMs: number): void {
    this.#intendedAtMs[index] = intendedAtMs;
  }

  recordedAtMs(index: number): number {
    return this.#recordedAtMs[index]!;
  }

  dataStart(index: number): number {
    return this.#dataStart[index]!;
  }

  dataEnd(index: number): number {
    return this.#dataEnd[index]!;
  }

  keyStart(index: number): number {
    return this.#keyStart[index]!;
  }

  keyEnd(index: number): number {
    return this.#keyEnd[index]!;
  }

  extraStart(index: number): number {
    return this.#extraStart[index]!;
  }

  /** 0: it has nothing beside key and data. */
  extraEnd(index: number): number {
    return this.hasExtras ? this.#extraEnd[index]! : 0;
  }

  /**
   * Where a range of a buffer will stand in the bytes. Ranges that follow each other are copied at once, with what lies
   * between them, as long as that leaves room for the `reserved` bytes that are to come.
   */
  #place(from: Buffer, start: number, end: number, reserved: number): number {
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

function headerBytes(numbered: boolean): number {
  return HEADER_BYTES_PER_RECORD + (numbered ? NUMBER_BYTES : 0);
}
