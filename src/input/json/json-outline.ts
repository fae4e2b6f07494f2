import { OPEN_BRACE, OPEN_BRACKET } from '../../bytes/ascii.js';
import type { JsonValue } from './json-path.js';
import { END, FIRST, type JsonText, NEXT, START } from './json-text.js';

/** A line with more values, or with more bytes between them, is not worth remembering. */
const SLOTS_MAX = 4096;
const LITERAL_BYTES_MAX = 64 * 1024;

/** Where a value is, by its first and last slot: a value that is part of the outline surrounds slots. */
export interface Mark {
  readonly first: number;
  /** How many bytes before its first slot it begins. */
  readonly before: number;
  readonly last: number;
  /** How many bytes after its last slot it ends. */
  readonly after: number;
}

/** The shape of a line: slots, which any values may fill, and the bytes between them. */
export interface Outline {
  /** The bytes before each slot, and after the last one. */
  readonly literals: readonly Buffer[];
  /** By slot, 1 if a path ended there too early: it could continue in an object or array. */
  readonly scalarOnly: Uint8Array;
  /** Where the requested values are; undefined for a missing one. */
  readonly marks: readonly (Mark | undefined)[];
}

/**
 * The outline of the line `bytes[from, to)`, which was scanned last, and in which the values were found; undefined if
 * the line has none that helps. Objects are part of it. An array is one slot, because its length varies, and so is any
 * value that is too deep, unless a path goes through it.
 */
export function outlineOf(json: JsonText, from: number, to: number, values: readonly JsonValue[]): Outline | undefined {
  const { bytes, nodes } = json;
  const visited = new Set(values.flatMap(({ path }) => path.visited));
  const slots = slotsOf(json, visited);
  if (slots.length > SLOTS_MAX) return undefined;

  const literals: Buffer[] = [];
  let at = from;
  for (const node of slots) {
    literals.push(bytes.subarray(at, nodes[node + START]));
    at = nodes[node + END]!;
  }
  literals.push(bytes.subarray(at, to));
  if (literals.reduce((sum, { length }) => sum + length, 0) > LITERAL_BYTES_MAX) return undefined;

  const marks = values.map((value) => (value.start < 0 ? undefined : markOf(json, slots, value)));
  if (marks.some((mark) => mark !== undefined && mark.last < mark.first)) return undefined;
  return { literals, scalarOnly: Uint8Array.from(slots, (node) => Number(visited.has(node))), marks };
}

/** The nodes that are slots, in the order in which they begin. */
function slotsOf({ bytes, nodes }: JsonText, visited: ReadonlySet<number>): number[] {
  const slots: number[] = [];
  for (let node = 0; node < nodes[NEXT]!; ) {
    const first = bytes[nodes[node + START]!];
    const next = nodes[node + NEXT]!;
    const isPart =
      first === OPEN_BRACE ? visited.has(node) || next > node + FIRST : first === OPEN_BRACKET && visited.has(node);
    if (!isPart) slots.push(node);
    node = isPart ? node + FIRST : next;
  }
  return slots;
}

/** Its `last` is less than its `first` if there is no slot in the value. */
function markOf({ nodes }: JsonText, slots: readonly number[], { start, end }: JsonValue): Mark {
  const first = slots.findIndex((node) => nodes[node + START]! >= start);
  const last = slots.findLastIndex((node) => nodes[node + END]! <= end);
  if (first < 0 || last < first) return { first, before: 0, last: first - 1, after: 0 };
  return { first, before: nodes[slots[first]! + START]! - start, last, after: end - nodes[slots[last]! + END]! };
}
