import { BACKSLASH, CLOSE_BRACE, CLOSE_BRACKET, LF, OPEN_BRACE, OPEN_BRACKET, QUOTE } from '../bytes/ascii.js';

/** Finds the end of a record that is too large for memory, piece by piece. */
export class RecordSkipper {
  /** Ends of line so far. */
  lines = 0;
  readonly #kind: 'line' | 'row' | 'value';
  readonly #lineEnd: number;
  #inQuotes = false;
  #isEscaped = false;
  #depth = 0;

  /**
   * @param kind    a line of text, a row of CSV, which ends outside of quotes, or a JSON value, which ends at its
   * closing bracket or quote
   * @param lineEnd of the file
   */
  constructor(kind: 'line' | 'row' | 'value', lineEnd: number = LF) {
    this.#kind = kind;
    this.#lineEnd = lineEnd;
  }

  /** Where the record ends, after its last byte; -1 if it continues after `to`. */
  skip(bytes: Uint8Array, from: number, to: number): number {
    for (let at = from; at < to; at++) {
      const byte = bytes[at]!;
      if (byte === this.#lineEnd) this.lines++;
      if (this.#kind === 'value' ? this.#endsValue(byte) : this.#endsRow(byte)) return at + 1;
    }
    return -1;
  }

  #endsRow(byte: number): boolean {
    // A doubled quote toggles twice.
    if (byte === QUOTE && this.#kind === 'row') this.#inQuotes = !this.#inQuotes;
    return byte === this.#lineEnd && !this.#inQuotes;
  }

  #endsValue(byte: number): boolean {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (byte === BACKSLASH) this.#isEscaped = this.#inQuotes;
    else if (byte === QUOTE) {
      this.#inQuotes = !this.#inQuotes;
      return !this.#inQuotes && this.#depth === 0;
    } else if (this.#inQuotes) return false;
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) this.#depth++;
    else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) return --this.#depth === 0;
    return false;
  }
}
