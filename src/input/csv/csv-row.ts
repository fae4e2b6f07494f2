import { grown } from '../../bytes/arrays.js';
import { COMMA, CR, LF, NUL, QUOTE, SPACE } from '../../bytes/ascii.js';
import { bytesBelow, bytesEqual, firstMarked, viewOf } from '../../bytes/words.js';

export type RowFault = 'bare-quote' | 'text-after-quote' | 'open-quote' | 'nul-byte';

/** Stands for the end of a field that continues after the available bytes. */
const INCOMPLETE = -1;
const PAIR_OF_QUOTES = 0x2222;
const WORD_AND_PAIR_BYTES = 6;
const NOTHING = new Uint8Array(0);

/**
 * Finds the fields of one CSV row (RFC 4180, as strict as Go's encoding/csv). One object is used for all rows of a
 * file, and nothing is allocated per row. Fields are byte ranges. Doubled quotes become single ones in place and in the
 * same pass, which moves the rest of the field forward. An incomplete row is put back as it was.
 */
export class CsvRow {
  fields = 0;
  start = new Int32Array(16);
  end = new Int32Array(16);
  /** Where the next row begins. */
  next = 0;
  /** How many ends of line the row has, inside and at its end. */
  lineEnds = 0;
  /** The first fault of the row, and the index of its field. */
  fault: RowFault | undefined;
  faultField = 0;
  /** Where the fields ended before their doubled quotes became single ones. */
  #writtenEnd = new Int32Array(16);
  #bytes: Uint8Array = NOTHING;
  #view = viewOf(NOTHING);
  /** Where the field that `#unquote` was called for ends. */
  #unquotedEnd = 0;
  readonly #delimiter: number;
  readonly #lineEnd: number;
  /** Whether fields end in commas, and rows in LF. */
  readonly #isUsual: boolean;

  /**
   * @param delimiter between fields: an ASCII character
   * @param lineEnd   LF, or CR in files of old spreadsheets; a CR before a LF belongs to the end of line
   */
  constructor(delimiter: number = COMMA, lineEnd: number = LF) {
    this.#delimiter = delimiter;
    this.#lineEnd = lineEnd;
    this.#isUsual = delimiter === COMMA && lineEnd === LF;
  }

  /** Sets the bytes of the next rows. */
  use(bytes: Uint8Array): void {
    if (bytes === this.#bytes) return;
    this.#bytes = bytes;
    this.#view = viewOf(bytes);
  }

  /**
   * Scans the row that begins at `from`; false if it is missing, or incomplete in `[from, to)`. A faulty row ends at
   * the next end of line.
   *
   * @param final nothing follows `to`, so a row may end there
   */
  scan(from: number, to: number, final: boolean): boolean {
    this.fields = 0;
    this.lineEnds = 0;
    this.fault = undefined;
    if (from === to) return false;
    const bytes = this.#bytes;
    let at = from;
    for (;;) {
      const quoted = at < to && bytes[at] === QUOTE;
      at = quoted ? this.#quotedField(at + 1, to, final) : this.#plainField(at, to, final);
      if (at === INCOMPLETE) {
        for (let field = 0; field < this.fields; field++) this.#putBack(field);
        return false;
      }
      if (at === to || bytes[at] === this.#lineEnd) break;
      at++;
    }
    this.next = at;
    if (at < to) {
      this.next++;
      this.lineEnds++;
    }
    return true;
  }

  /** Whether the row that began at `from` is an empty line. A row `""` is not. */
  isBlank(from: number): boolean {
    return this.fields === 1 && this.end[0] === from && this.fault === undefined;
  }

  /** Adds a field without quotes, and returns where its delimiter or end of line is. */
  #plainField(from: number, to: number, final: boolean): number {
    const bytes = this.#bytes;
    let at = this.#endOfPlain(from, to);
    while (at < to && bytes[at] === NUL) {
      this.#setFault('nul-byte');
      at = this.#endOfPlain(at + 1, to);
    }
    if (at === to && !final) return INCOMPLETE;
    if (at < to && bytes[at] === QUOTE) return this.#brokenField('bare-quote', at, to, final);
    const atLineEnd = at === to || bytes[at] === this.#lineEnd;
    const end = atLineEnd && at > from && bytes[at - 1] === CR ? at - 1 : at;
    this.#addField(from, end, end);
    return at;
  }

  /** The next delimiter, end of line, quote or NUL. */
  #endOfPlain(from: number, to: number): number {
    if (!this.#isUsual) return this.#endOfUnusual(from, to);
    const bytes = this.#bytes;
    const view = this.#view;
    const lastWord = to - 4;
    // All of them are at most a comma, and almost all text is above it.
    for (let at = from; at < to; at++) {
      while (at <= lastWord) {
        const marks = bytesBelow(view.getInt32(at, true), COMMA + 1);
        if (marks !== 0) {
          at += firstMarked(marks);
          break;
        }
        at += 4;
      }
      if (at === to) break;
      const byte = bytes[at]!;
      if (byte <= COMMA && (byte === COMMA || byte === LF || byte === QUOTE || byte === NUL)) return at;
    }
    return to;
  }

  /** The same for other delimiters and ends of line. Variables for these would make the usual case 5 % slower. */
  #endOfUnusual(from: number, to: number): number {
    const bytes = this.#bytes;
    const view = this.#view;
    const lastWord = to - 4;
    const delimiter = this.#delimiter;
    const lineEnd = this.#lineEnd;
    for (let at = from; at < to; at++) {
      while (at <= lastWord) {
        const word = view.getInt32(at, true);
        const marks = bytesBelow(word, QUOTE + 1) | bytesEqual(word, delimiter);
        if (marks !== 0) {
          at += firstMarked(marks);
          break;
        }
        at += 4;
      }
      if (at === to) break;
      const byte = bytes[at]!;
      if (byte === delimiter || (byte <= QUOTE && (byte === lineEnd || byte === QUOTE || byte === NUL))) return at;
    }
    return to;
  }

