import { CLOSE_BRACKET, COMMA, LF, OPEN_BRACE, OPEN_BRACKET, QUOTE } from '../../bytes/ascii.js';
import type { Outline } from './json-outline.js';
import type { JsonValue } from './json-path.js';
import { INVALID, type JsonScalars } from './json-scalar.js';
import type { JsonText } from './json-text.js';

/** So many bytes behind those to be read are looked at, though not used. */
const WORD_BYTES = 4;

/**
 * Finds values in lines that have the same outline. Where its literal bytes come again, with any valid values between them,
 * a line is valid, and the paths lead where they led before. Names are compared, a word at a time, instead of read, and
 * nothing is kept of values that no one asked for: 0.4 of the time of scanning such a line, and of JSON.parse's, too.
 */
export class JsonTemplate {
  /** Whether a line has matched. */
  used = false;
  readonly #outline: Outline;
  readonly #places: number;
  readonly #lengths: Int32Array;
  /** The literals one after the other, the last word of each with its mask: 0 for a word that is none of it. */
  readonly #words: Int32Array;
  readonly #masks: Int32Array;
  /** By place, what was found in the line matched last. */
  readonly #starts: Int32Array;
  readonly #ends: Int32Array;
  readonly #escaped: Uint8Array;

  constructor(outline: Outline) {
    const { literals } = outline;
    this.#outline = outline;
    this.#places = literals.length - 1;
    this.#lengths = Int32Array.from(literals, ({ length }) => length);
    this.#masks = Int32Array.from(literals, ({ length }) => (1 << ((length % WORD_BYTES) * 8)) - 1);
    this.#words = Int32Array.from(literals.flatMap(wordsOf));
    this.#starts = new Int32Array(this.#places);
    this.#ends = new Int32Array(this.#places);
    this.#escaped = new Uint8Array(this.#places);
  }

  /** Where the line ends that begins at `from`, at its line feed before `to`; INVALID if it is another one. */
  match(from: number, to: number, scalars: JsonScalars, nested: JsonText): number {
    const { bytes, view } = scalars;
    if (to + WORD_BYTES > bytes.length) return INVALID;
    const places = this.#places;
    const lengths = this.#lengths;
    const words = this.#words;
    const masks = this.#masks;
    const starts = this.#starts;
    const ends = this.#ends;
    const escaped = this.#escaped;
    let word = 0;
    let at = from;
    for (let place = 0; ; place++) {
      const end = at + lengths[place]!;
      if (end >= to) return INVALID;
      for (; at <= end - WORD_BYTES; at += WORD_BYTES) {
        if (view.getInt32(at, true) !== words[word++]) return INVALID;
      }
      if (((view.getInt32(at, true) ^ words[word++]!) & masks[place]!) !== 0) return INVALID;
      const byte = bytes[end]!;
      if (place === places) return byte === LF ? end : INVALID;

      starts[place] = end;
      if (byte === QUOTE) at = scalars.endOfString(end + 1, to);
      else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) at = this.#endOfNested(place, end, to, scalars, nested);
      else at = scalars.endOf(byte, end, to);
      if (at === INVALID) return INVALID;
      ends[place] = at;
      escaped[place] = scalars.escaped ? 1 : 0;
    }
  }

  /** Says where the values are in the line matched last. */
  tell(values: readonly JsonValue[]): void {
    const { marks } = this.#outline;
    this.used = true;
    for (let at = 0; at < values.length; at++) {
      const value = values[at]!;
      const mark = marks[at];
      if (mark === undefined) {
        value.start = -1;
        value.end = -1;
        value.escaped = false;
      } else {
        value.start = this.#starts[mark.first]! - mark.before;
        value.end = this.#ends[mark.last]! + mark.behind;
        value.escaped = this.#escaped[mark.first] === 1;
      }
    }
  }

  #endOfNested(place: number, at: number, to: number, scalars: JsonScalars, nested: JsonText): number {
    if (this.#outline.scalarOnly[place] === 1) return INVALID;
    const { bytes } = scalars;
    const end = bytes[at] === OPEN_BRACKET && bytes[at + 1] !== OPEN_BRACE ? endOfFlatArray(at, to, scalars) : INVALID;
    return end === INVALID ? nested.endOfValue(at, to) : end;
  }
}

/**
 * Where the array of numbers, strings and words ends that begins at `from`, if there is no space in it; else INVALID. Most
 * arrays are such: a line of 200 bytes with one of three numbers takes a fifth less than if it is scanned for whatever may be.
 */
function endOfFlatArray(from: number, to: number, scalars: JsonScalars): number {
  const { bytes } = scalars;
  if (bytes[from + 1] === CLOSE_BRACKET) return from + 2;
  for (let at = from + 1; ; at++) {
    at = scalars.endOf(bytes[at]!, at, to);
    if (at === INVALID) return INVALID;
    const byte = bytes[at]!;
    if (byte === CLOSE_BRACKET) return at + 1;
    if (byte !== COMMA) return INVALID;
  }
}

/** A literal's words, and what is left of it as one more: it may be none. */
function wordsOf(literal: Buffer): number[] {
  const padded = Buffer.alloc(literal.length - (literal.length % WORD_BYTES) + WORD_BYTES);
  literal.copy(padded);
  return Array.from({ length: padded.length / WORD_BYTES }, (_, word) => padded.readInt32LE(word * WORD_BYTES));
}
