/** Records in one pack at most. */
export const PACK_RECORDS_MAX = 2048;
/** Bytes of data and keys in one pack, unless a single record is larger. */
export const PACK_BYTES = 256 * 1024;

/** Two doubles and two integers. */
const HEADER_BYTES_PER_RECORD = 8 + 8 + 4 + 4;

/**
 * Many records in one ArrayBuffer, so that they cross to a worker as one transfer, without a copy: intended times,
 * recorded times, where data end, where keys end, then the bytes of all records, each its data followed by its key.
 */
export class PackedRecords {
  readonly buffer: ArrayBuffer;
  readonly capacity: number;
  count: number;
  /** The data and keys of all records: the ranges are places in it. */
  readonly bytes: Buffer;
  readonly #intendedAtMs: Float64Array;
  readonly #recordedAtMs: Float64Array;
  readonly #dataEnd: Int32Array;
  readonly #keyEnd: Int32Array;

  /** Reads or fills a buffer that `allocate` made for the same capacity. */
  constructor(buffer: ArrayBuffer, capacity: number, count: number) {
    this.buffer = buffer;
    this.capacity = capacity;
    this.count = count;
    this.#intendedAtMs = new Float64Array(buffer, 0, capacity);
    this.#recordedAtMs = new Float64Array(buffer, capacity * 8, capacity);
    this.#dataEnd = new Int32Array(buffer, capacity * 16, capacity);
    this.#keyEnd = new Int32Array(buffer, capacity * 20, capacity);
    this.bytes = Buffer.from(buffer, capacity * HEADER_BYTES_PER_RECORD);
  }

  /** @param bytes of data and keys */
  static allocate(capacity: number, bytes: number): PackedRecords {
    return new PackedRecords(new ArrayBuffer(capacity * HEADER_BYTES_PER_RECORD + bytes), capacity, 0);
  }

  get bytesUsed(): number {
    return this.count === 0 ? 0 : this.#keyEnd[this.count - 1]!;
  }

  hasRoomFor(bytes: number): boolean {
    return this.count < this.capacity && this.bytesUsed + bytes <= this.bytes.length;
  }

  /** Adds a record whose data lie in `from` and whose key lies in `keyFrom`. */
  add(
    from: Buffer,
    dataStart: number,
    dataEnd: number,
    keyFrom: Buffer,
    keyStart: number,
    keyEnd: number,
    intendedAtMs: number,
    recordedAtMs: number,
  ): void {
    const at = this.count;
    const start = this.bytesUsed;
    const dataStop = start + dataEnd - dataStart;
    from.copy(this.bytes, start, dataStart, dataEnd);
    keyFrom.copy(this.bytes, dataStop, keyStart, keyEnd);
    this.#dataEnd[at] = dataStop;
    this.#keyEnd[at] = dataStop + keyEnd - keyStart;
    this.#intendedAtMs[at] = intendedAtMs;
    this.#recordedAtMs[at] = recordedAtMs;
    this.count = at + 1;
  }

  /** The same records in a buffer of just their size: a pack that is sent half empty would hold memory for nothing. */
  compacted(): PackedRecords {
    const compact = PackedRecords.allocate(this.count, this.bytesUsed);
    compact.count = this.count;
    compact.#intendedAtMs.set(this.#intendedAtMs.subarray(0, this.count));
    compact.#recordedAtMs.set(this.#recordedAtMs.subarray(0, this.count));
    compact.#dataEnd.set(this.#dataEnd.subarray(0, this.count));
    compact.#keyEnd.set(this.#keyEnd.subarray(0, this.count));
    compact.bytes.set(this.bytes.subarray(0, this.bytesUsed));
    return compact;
  }

  intendedAtMs(index: number): number {
    return this.#intendedAtMs[index]!;
  }

  recordedAtMs(index: number): number {
    return this.#recordedAtMs[index]!;
  }

  dataStart(index: number): number {
    return index === 0 ? 0 : this.#keyEnd[index - 1]!;
  }

  /** The key begins where the data end. */
  dataEnd(index: number): number {
    return this.#dataEnd[index]!;
  }

  keyEnd(index: number): number {
    return this.#keyEnd[index]!;
  }
}
