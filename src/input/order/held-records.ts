import { grown } from '../../bytes/arrays.js';
import { BLOCK_RECORDS_MAX, type RecordBlock } from '../../core/record.js';

/** The bounds of what is held: bytes of data and keys, and records. */
export const HELD_BYTES_MAX = 64 * 1024 * 1024;
export const HELD_RECORDS_MAX = 1_000_000;

/** At least this many bytes are added before what is held is copied to make room. */
const ROOM_BYTES_MIN = 4 * 1024 * 1024;

/** A bad record, apart from its position. */
export interface HeldBad {
  readonly file: string;
  readonly line: number;
  readonly reason: string;
}

/**
 * Copies of records, each under a number that is reused once the record leaves. The bytes of a block are copied at
 * once, so that records keep their order in memory. When there is no more room, the bytes that are still held move to
 * other memory.
 */
export class HeldRecords {
  count = 0;
  /** Bytes of data, keys and attributes. */
  bytesHeld = 0;
  /** The ranges of all records are in here. Replaced when a block is copied. */
  bytes: Buffer = Buffer.allocUnsafeSlow(ROOM_BYTES_MIN);
  /** The times to order records by: when they were recorded, unless the clock was wrong. */
  orderMs = new Float64Array(BLOCK_RECORDS_MAX);
  /** The position of each record among all that were ever held. */
  sequence = new Float64Array(BLOCK_RECORDS_MAX);

  /** Memory of the same size, to move to. */
  #spare: Buffer | undefined;
  #used = 0;
  /** From a position in the bytes of the current block to its position here. */
  #shift = 0;
  #next = 0;
  /**
   * Numbers to reuse, as a ring: used in turn, they keep records that are together in memory together when they move.
   */
  #free = new Int32Array(BLOCK_RECORDS_MAX);
  #firstFree = 0;
  #freed = 0;
  /** How many numbers were ever used. */
  #numbers = 0;
  /** -1 if the number is free, or belongs to a bad record. */
  #dataStart = new Int32Array(BLOCK_RECORDS_MAX);
  #dataEnd = new Int32Array(BLOCK_RECORDS_MAX);
  #keyStart = new Int32Array(BLOCK_RECORDS_MAX);
  #keyEnd = new Int32Array(BLOCK_RECORDS_MAX);
  #attributesStart = new Int32Array(BLOCK_RECORDS_MAX);
  #attributesEnd = new Int32Array(BLOCK_RECORDS_MAX);
  #recordedAtMs = new Float64Array(BLOCK_RECORDS_MAX);
  #line = new Float64Array(BLOCK_RECORDS_MAX);
  #file = new Int32Array(BLOCK_RECORDS_MAX);
  readonly #files: string[] = [];
  readonly #bads = new Map<number, HeldBad>();

  /** A power of two. */
  get capacity(): number {
    return this.#free.length;
  }

  get full(): boolean {
    return this.bytesHeld > HELD_BYTES_MAX || this.count > HELD_RECORDS_MAX;
  }

  fileOf(held: number): string {
    return this.#files[this.#file[held]!]!;
  }

  badOf(held: number): HeldBad | undefined {
    return this.#dataStart[held]! < 0 ? this.#bads.get(held) : undefined;
  }

