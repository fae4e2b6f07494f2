import {
  BACKSLASH,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  CR,
  LF,
  MINUS,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
  SPACE,
  TAB,
  ZERO,
} from '../core/ascii.js';
import { endOfNumber, endOfWord } from './json-scalar.js';
import { JsonShape } from './json-shape.js';
import { bytesBelow, bytesEqual, firstMarked, viewOf } from './words.js';

/** A node is so many numbers of `nodes`, which begin at its own number. */
const NODE_LENGTH = 8;
/** Where a node's value lies, quotes included. */
export const START = 0;
export const END = 1;
/** The node that follows it and all that it holds. */
export const NEXT = 2;
/** Where its member's name lies, without the quotes; -1 in an array. */
export const NAME_START = 3;
export const NAME_END = 4;
/** NAME_ESCAPED if the name holds an escape, and VALUE_ESCAPED if the value is a string that does. */
export const ESCAPES = 5;
export const NAME_ESCAPED = 1;
export const VALUE_ESCAPED = 2;
/** The first node is the whole text; those that a node holds begin here behind it. */
export const FIRST = NODE_LENGTH;

const INVALID = -1;
const NOTHING = Buffer.alloc(0);
const U = 0x75;
/** 1 for what may follow a backslash, but for `u`. */
const ESCAPED = new Uint8Array(256);
for (const char of '"\\/bfnrt') ESCAPED[char.charCodeAt(0)] = 1;

/**
 * Reads one JSON text: whether it is valid, as strictly as JSON.parse, and where its values lie, in one pass and without an
 * allocation. JSON.parse itself takes three times as long, and then says nothing of places.
 *
 * Values are nodes, numbered in the order in which they begin; those deeper than what is asked for are only checked. Bytes
 * above ASCII are allowed in strings, whatever they mean.
 */
export class JsonText {
  bytes: Buffer = NOTHING;
  nodes = new Int32Array(64 * NODE_LENGTH);
  readonly shape = new JsonShape();

  readonly #depthMax: number;
  #view = viewOf(NOTHING);
  /** Where the next node goes. */
  #nextNode = 0;
  /** By depth: the bracket that closes what is open there, and its node. */
  #closing = new Uint8Array(64);
  readonly #open: Int32Array;
  /** Whether `#endOfString` met a backslash. */
  #escaped = false;

  /** @param depthMax how deep the nodes lie that are asked for: 0 the whole text, 1 its members, and so on */
  constructor(depthMax: number) {
    this.#depthMax = depthMax;
    this.#open = new Int32Array(depthMax + 1);
  }

  /** Whether `bytes[from, to)` is one valid JSON text. */
  scan(bytes: Buffer, from: number, to: number): boolean {
    if (bytes !== this.bytes) {
      this.bytes = bytes;
      this.#view = viewOf(bytes);
    }
    this.#nextNode = 0;
    let depth = 0;
    let at = skipSpace(bytes, from, to);
    this.#addNode(at, 0, -1, -1, 0);
    for (;;) {
      // A value begins here.
      const byte = at < to ? bytes[at]! : 0;
      if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
        const closing = byte + 2;
        this.#enter(depth++, closing);
        at = skipSpace(bytes, at + 1, to);
        if (at === to || bytes[at] !== closing) {
          at = this.#beginNext(at, to, depth, closing);
          if (at === INVALID) return false;
          continue;
        }
      } else {
        at = this.#endOfScalar(byte, at, to);
        if (at === INVALID) return false;
        if (depth <= this.#depthMax) this.#endLast(at);
        at = skipSpace(bytes, at, to);
      }
      // A value has ended here, or what is open does.
      while (depth > 0 && at < to && bytes[at] === this.#closing[depth - 1]) {
        at++;
        if (--depth <= this.#depthMax) this.#leave(depth, at);
        at = skipSpace(bytes, at, to);
      }
      if (depth === 0) {
        this.shape.end(this.#nextNode / NODE_LENGTH);
        return at === to;
      }
      if (at === to || bytes[at] !== COMMA) return false;
      at = this.#beginNext(skipSpace(bytes, at + 1, to), to, depth, this.#closing[depth - 1]!);
      if (at === INVALID) return false;
    }
  }

  /** Goes to the value of a member or element that begins at `from`, and makes it a node. */
  #beginNext(from: number, to: number, depth: number, closing: number): number {
    const wanted = depth <= this.#depthMax;
    if (closing === CLOSE_BRACKET) {
      if (wanted) this.#addNode(from, depth, -1, -1, 0);
      return from;
    }
    const { bytes, shape } = this;
    const node = this.#nextNode / NODE_LENGTH;
    const known = wanted ? shape.sameName(node, this.#view, from, to) : 0;
    if (known > 0) {
      const at = skipSpace(bytes, from + known, to);
      this.#addNode(at, depth, from + 1, from + known - 2, 0);
      return at;
    }
    if (from >= to || bytes[from] !== QUOTE) return INVALID;
    const nameEnd = this.#endOfString(from + 1, to);
    if (nameEnd === INVALID) return INVALID;
    const colon = skipSpace(bytes, nameEnd, to);
    if (colon === to || bytes[colon] !== COLON) return INVALID;
    const at = skipSpace(bytes, colon + 1, to);
    if (wanted) {
      // What is remembered is a name as most are: without escapes, and with its colon right behind it.
      const usual = colon === nameEnd && !this.#escaped;
      shape.newName(node, bytes, from, usual ? colon + 1 : from);
      this.#addNode(at, depth, from + 1, nameEnd - 1, this.#escaped ? NAME_ESCAPED : 0);
    }
    return at;
  }

  #endOfScalar(byte: number, at: number, to: number): number {
    if (byte === QUOTE) return this.#endOfString(at + 1, to);
    this.#escaped = false;
    if (byte === MINUS || (byte >= ZERO && byte <= ZERO + 9)) return endOfNumber(this.bytes, at, to);
    return endOfWord(this.bytes, at, to);
  }

  /** From behind a string's opening quote to behind its closing one. */
  #endOfString(from: number, to: number): number {
    const { bytes } = this;
    const view = this.#view;
    const lastWord = to - 4;
    this.#escaped = false;
    for (let at = from; at < to; at++) {
      while (at <= lastWord) {
        const word = view.getInt32(at, true);
        if (isPlainAscii(word)) {
          at += 4;
          continue;
        }
        const marks = bytesEqual(word, QUOTE) | bytesEqual(word, BACKSLASH) | bytesBelow(word, SPACE);
        if (marks !== 0) {
          at += firstMarked(marks);
          break;
        }
        at += 4;
      }
      if (at === to) break;
      const byte = bytes[at]!;
      if (byte === QUOTE) return at + 1;
      if (byte < SPACE) return INVALID;
      if (byte === BACKSLASH) {
        this.#escaped = true;
        at = endOfEscape(bytes, at, to);
        if (at === INVALID) return INVALID;
      }
    }
    return INVALID;
  }

