import { isUtf8 } from 'node:buffer';
import { OPEN_BRACE, QUOTE } from '../../bytes/ascii.js';
import { type KafkaHeader, parseKafkaHeaders } from '../../bytes/kafka-headers.js';
import { JsonScalars } from './json-scalar.js';
import { END, FIRST, JsonText, jsonProblem, NEXT, START } from './json-text.js';

/** Reads the headers of one record after another, as JSON. */
export class HeadersField {
  /** Where the JSON that was read last is, without space around it. The end is 0 if it holds no header. */
  start = 0;
  end = 0;
  readonly #scalars = new JsonScalars();
  readonly #json = new JsonText(1, this.#scalars);

  /**
   * Reads `bytes[from, to)`; an empty range means no headers. Returns what is wrong, to follow the name of the field.
   */
  read(bytes: Buffer, from: number, to: number): string | undefined {
    this.end = 0;
    if (from === to) return undefined;
    if (!isUtf8(bytes.subarray(from, to))) return 'is not valid UTF-8';
    this.#scalars.use(bytes);
    const isJson = this.#json.scan(from, to);
    if (!isJson || !this.#holdsOnlyStrings(bytes)) {
      const headers = parseHeaders(bytes.toString('utf8', from, to));
      if (typeof headers === 'string') return headers;
      if (headers.length === 0) return undefined;
    }
    this.start = this.#json.nodes[START]!;
    this.end = this.#json.nodes[END]!;
    return undefined;
  }

  /**
   * Whether it is an object of strings, which is always valid. Nearly all are, and JSON.parse takes five times as long.
   */
  #holdsOnlyStrings(bytes: Buffer): boolean {
    const { nodes } = this.#json;
    const next = nodes[NEXT]!;
    if (bytes[nodes[START]!] !== OPEN_BRACE || next === FIRST) return false;
    for (let node = FIRST; node < next; node = nodes[node + NEXT]!) {
      if (bytes[nodes[node + START]!] !== QUOTE) return false;
    }
    return true;
  }
}

function parseHeaders(text: string): readonly KafkaHeader[] | string {
  try {
    return parseKafkaHeaders(JSON.parse(text));
  } catch (error) {
    return `is ${jsonProblem(error)}`;
  }
}
