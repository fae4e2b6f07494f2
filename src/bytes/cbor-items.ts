/** The major types of CBOR (RFC 8949). */
export const UNSIGNED = 0;
export const BYTES = 2;
export const TEXT = 3;
export const ARRAY = 4;
export const MAP = 5;

const NEGATIVE = 1;
const TAG = 6;
const BREAK = 0xff;
const NULL = 0xf6;
const DEPTH_MAX = 32;

/** What is no CBOR, or ends before its end. */
export class CborError extends Error {}

/**
 * Reads CBOR item by item, in place: a head says what comes and how long it is, strings are ranges of the bytes. Strings
 * that come in chunks are pushed together where they lie.
 */
export class CborItems {
  at = 0;
  /** Of the head that was read last: for a string its bytes, for an array or map its items; -1: until a break. */
  length = 0;
  /** The range of the string that was read last. */
  start = 0;
  end = 0;
  readonly #bytes: Buffer;
  readonly #to: number;

  constructor(bytes: Buffer, from: number, to: number) {
    this.#bytes = bytes;
    this.at = from;
    this.#to = to;
  }

  get ended(): boolean {
    return this.at === this.#to;
  }

  /** The major type of the next item; tags before it are stepped over. */
  peek(): number {
    while (this.#byteAt(this.at) >> 5 === TAG) this.#head();
    return this.#byteAt(this.at) >> 5;
  }

  isNull(): boolean {
    this.peek();
    return this.#byteAt(this.at) === NULL;
  }

  /** Enters an array or a map. */
  enter(major: number): number {
    if (this.peek() !== major) throw new CborError();
    this.#head();
    return this.length;
  }

  /** Whether the array or map goes on, of which so many items were read; steps over its break. */
  more(length: number, read: number): boolean {
    if (length >= 0) return read < length;
    if (this.#byteAt(this.at) !== BREAK) return true;
    this.at++;
    return false;
  }

  /** Reads a string of this major type into `start` and `end`. */
  string(major: number): void {
    if (this.peek() !== major) throw new CborError();
    this.#head();
    if (this.length >= 0) {
      this.#range();
      return;
    }
    let start = -1;
    let end = -1;
    while (this.more(-1, 0)) {
      if (this.#byteAt(this.at) >> 5 !== major) throw new CborError();
      this.#head();
      if (this.length < 0) throw new CborError();
      this.#range();
      if (start < 0) start = end = this.start;
      this.#bytes.copyWithin(end, this.start, this.end);
      end += this.end - this.start;
    }
    this.start = Math.max(start, 0);
    this.end = Math.max(end, 0);
  }

  /** Steps over any item. */
  skip(depth = 0): void {
    if (depth > DEPTH_MAX) throw new CborError();
    const major = this.peek();
    if (major === BYTES || major === TEXT) this.string(major);
    else if (major === ARRAY || major === MAP) {
      const length = this.enter(major);
      const each = major === MAP ? 2 : 1;
      for (let read = 0; this.more(length, read); read++) {
        for (let i = 0; i < each; i++) this.skip(depth + 1);
      }
    } else this.#head();
  }

  #range(): void {
    this.start = this.at;
    this.end = this.at + this.length;
    if (this.end > this.#to) throw new CborError();
    this.at = this.end;
  }

  #head(): void {
    const head = this.#byteAt(this.at++);
    const major = head >> 5;
    const info = head & 31;
    if (info < 24) this.length = info;
    else if (info < 28) {
      const size = 1 << (info - 24);
      this.length = 0;
      for (let i = 0; i < size; i++) this.length = this.length * 256 + this.#byteAt(this.at++);
    } else if (info === 31 && major !== UNSIGNED && major !== NEGATIVE && major !== TAG && head !== BREAK)
      this.length = -1;
    else throw new CborError();
  }

  #byteAt(at: number): number {
    if (at >= this.#to) throw new CborError();
    return this.#bytes[at]!;
  }
}
