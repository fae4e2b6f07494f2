import { BLOCK_RECORDS_MAX, type RecordBlock } from '../../core/record.js';

/** What is held at most: bytes of data and keys, and records. */
export const HELD_BYTES_MAX = 64 * 1024 * 1024;
export const HELD_RECORDS_MAX = 1_000_000;

/** Room for bytes is made anew this often at the earliest: what is held then is copied. */
const ROOM_BYTES_MIN = 4 * 1024 * 1024;

/** What a bad record has beside its place: the others have their ranges. */
export interface HeldBad {
  readonly file: string;
  readonly line: number;
  readonly reason: string;
}

/**
 * Records in memory of their own, each under a number that is used again once it was let go. The bytes of a block are
 * copied as they lie, at once, so that records which follow each other still do; where there is no more room, what is
 * held moves to other memory, and the rest is forgotten.
 */
export class HeldRecords {
  count = 0;
  /** Of data and keys. */
  bytesHeld = 0;
  /** What the ranges point into: `makeRoom` moves them. */
  bytes: Buffer = Buffer.allocUnsafeSlow(ROOM_BYTES_MIN);
  /** What they are put in order by: when they were recorded, unless that was by a wrong clock. */
  orderMs = new Float64Array(BLOCK_RECORDS_MAX);
  /** Counts all that was ever held. */
  sequence = new Float64Array(BLOCK_RECORDS_MAX);

  /** Memory of the same size, to move to. */
  #spare: Buffer | undefined;
  #used = 0;
  /** How far the bytes of the block at hand lie behind where they lay in it. */
  #shift = 0;
  #next = 0;
  /** Numbers to use again, a ring: so they go round, and what lies together stays so when it moves. */
  #free = new Int32Array(BLOCK_RECORDS_MAX);
  #firstFree = 0;
  #freed = 0;
  /** Numbers that were ever used. */
  #numbers = 0;
  /** -1: the number is free, or a bad record's. */
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

  /** Copies the bytes of a block: `hold` takes its records. What is held moves. */
  copyBytes(block: RecordBlock): void {
    if (this.#files.at(-1) !== block.file) this.#files.push(block.file);
    const [start, end] = rangeOf(block);
    this.#makeRoom(end - start);
    block.bytes.copy(this.bytes, this.#used, start, end);
    this.#shift = this.#used - start;
    this.#used += end - start;
  }

  /** Takes a record of the block that was copied last. */
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

  /** Takes a bad record, as if it had a time. */
  holdBad(bad: HeldBad, orderMs: number): number {
    const held = this.#take(orderMs);
    this.#dataStart[held] = -1;
    this.#bads.set(held, bad);
    return held;
  }

  /** Lets a record go, to the end of a block over these bytes. They stay as they are until the next block is copied. */
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

  /** All numbers are in use. */
  #grow(): void {
    const capacity = 2 * this.capacity;
    this.#free = new Int32Array(capacity);
    this.#firstFree = 0;
    this.orderMs = grown(this.orderMs, new Float64Array(capacity));
    this.#recordedAtMs = grown(this.#recordedAtMs, new Float64Array(capacity));
    this.sequence = grown(this.sequence, new Float64Array(capacity));
    this.#line = grown(this.#line, new Float64Array(capacity));
    this.#file = grown(this.#file, new Int32Array(capacity));
    this.#dataStart = grown(this.#dataStart, new Int32Array(capacity));
    this.#dataEnd = grown(this.#dataEnd, new Int32Array(capacity));
    this.#keyStart = grown(this.#keyStart, new Int32Array(capacity));
    this.#keyEnd = grown(this.#keyEnd, new Int32Array(capacity));
    this.#attributesStart = grown(this.#attributesStart, new Int32Array(capacity));
    this.#attributesEnd = grown(this.#attributesEnd, new Int32Array(capacity));
  }

  /** At least as many bytes as are held are taken in between two moves, so that each is moved once in the mean. */
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

  /** Where the copy begins. */
  #copied(from: Buffer, start: number, end: number): number {
    const at = this.#used;
    this.#used += from.copy(this.bytes, at, start, end);
    return at;
  }
}

/** The stretch of its bytes that a block's records point into. */
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

function grown<T extends Int32Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
