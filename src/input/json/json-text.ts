import { CLOSE_BRACKET, COLON, COMMA, CR, LF, OPEN_BRACE, OPEN_BRACKET, QUOTE, SPACE, TAB } from '../../bytes/ascii.js';
import { messageOf } from '../../core/errors.js';
import { INVALID, type JsonScalars } from './json-scalar.js';

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

/**
 * Reads JSON text: whether it is valid, as strictly as JSON.parse, and where its values lie, in one pass and without an
 * allocation.
 *
 * Values are nodes, numbered in the order in which they begin; those deeper than what is asked for are only checked.
 */
export class JsonText {
  nodes = new Int32Array(64 * NODE_LENGTH);
  /** How deep the nodes lie that there are: 0 the whole text, 1 its members, and so on. */
  readonly depthMax: number;

  readonly #scalars: JsonScalars;
  /** Where the next node goes. */
  #nextNode = 0;
  /** By depth: the bracket that closes what is open there, and its node. */
  #closing = new Uint8Array(64);
  readonly #open: Int32Array;

  /** @param scalars knows which bytes are read */
  constructor(depthMax: number, scalars: JsonScalars) {
    this.depthMax = depthMax;
    this.#scalars = scalars;
    this.#open = new Int32Array(depthMax + 1);
  }

  get bytes(): Buffer {
    return this.#scalars.bytes;
  }

  /** Whether `bytes[from, to)` is one valid JSON text. */
  scan(from: number, to: number): boolean {
    const { bytes } = this;
    const end = this.endOfValue(skipSpace(bytes, from, to), to);
    return end !== INVALID && skipSpace(bytes, end, to) === to;
  }

  /** Where the value ends that begins at `from`; INVALID if none does. What follows it is not looked at. */
  endOfValue(from: number, to: number): number {
    const scalars = this.#scalars;
    const { bytes } = scalars;
    this.#nextNode = 0;
    let depth = 0;
    let at = from;
    this.#addNode(at, -1, -1, 0);
    for (;;) {
      // A value begins here.
      const byte = at < to ? bytes[at]! : 0;
      if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
        const closing = byte + 2;
        this.#enter(depth++, closing);
        at = skipSpace(bytes, at + 1, to);
        if (at === to || bytes[at] !== closing) {
          at = this.#beginNext(at, to, depth, closing);
          if (at === INVALID) return INVALID;
          continue;
        }
      } else {
        at = scalars.endOf(byte, at, to);
        if (at === INVALID) return INVALID;
        if (depth <= this.depthMax) this.#endLast(at);
        if (depth === 0) return at;
        at = skipSpace(bytes, at, to);
      }
      // A value has ended here, or what is open does.
      while (at < to && bytes[at] === this.#closing[depth - 1]) {
        at++;
        if (--depth <= this.depthMax) this.#leave(depth, at);
        if (depth === 0) return at;
        at = skipSpace(bytes, at, to);
      }
      if (at === to || bytes[at] !== COMMA) return INVALID;
      at = this.#beginNext(skipSpace(bytes, at + 1, to), to, depth, this.#closing[depth - 1]!);
      if (at === INVALID) return INVALID;
    }
  }

  /** Goes to the value of a member or element that begins at `from`, and makes it a node. */
  #beginNext(from: number, to: number, depth: number, closing: number): number {
    const wanted = depth <= this.depthMax;
    if (closing === CLOSE_BRACKET) {
      if (wanted) this.#addNode(from, -1, -1, 0);
      return from;
    }
    const scalars = this.#scalars;
    const { bytes } = scalars;
    if (from >= to || bytes[from] !== QUOTE) return INVALID;
    const nameEnd = scalars.endOfString(from + 1, to);
    if (nameEnd === INVALID) return INVALID;
    const colon = skipSpace(bytes, nameEnd, to);
    if (colon === to || bytes[colon] !== COLON) return INVALID;
    const at = skipSpace(bytes, colon + 1, to);
    if (wanted) this.#addNode(at, from + 1, nameEnd - 1, scalars.escaped ? NAME_ESCAPED : 0);
    return at;
  }

  #enter(depth: number, closing: number): void {
    if (depth <= this.depthMax) this.#open[depth] = this.#nextNode - NODE_LENGTH;
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
    if (this.#scalars.escaped) nodes[next - NODE_LENGTH + ESCAPES]! |= VALUE_ESCAPED;
  }

  #addNode(start: number, nameStart: number, nameEnd: number, escapes: number): void {
    const node = this.#nextNode;
    this.#nextNode = node + NODE_LENGTH;
    if (node === this.nodes.length) this.nodes = longer(this.nodes, Int32Array);
    const { nodes } = this;
    nodes[node + START] = start;
    nodes[node + NAME_START] = nameStart;
    nodes[node + NAME_END] = nameEnd;
    nodes[node + ESCAPES] = escapes;
  }
}

/** Why JSON.parse refused a text, without the text: `invalid JSON: unexpected token 'x'`. */
export function jsonProblem(error: unknown): string {
  const reason = messageOf(error)
    .replace(/, (\.\.\.)?".*$/s, '')
    .replace(/ \(line .*$/, '')
    .replace(/ (in|of) JSON( input)?/, '');
  return `invalid JSON: ${reason.charAt(0).toLowerCase()}${reason.slice(1)}`;
}

function longer<T extends Int32Array | Uint8Array>(numbers: T, make: new (length: number) => T): T {
  const twice = new make(numbers.length * 2);
  twice.set(numbers);
  return twice;
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
