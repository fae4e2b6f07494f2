import { NO_VALUE_MARK } from './kafka-headers.js';

/** Parses the JSON of Kafka headers. */

/** Thrown if a record's headers are not a JSON object of strings, numbers, booleans, nulls, and arrays of these. */
export class BadHeadersError extends Error {
  readonly code = 'BadHeaders';
}

/** A header to send. */
export interface HeaderText {
  readonly name: string;
  readonly value: string | Uint8Array | null;
}

const SCALAR = /null|true|false|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const SPACE = /[ \t\n\r]*/y;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Parses Kafka headers from a JSON object or a list of pairs (see KafkaHeadersJson), and ignores a NO_VALUE_MARK before
 * them. Does not use JSON.parse, because numbers are sent as they are written and a name may appear twice.
 *
 * @throws BadHeadersError
 */
export function headersIn(text: string): HeaderText[] {
  const json = text.startsWith(NO_VALUE_MARK) ? text.slice(NO_VALUE_MARK.length) : text;
  const headers: HeaderText[] = [];
  if (json === '') return headers;
  const reader = new Reader(json);
  if (reader.peek() === '[') {
    reader.list('[', ']', () => {
      reader.expect('[');
      addTo(headers, reader, ',');
      reader.expect(']');
    });
  } else {
    reader.list('{', '}', () => addTo(headers, reader, ':'));
  }
  reader.end();
  return headers;
}

/** Adds a header with the next name and value, or one header for each value of an array. */
function addTo(headers: HeaderText[], reader: Reader, separator: string): void {
  const name = reader.string();
  reader.expect(separator);
  const add = () => headers.push({ name, value: reader.value() });
  if (reader.peek() === '[') reader.list('[', ']', add);
  else add();
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Returns the next character after white space, or '' at the end. */
  peek(): string {
    SPACE.lastIndex = this.#at;
    SPACE.test(this.#text);
    this.#at = SPACE.lastIndex;
    return this.#text.charAt(this.#at);
  }

  expect(character: string): void {
    if (this.peek() !== character) this.#fail();
    this.#at++;
  }

  list(open: string, close: string, item: () => void): void {
    this.expect(open);
    if (this.peek() !== close) {
      item();
      while (this.peek() === ',') {
        this.#at++;
        item();
      }
    }
    this.expect(close);
  }

  value(): string | Uint8Array | null {
    if (this.peek() === '"') return this.string();
    if (this.peek() === '{') return this.#base64();
    SCALAR.lastIndex = this.#at;
    const scalar = SCALAR.exec(this.#text)?.[0];
    if (scalar === undefined) this.#fail();
    this.#at += scalar.length;
    return scalar === 'null' ? null : scalar;
  }

  /** Reads `{"base64":"…"}`. */
  #base64(): Uint8Array {
    this.expect('{');
    if (this.string() !== 'base64') this.#fail();
    this.expect(':');
    const bytes = Buffer.from(this.string(), 'base64');
    this.expect('}');
    return bytes;
  }

  string(): string {
    this.expect('"');
    const start = this.#at - 1;
    let end = this.#at;
    for (; this.#text.charCodeAt(end) !== QUOTE; end++) {
      if (this.#text.charCodeAt(end) === BACKSLASH) end++;
      if (end >= this.#text.length) this.#fail();
    }
    this.#at = end + 1;
    try {
      return JSON.parse(this.#text.slice(start, this.#at));
    } catch {
      this.#fail();
    }
  }

  end(): void {
    if (this.peek() !== '') this.#fail();
  }

  #fail(): never {
    const what = 'headers are not a JSON object of strings, numbers, booleans and nulls';
    throw new BadHeadersError(`${what}: ${this.#text.slice(0, 80)}`);
  }
}