  /** Adds a field, from after its opening quote, and returns where the delimiter or end of line after it is. */
  #quotedField(from: number, to: number, final: boolean): number {
    const at = this.#unquote(from, to);
    const end = this.#unquotedEnd;
    const next = this.#afterQuotes(at, to, final);
    this.#addField(from, end, at);
    return next;
  }

  /** Where the delimiter or end of line after a closing quote is, given where that quote is, or should be. */
  #afterQuotes(quote: number, to: number, final: boolean): number {
    if (quote === to) {
      if (final) this.#setFault('open-quote');
      return final ? to : INCOMPLETE;
    }
    const bytes = this.#bytes;
    let at = quote + 1;
    if (at < to && bytes[at] === CR && this.#lineEnd !== CR) at++;
    if (at === to && !final) return INCOMPLETE;
    const closed = at === to || bytes[at] === this.#lineEnd || (bytes[at] === this.#delimiter && at === quote + 1);
    return closed ? at : this.#brokenField('text-after-quote', at, to, final);
  }

  /**
   * Makes doubled quotes single, and returns where the closing quote is, or `to`. The hottest loop of reading. Data is
   * mostly JSON, with a doubled quote every few bytes, so the bytes between two quotes are moved as a word.
   */
  #unquote(from: number, to: number): number {
    const bytes = this.#bytes;
    const view = this.#view;
    const lastWord = to - WORD_AND_PAIR_BYTES;
    const lineEnd = this.#lineEnd;
    let at = from;
    let out = from;
    while (at < to) {
      if (at <= lastWord) {
        const word = view.getInt32(at, true);
        const marks = bytesEqual(word, QUOTE) | bytesBelow(word, SPACE);
        if (marks === 0) {
          view.setInt32(out, word, true);
          at += 4;
          out += 4;
          continue;
        }
        const clean = firstMarked(marks);
        // With less than a word between them, bytes after the first mark would overwrite those that are read next.
        if (at - out >= 4) view.setInt32(out, word, true);
        else for (let byte = 0; byte <= clean; byte++) bytes[out + byte] = bytes[at + byte]!;
        at += clean;
        out += clean;
        if (view.getUint16(at, true) === PAIR_OF_QUOTES) {
          at += 2;
          out++;
          continue;
        }
      }
      const byte = bytes[at]!;
      bytes[out] = byte;
      if (byte <= QUOTE) {
        if (byte === QUOTE) {
          if (at + 1 === to || bytes[at + 1] !== QUOTE) break;
          at++;
        } else if (byte === lineEnd) this.lineEnds++;
        else if (byte === NUL) this.#setFault('nul-byte');
      }
      out++;
      at++;
    }
    this.#unquotedEnd = out;
    return at;
  }

  /** Doubles the quotes of a field again. */
  #putBack(field: number): void {
    const bytes = this.#bytes;
    let to = this.#writtenEnd[field]!;
    for (let at = this.end[field]! - 1; to > at + 1; ) {
      const byte = bytes[at--]!;
      bytes[--to] = byte;
      if (byte === QUOTE) bytes[--to] = QUOTE;
    }
  }

  #brokenField(fault: RowFault, at: number, to: number, final: boolean): number {
    this.#setFault(fault);
    const lineEnd = this.#bytes.subarray(at, to).indexOf(this.#lineEnd);
    if (lineEnd >= 0) return at + lineEnd;
    return final ? to : INCOMPLETE;
  }

  #setFault(fault: RowFault): void {
    if (this.fault !== undefined) return;
    this.fault = fault;
    this.faultField = this.fields;
  }

  #addField(start: number, end: number, writtenEnd: number): void {
    const field = this.fields++;
    if (field === this.start.length) this.#grow();
    this.start[field] = start;
    this.end[field] = end;
    this.#writtenEnd[field] = writtenEnd;
  }

  #grow(): void {
    this.start = grown(this.start);
    this.end = grown(this.end);
    this.#writtenEnd = grown(this.#writtenEnd);
  }
}
