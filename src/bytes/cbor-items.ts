/** The major types of CBOR (RFC 8949): the upper three bits of an item's first byte. */
export const UNSIGNED = 0;
export const BYTES = 2;
export const TEXT = 3;
export const ARRAY = 4;
export const MAP = 5;

const NEGATIVE = 1;
const TAG = 6;
const NULL = 0xf6;
/** The heads of an array and a map of indefinite length, and the byte that ends them. */
export const ARRAY_BEGIN = 0x9f;
export const MAP_BEGIN = 0xbf;
export const BREAK = 0xff;
/** The lower five bits of a head, if its length follows in one, two or four bytes. A smaller value is the length. */
const ONE_BYTE = 24;
const TWO_BYTES = 25;
const FOUR_BYTES = 26;
/** The longest head that `writeHead` writes. */
export const HEAD_BYTES_MAX = 5;
const DEPTH_MAX = 32;

/**
 * Writes the head of a string.
 *
 * @param type the major type, shifted into the upper three bits
 * @returns the position after the head, where the string begins
 */
export function writeHead(type: number, length: number, view: DataView, at: number): number {
  if (length < ONE_BYTE) {
    view.setUint8(at, type | length);
    return at + 1;
  }
  if (length < 0x100) {
    view.setUint16(at, ((type | ONE_BYTE) << 8) | length);
    return at + 2;
  }
  if (length < 0x10000) {
    view.setUint8(at, type | TWO_BYTES);
    view.setUint16(at + 1, length);
    return at + 3;
  }
  view.setUint8(at, type | FOUR_BYTES);
  view.setUint32(at + 1, length);
  return at + 5;
}

/** Thrown for bytes that are not CBOR, or that end too early. */
export class CborError extends Error {}

/** Reads CBOR item by item. Strings are ranges of the bytes, in which the chunks of a string are moved together. */
export class CborItems {
  at = 0;
  /** From the last head: the bytes of a string, or the items of an array or map; -1: until a break. */
  length = 0;
  /** The range of the last string. */
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

  /** Returns the major type of the next item, and skips tags before it. */
  peek(): number {
    while (this.#byteAt(this.at) >> 5 === TAG) this.#head();
    return this.#byteAt(this.at) >> 5;
  }

  isNull(): boolean {
    this.peek();
    return this.#byteAt(this.at) === NULL;
  }

  /** Reads the head of an item, such as an array or a map, and returns its `length`. */
  enter(major: number): number {
    if (this.peek() !== major) throw new CborError();
    this.#head();
    return this.length;
  }

  /** Whether an array or map has more items, after `read` of them. Skips its break at the end. */
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

  /** Skips an item of any type. */
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