  #enter(depth: number, closing: number): void {
    if (depth <= this.#depthMax) this.#open[depth] = this.#nextNode - NODE_LENGTH;
    if (depth === this.#closing.length) this.#closing = longer(this.#closing, Uint8Array);
    this.#closing[depth] = closing;
  }

  #leave(depth: number, end: number): void {
    const node = this.#open[depth]!;
    this.nodes[node + END] = end;
    this.nodes[node + NEXT] = this.#nextNode;
  }

  #endLast(end: number): void {
    const next = this.#nextNode;
    const { nodes } = this;
    nodes[next - NODE_LENGTH + END] = end;
    nodes[next - NODE_LENGTH + NEXT] = next;
    if (this.#escaped) nodes[next - NODE_LENGTH + ESCAPES]! |= VALUE_ESCAPED;
  }

  #addNode(start: number, depth: number, nameStart: number, nameEnd: number, escapes: number): void {
    const node = this.#nextNode;
    this.#nextNode = node + NODE_LENGTH;
    if (node === this.nodes.length) this.nodes = longer(this.nodes, Int32Array);
    const { nodes } = this;
    nodes[node + START] = start;
    nodes[node + NAME_START] = nameStart;
    nodes[node + NAME_END] = nameEnd;
    nodes[node + ESCAPES] = escapes;
    const first = this.bytes[start];
    const kind = first === OPEN_BRACE ? 1 : first === OPEN_BRACKET ? 2 : 0;
    this.shape.kind(node / NODE_LENGTH, depth * 4 + kind);
  }
}

function longer<T extends Int32Array | Uint8Array>(numbers: T, make: new (length: number) => T): T {
  const twice = new make(numbers.length * 2);
  twice.set(numbers);
  return twice;
}

/** Whether there is no quote, backslash, control character or byte above ASCII: four questions that share one answer. */
function isPlainAscii(word: number): boolean {
  const quotes = (word ^ 0x22222222) - 0x01010101;
  const backslashes = (word ^ 0x5c5c5c5c) - 0x01010101;
  return ((quotes | backslashes | (word - 0x20202020) | word) & 0x80808080) === 0;
}

function skipSpace(bytes: Buffer, from: number, to: number): number {
  let at = from;
  while (at < to) {
    const byte = bytes[at]!;
    if (byte > SPACE || (byte !== SPACE && byte !== TAB && byte !== LF && byte !== CR)) break;
    at++;
  }
  return at;
}

/** The last byte of the escape that begins with the backslash at this place. */
function endOfEscape(bytes: Buffer, at: number, to: number): number {
  if (at + 1 >= to) return INVALID;
  const escaped = bytes[at + 1]!;
  if (escaped !== U) return ESCAPED[escaped] === 1 ? at + 1 : INVALID;
  if (at + 5 >= to) return INVALID;
  for (let digit = at + 2; digit <= at + 5; digit++) {
    const byte = bytes[digit]!;
    const letter = byte | 0x20;
    if ((byte < ZERO || byte > ZERO + 9) && (letter < 0x61 || letter > 0x66)) return INVALID;
  }
  return at + 5;
}