  /** Copies the bytes of a block, before `hold` is called for its records. May move what is held. */
  copyBytesOf(block: RecordBlock): void {
    if (this.#files.at(-1) !== block.file) this.#files.push(block.file);
    const [start, end] = rangeOf(block);
    this.#makeRoom(end - start);
    block.bytes.copy(this.bytes, this.#used, start, end);
    this.#shift = this.#used - start;
    this.#used += end - start;
  }

  /** Holds a record of the block that was copied last, and returns its number. */
  hold(block: RecordBlock, index: number, orderMs: number): number {
    const held = this.#take(orderMs);
    this.#recordedAtMs[held] = block.recordedAtMs[index]!;
    const shift = this.#shift;
    const [dataStart, dataEnd] = [block.dataStart[index]!, block.dataEnd[index]!];
    const [keyStart, keyEnd] = [block.keyStart[index]!, block.keyEnd[index]!];
    const digits = block.attributesBytes(index);
    this.#dataStart[held] = dataStart + shift;
    this.#dataEnd[held] = dataEnd + shift;
    this.#keyStart[held] = keyStart < 0 ? keyStart : keyStart + shift;
    this.#keyEnd[held] = keyStart < 0 ? keyEnd : keyEnd + shift;
    this.#attributesEnd[held] = digits === 0 ? 0 : block.attributesEnd[index]! + shift;
    this.#attributesStart[held] = this.#attributesEnd[held]! - digits;
    this.#line[held] = block.line[index]!;
    this.bytesHeld += dataEnd - dataStart + keyEnd - keyStart + digits;
    return held;
  }

  /** Holds a bad record as if it had a time, and returns its number. */
  holdBad(bad: HeldBad, orderMs: number): number {
    const held = this.#take(orderMs);
    this.#dataStart[held] = -1;
    this.#bads.set(held, bad);
    return held;
  }

  /** Moves a record to the end of a block over `bytes`. These do not change until the next block is copied. */
  moveTo(block: RecordBlock, held: number): void {
    const [dataStart, dataEnd] = [this.#dataStart[held]!, this.#dataEnd[held]!];
    const [keyStart, keyEnd] = [this.#keyStart[held]!, this.#keyEnd[held]!];
    const [attributesStart, attributesEnd] = [this.#attributesStart[held]!, this.#attributesEnd[held]!];
    block.add(dataStart, dataEnd, this.#recordedAtMs[held]!, this.#line[held]!);
    block.setKey(keyStart, keyEnd);
    if (attributesEnd > 0) block.setAttributes(attributesStart, attributesEnd);
    this.bytesHeld -= dataEnd - dataStart + keyEnd - keyStart + attributesEnd - attributesStart;
    this.#release(held);
  }

  releaseBad(held: number): void {
    this.#bads.delete(held);
    this.#release(held);
  }

  #take(orderMs: number): number {
    if (this.#freed === 0 && this.#numbers === this.capacity) this.#grow();
    const held = this.#freed > 0 ? this.#freeNumber() : this.#numbers++;
    this.orderMs[held] = orderMs;
    this.sequence[held] = this.#next++;
    this.#file[held] = this.#files.length - 1;
    this.count++;
    return held;
  }

  #release(held: number): void {
    this.#dataStart[held] = -1;
    this.#free[(this.#firstFree + this.#freed++) & (this.capacity - 1)] = held;
    this.count--;
  }

  #freeNumber(): number {
    const held = this.#free[this.#firstFree]!;
    this.#firstFree = (this.#firstFree + 1) & (this.capacity - 1);
    this.#freed--;
    return held;
  }

  /** Adds numbers when all are in use. */
  #grow(): void {
    this.#free = new Int32Array(2 * this.capacity);
    this.#firstFree = 0;
    this.orderMs = grown(this.orderMs);
    this.#recordedAtMs = grown(this.#recordedAtMs);
    this.sequence = grown(this.sequence);
    this.#line = grown(this.#line);
    this.#file = grown(this.#file);
    this.#dataStart = grown(this.#dataStart);
    this.#dataEnd = grown(this.#dataEnd);
    this.#keyStart = grown(this.#keyStart);
    this.#keyEnd = grown(this.#keyEnd);
    this.#attributesStart = grown(this.#attributesStart);
    this.#attributesEnd = grown(this.#attributesEnd);
  }

  /** Between two moves at least as many bytes are added as are held, so that on average each byte moves once. */
  #makeRoom(bytes: number): void {
    if (this.#used + bytes <= this.bytes.length) return;
    const needed = 2 * (this.bytesHeld + bytes);
    const before = this.bytes;
    if (needed > before.length) this.#spare = undefined;
    this.bytes = this.#spare ?? Buffer.allocUnsafeSlow(Math.max(before.length, needed));
    this.#used = 0;
    for (let held = 0; held < this.#numbers; held++) if (this.#dataStart[held]! >= 0) this.#move(held, before);
    this.#spare = before.length === this.bytes.length ? before : undefined;
  }

  #move(held: number, from: Buffer): void {
    const data = this.#copied(from, this.#dataStart[held]!, this.#dataEnd[held]!);
    this.#dataEnd[held] = data + this.#dataEnd[held]! - this.#dataStart[held]!;
    this.#dataStart[held] = data;
    if (this.#keyStart[held]! >= 0) {
      const key = this.#copied(from, this.#keyStart[held]!, this.#keyEnd[held]!);
      this.#keyEnd[held] = key + this.#keyEnd[held]! - this.#keyStart[held]!;
      this.#keyStart[held] = key;
    }
    if (this.#attributesEnd[held]! > 0) {
      const digits = this.#attributesEnd[held]! - this.#attributesStart[held]!;
      this.#attributesStart[held] = this.#copied(from, this.#attributesStart[held]!, this.#attributesEnd[held]!);
      this.#attributesEnd[held] = this.#attributesStart[held]! + digits;
    }
  }

  /** Copies bytes to the end, and returns where the copy begins. */
  #copied(from: Buffer, start: number, end: number): number {
    const at = this.#used;
    this.#used += from.copy(this.bytes, at, start, end);
    return at;
  }
}

/** The range of a block's bytes that holds all its records. */
function rangeOf(block: RecordBlock): [start: number, end: number] {
  let start = Number.POSITIVE_INFINITY;
  let end = 0;
  const add = (from: number, to: number) => {
    if (from < start) start = from;
    if (to > end) end = to;
  };
  for (let at = 0; at < block.count; at++) {
    add(block.dataStart[at]!, block.dataEnd[at]!);
    if (block.keyStart[at]! >= 0) add(block.keyStart[at]!, block.keyEnd[at]!);
    if (block.attributesBytes(at) > 0) add(block.attributesStart[at]!, block.attributesEnd[at]!);
  }
  return start > end ? [0, 0] : [start, end];
}
