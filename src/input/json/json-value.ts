import type { JsonPath } from './json-path.js';
import { END, ESCAPES, type JsonText, START, VALUE_ESCAPED } from './json-text.js';

/** The value that a path leads to, in one line after the other. */
export class JsonValue {
  readonly path: JsonPath;
  /** Where it lies, quotes included; -1 where there is none. */
  start = -1;
  end = -1;
  /** Whether it holds an escape, if it is a string: of anything else, this says nothing. */
  escaped = false;

  constructor(path: JsonPath) {
    this.path = path;
  }

  /** Follows the path in the text that was scanned last, and returns the node that it leads to. */
  find(json: JsonText): number {
    const node = this.path.find(json);
    const found = node >= 0;
    this.start = found ? json.nodes[node + START]! : -1;
    this.end = found ? json.nodes[node + END]! : -1;
    this.escaped = found && (json.nodes[node + ESCAPES]! & VALUE_ESCAPED) !== 0;
    return node;
  }
}
