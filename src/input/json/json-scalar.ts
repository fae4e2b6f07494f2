import { BACKSLASH, DOT, MINUS, PLUS, QUOTE, SPACE, ZERO } from '../../bytes/ascii.js';
import { firstMarked, viewOf } from '../../bytes/words.js';

export const INVALID = -1;
const NOTHING = Buffer.alloc(0);
const E = 0x65;
const U = 0x75;
const NINE = ZERO + 9;
const WORDS = ['true', 'false', 'null'].map((word) => Buffer.from(word));
/** 1 for each character that may follow a backslash, except `u`. */
const ESCAPED = new Uint8Array(256);
for (const char of '"\\/bfnrt') ESCAPED[char.charCodeAt(0)] = 1;

/**
 * Finds the ends of JSON's strings, numbers and words, as strictly as JSON.parse, and without allocations. Any bytes
 * above ASCII are allowed in strings.
 */
export class JsonScalars {
  bytes: Buffer = NOTHING;
  view = viewOf(NOTHING);
  /** Whether the scalar found last is a string with escapes. */
  escaped = false;

  /** Sets the bytes of the next scalars. */
  use(bytes: Buffer): void {
    if (bytes === this.bytes) return;
    this.bytes = bytes;
    this.view = viewOf(bytes);
  }

  /** Where the scalar at `at`, whose first byte is `byte`, ends; INVALID if there is none. Ignores what follows it. */
  endOf(byte: number, at: number, to: number): number {
    if (byte === QUOTE) return this.endOfString(at + 1, to);
    this.escaped = false;
    return byte <= NINE ? this.#endOfNumber(at, to) : endOfWord(this.bytes, at, to);
  }

  /** Where a string ends, after its closing quote, given where it begins after its opening quote. */
  endOfString(from: number, to: number): number {
    const { bytes, view } = this;
    const lastWords = to - 8;
    this.escaped = false;
    for (let at = from; at < to; at++) {
      while (at <= lastWords) {
        const marks = endMarks(view.getInt32(at, true));
        if (marks !== 0) {
          at += firstMarked(marks);
          break;
        }
        const moreMarks = endMarks(view.getInt32(at + 4, true));
        if (moreMarks !== 0) {
          at += 4 + firstMarked(moreMarks);
          break;
        }
        at += 8;
      }
      const byte = bytes[at]!;
      if (byte === QUOTE) return at + 1;
      if (byte < SPACE) return INVALID;
      if (byte === BACKSLASH) {
        this.escaped = true;
        at = endOfEscape(bytes, at, to);
        if (at === INVALID) return INVALID;
      }
    }
    return INVALID;
  }

  #endOfNumber(from: number, to: number): number {
    const { bytes } = this;
    const first = bytes[from] === MINUS ? from + 1 : from;
    let at = endOfDigits(bytes, first, to);
    if (at === first || (bytes[first] === ZERO && at > first + 1)) return INVALID;
    if (at < to && bytes[at] === DOT) {
      const digits = at + 1;
      at = endOfDigits(bytes, digits, to);
      if (at === digits) return INVALID;
    }
    if (at < to && (bytes[at]! | 0x20) === E) {
      const signed = at + 1 < to && (bytes[at + 1] === PLUS || bytes[at + 1] === MINUS);
      const digits = signed ? at + 2 : at + 1;
      at = endOfDigits(bytes, digits, to);
      if (at === digits) return INVALID;
    }
    return at;
  }
}

/** The high bit of each byte of the word that ends a string, begins an escape, or is not allowed in strings. */
function endMarks(word: number): number {
  const quotes = word ^ 0x22222222;
  const backslashes = word ^ 0x5c5c5c5c;
  return ((quotes - 0x01010101) | (backslashes - 0x01010101) | (word - 0x20202020)) & ~word & 0x80808080;
}

/** The last byte of the escape whose backslash is at `at`. */
function endOfEscape(bytes: Buffer, at: number, to: number): number {
  if (at + 1 >= to) return INVALID;
  const escaped = bytes[at + 1]!;
  if (escaped !== U) return ESCAPED[escaped] === 1 ? at + 1 : INVALID;
  if (at + 5 >= to) return INVALID;
  for (let digit = at + 2; digit <= at + 5; digit++) {
    const byte = bytes[digit]!;
    const letter = byte | 0x20;
    if ((byte < ZERO || byte > NINE) && (letter < 0x61 || letter > 0x66)) return INVALID;
  }
  return at + 5;
}

function endOfWord(bytes: Uint8Array, from: number, to: number): number {
  for (const word of WORDS) {
    const end = from + word.length;
    if (end > to || bytes[from] !== word[0]) continue;
    for (let at = 1; at < word.length; at++) {
      if (bytes[from + at] !== word[at]) return INVALID;
    }
    return end;
  }
  return INVALID;
}

function endOfDigits(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && bytes[at]! >= ZERO && bytes[at]! <= NINE) at++;
  return at;
}
