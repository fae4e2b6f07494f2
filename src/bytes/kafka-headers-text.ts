import { NO_VALUE_MARK } from './kafka-headers.js';

/** The headers of a record are no JSON object of strings, numbers, booleans, nulls, and arrays of these. */
export class BadHeadersError extends Error {
  readonly code = 'BadHeaders';
}

/** A header as it is to be sent. */
export interface HeaderText {
  readonly name: string;
  readonly value: string | Uint8Array | null;
}

const SCALAR = /null|true|false|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const SPACE = /[ \t\n\r]*/y;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Reads headers: a JSON object, or a list of pairs, where values are as kafka-headers.ts says; what stands there of a
 * missing value is passed over. Not by JSON.parse: a number is sent as it is written, and a name may come twice.
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
      const name = reader.string();
      reader.expect(',');
      addTo(headers, name, reader);
      reader.expect(']');
    });
    reader.end();
    return headers;
  }
  reader.list('{', '}', () => {
    const name = reader.string();
    reader.expect(':');
    addTo(headers, name, reader);
  });
  reader.end();
  return headers;
}

/** A header of the value that is next, or several of a list of values. */
function addTo(headers: HeaderText[], name: string, reader: Reader): void {
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

  /** The next character but white space; '' at the end. */
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

  /** `{"base64":"…"}` */
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
    throw new BadHeadersError(
      `headers are no JSON object of texts, numbers, booleans and nulls: ${this.#text.slice(0, 80)}`,
    );
  }
}
