import { OPEN_BRACE, OPEN_BRACKET } from '../../bytes/ascii.js';
import type { JsonValue } from './json-path.js';
import { END, FIRST, type JsonText, NEXT, START } from './json-text.js';

/** A line with more values, or with more bytes between them, is not worth remembering. */
const PLACES_MAX = 4096;
const LITERAL_BYTES_MAX = 64 * 1024;

/** Where a value lies: so far before the place where it begins, or begins to hold any, and so far behind the one where it ends. */
export interface Mark {
  readonly first: number;
  readonly before: number;
  readonly last: number;
  readonly behind: number;
}

/** What a line looks like without its values: places, which any value may take, and the bytes between them. */
export interface Outline {
  /** What comes before each place, and behind the last one. */
  readonly literals: readonly Buffer[];
  /** By place, 1 where a path ended too early: an object or array there could let it go on. */
  readonly scalarOnly: Uint8Array;
  /** Where the values are that were asked for; undefined for one that is missing. */
  readonly marks: readonly (Mark | undefined)[];
}

/**
 * The outline of the line `bytes[from, to)` that was scanned last, and in which the values were found; undefined if none is
 * to be had. Objects are part of it. An array is one place, as it may be of any length, and so is whatever lies too deep,
 * unless a path goes through it.
 */
export function outlineOf(json: JsonText, from: number, to: number, values: readonly JsonValue[]): Outline | undefined {
  const { bytes, nodes } = json;
  const visited = new Set(values.flatMap(({ path }) => path.visited));
  const places = placesOf(json, visited);
  if (places.length > PLACES_MAX) return undefined;

  const literals: Buffer[] = [];
  let at = from;
  for (const node of places) {
    literals.push(bytes.subarray(at, nodes[node + START]));
    at = nodes[node + END]!;
  }
  literals.push(bytes.subarray(at, to));
  if (literals.reduce((sum, { length }) => sum + length, 0) > LITERAL_BYTES_MAX) return undefined;

  const marks = values.map((value) => (value.start < 0 ? undefined : markOf(json, places, value)));
  if (marks.some((mark) => mark !== undefined && mark.last < mark.first)) return undefined;
  return { literals, scalarOnly: Uint8Array.from(places, (node) => Number(visited.has(node))), marks };
}

/** The nodes that are places. They are numbered in the order in which they begin. */
function placesOf({ bytes, nodes }: JsonText, visited: ReadonlySet<number>): number[] {
  const places: number[] = [];
  for (let node = 0; node < nodes[NEXT]!; ) {
    const first = bytes[nodes[node + START]!];
    const next = nodes[node + NEXT]!;
    const isPart =
      first === OPEN_BRACE ? visited.has(node) || next > node + FIRST : first === OPEN_BRACKET && visited.has(node);
    if (!isPart) places.push(node);
    node = isPart ? node + FIRST : next;
  }
  return places;
}

/** Its `last` is less than its `first` if there is no place in the value. */
function markOf({ nodes }: JsonText, places: readonly number[], { start, end }: JsonValue): Mark {
  const first = places.findIndex((node) => nodes[node + START]! >= start);
  const last = places.findLastIndex((node) => nodes[node + END]! <= end);
  if (first < 0 || last < first) return { first, before: 0, last: first - 1, behind: 0 };
  return { first, before: nodes[places[first]! + START]! - start, last, behind: end - nodes[places[last]! + END]! };
}
