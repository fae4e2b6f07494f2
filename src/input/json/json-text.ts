import { grown } from '../../bytes/arrays.js';
import { CLOSE_BRACKET, COLON, COMMA, CR, LF, OPEN_BRACE, OPEN_BRACKET, QUOTE, SPACE, TAB } from '../../bytes/ascii.js';
import { messageOf } from '../../core/errors.js';
import { INVALID, type JsonScalars } from './json-scalar.js';

/** How many numbers of `nodes` a node has. They begin at the node's own number. */
const NODE_LENGTH = 8;
/** Where a node's value is, including quotes. */
export const START = 0;
export const END = 1;
/** The node after it and after all that it contains. */
export const NEXT = 2;
/** Where its member's name is, without quotes; -1 in an array. */
export const NAME_START = 3;
export const NAME_END = 4;
/** NAME_ESCAPED if the name has escapes, and VALUE_ESCAPED if the value is a string that has escapes. */
export const ESCAPES = 5;
export const NAME_ESCAPED = 1;
export const VALUE_ESCAPED = 2;
/** The first node is the whole text. The first node inside a node begins this far after it. */
export const FIRST = NODE_LENGTH;

/**
 * Checks JSON text as strictly as JSON.parse, and finds its values, in one pass and without allocations.
 *
 * Values are nodes, numbered in the order in which they begin. Values deeper than `depthMax` are only checked.
 */
export class JsonText {
  nodes = new Int32Array(64 * NODE_LENGTH);
  /** How deep nodes go: 0 is the whole text, 1 its members, and so on. */
  readonly depthMax: number;

  readonly #scalars: JsonScalars;
  /** Where the next node goes. */
  #nextNode = 0;
  /** By depth: the closing bracket of the open value, and its node. */
  #closing = new Uint8Array(64);
  readonly #open: Int32Array;

  /** @param scalars holds the bytes to read */
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

  /** Where the value at `from` ends; INVALID if there is none. Ignores what follows it. */
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
      // A value has ended here. Open values may end, too.
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

  /** Adds a node for the member or element at `from`, and returns where its value begins. */
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
    if (depth === this.#closing.length) this.#closing = grown(this.#closing);
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
    if (node === this.nodes.length) this.nodes = grown(this.nodes);
    const { nodes } = this;
    nodes[node + START] = start;
    nodes[node + NAME_START] = nameStart;
    nodes[node + NAME_END] = nameEnd;
    nodes[node + ESCAPES] = escapes;
  }
}

/** Why JSON.parse refused a text, without quoting it: `invalid JSON: unexpected token 'x'`. */
export function jsonProblem(error: unknown): string {
  const reason = messageOf(error)
    .replace(/, (\.\.\.)?".*$/s, '')
    .replace(/ \(line .*$/, '')
    .replace(/ (in|of) JSON( input)?/, '');
  return `invalid JSON: ${reason.charAt(0).toLowerCase()}${reason.slice(1)}`;
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
