import { rangeEquals } from '../../bytes/arrays.js';
import { OPEN_BRACE, OPEN_BRACKET } from '../../bytes/ascii.js';
import {
  END,
  ESCAPES,
  FIRST,
  type JsonText,
  NAME_END,
  NAME_ESCAPED,
  NAME_START,
  NEXT,
  START,
  VALUE_ESCAPED,
} from './json-text.js';

/** One step of a path. */
interface Step {
  /** The names that the next member may have, the best match first. */
  readonly names: readonly Buffer[];
  /** How many of the names are the whole rest of the path: a member with such a name ends it. */
  readonly wholeNames: number;
  /** The step as an index of an array; -1 if it is not a number. */
  readonly index: number;
}

/**
 * A path into JSON text, such as `.a.b.0`: names and array indexes, separated by dots. The first dot is optional. A
 * name with dots in it is found if the rest of the path is exactly that name (`.ts`, `user.id`).
 *
 * It finds a value in the text as it was written. Of members with the same name the last one counts, as for JSON.parse.
 */
export class JsonPath {
  readonly text: string;
  /** How deep the nodes of a JsonText must go. */
  readonly depth: number;
  readonly #steps: readonly Step[];
  /** The node that `#findMember` found. */
  #member = 0;
  /** The nodes that `find` looked into, whether or not it found anything there. */
  readonly visited: number[] = [];

  constructor(text: string) {
    this.text = text;
    const segments = text.replace(/^\./, '').split('.');
    this.depth = segments.length;
    this.#steps = segments.map((segment, at) => {
      const rest = segments.slice(at).join('.');
      const whole = at === 0 && rest !== text ? [text, rest] : [rest];
      const names = segment === rest ? whole : [...whole, segment];
      return {
        names: names.map((name) => Buffer.from(name)),
        wholeNames: whole.length,
        index: /^\d{1,9}$/.test(segment) ? Number(segment) : -1,
      };
    });
  }

  /** Follows the path in the text that was scanned last. Returns the node at its end; -1 if there is none. */
  find(json: JsonText): number {
    this.visited.length = 0;
    let node = 0;
    for (const step of this.#steps) {
      this.visited.push(node);
      const first = json.bytes[json.nodes[node + START]!];
      if (first === OPEN_BRACKET) node = elementOf(json, node, step.index);
      else if (first === OPEN_BRACE) {
        const rank = this.#findMember(json, node, step.names);
        if (rank === step.names.length) return -1;
        node = this.#member;
        if (rank < step.wholeNames) return node;
      } else return -1;
      if (node < 0) return -1;
    }
    return node;
  }

  /** Finds the member with the best of the names, and returns the index of that name; names.length for none. */
  #findMember(json: JsonText, object: number, names: readonly Buffer[]): number {
    const { bytes, nodes } = json;
    const end = nodes[object + NEXT]!;
    let best = names.length;
    for (let node = object + FIRST; node < end; node = nodes[node + NEXT]!) {
      const from = nodes[node + NAME_START]!;
      const to = nodes[node + NAME_END]!;
      const escaped = (nodes[node + ESCAPES]! & NAME_ESCAPED) !== 0;
      for (let rank = 0; rank <= best && rank < names.length; rank++) {
        const name = names[rank]!;
        if (!(escaped ? isEscapedName(bytes, from, to, name) : rangeEquals(bytes, from, to, name))) continue;
        best = rank;
        this.#member = node;
      }
    }
    return best;
  }
}

/** The value at the end of a path, in one line after another. */
export class JsonValue {
  readonly path: JsonPath;
  /** Where the value is, including quotes; -1 if there is none. */
  start = -1;
  end = -1;
  /** Whether a string has escapes. Means nothing for other values. */
  escaped = false;

  constructor(path: JsonPath) {
    this.path = path;
  }

  /** Follows the path in the text that was scanned last, and returns the node at its end. */
  find(json: JsonText): number {
    const node = this.path.find(json);
    const found = node >= 0;
    this.start = found ? json.nodes[node + START]! : -1;
    this.end = found ? json.nodes[node + END]! : -1;
    this.escaped = found && (json.nodes[node + ESCAPES]! & VALUE_ESCAPED) !== 0;
    return node;
  }
}

function elementOf(json: JsonText, array: number, index: number): number {
  if (index < 0) return -1;
  const { nodes } = json;
  const end = nodes[array + NEXT]!;
  let node = array + FIRST;
  for (let left = index; left > 0 && node < end; left--) node = nodes[node + NEXT]!;
  return node < end ? node : -1;
}

function isEscapedName(bytes: Buffer, from: number, to: number, name: Buffer): boolean {
  return JSON.parse(bytes.toString('utf8', from - 1, to + 1)) === name.toString();
}
