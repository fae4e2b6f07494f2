import { COMMA, CR, LF, NUL, QUOTE, SPACE } from '../../bytes/ascii.js';
import { bytesBelow, bytesEqual, firstMarked, viewOf } from '../../bytes/words.js';

export type RowFault = 'bare-quote' | 'text-after-quote' | 'open-quote' | 'nul-byte';

/** Instead of the end of a field that goes on behind the bytes that are there. */
const INCOMPLETE = -1;
const PAIR_OF_QUOTES = 0x2222;
const WORD_AND_PAIR_BYTES = 6;
const NOTHING = new Uint8Array(0);

/**
 * Finds the fields of one CSV row (RFC 4180, strict as Go's encoding/csv). One object is used for all rows of a file, and
 * nothing is allocated per row. Fields are byte ranges. Doubled quotes become single ones, in place and in the same pass,
 * which moves the rest of the field forward; a row that turns out not to be complete is put back as it was.
 */
export class CsvRow {
  fields = 0;
  start = new Int32Array(16);
  end = new Int32Array(16);
  /** Where the next row begins. */
  next = 0;
  /** Ends of line inside the row and at its end. */
  lineEnds = 0;
  /** The first thing that is wrong with the row, and the index of its field. */
  fault: RowFault | undefined;
  faultField = 0;
  /** Where the fields ended before their quotes were made single. */
  #writtenEnd = new Int32Array(16);
  #bytes: Uint8Array = NOTHING;
  #view = viewOf(NOTHING);
  /** Where the field ends that `#unquote` was called for. */
  #unquotedEnd = 0;
  readonly #delimiter: number;
  readonly #lineEnd: number;
  /** Commas and LF. */
  readonly #isUsual: boolean;

  /**
   * @param delimiter between the fields: an ASCII character
   * @param lineEnd   LF, or CR for files of old spreadsheets; a CR before a LF is part of the end of line
   */
  constructor(delimiter: number = COMMA, lineEnd: number = LF) {
    this.#delimiter = delimiter;
    this.#lineEnd = lineEnd;
    this.#isUsual = delimiter === COMMA && lineEnd === LF;
  }

  /** What the next rows are in. */
  use(bytes: Uint8Array): void {
    if (bytes === this.#bytes) return;
    this.#bytes = bytes;
    this.#view = viewOf(bytes);
  }

  /**
   * Scans the row that begins at `from`. False: it is not complete in `[from, to)`, or there is none. A broken row ends at
   * its next end of line.
   *
   * @param final nothing follows `to`, so that a row may end there
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

  /** Whether the row is an empty line, given where it began: `""` is a row, nothing at all is not. */
  isBlank(from: number): boolean {
    return this.fields === 1 && this.end[0] === from && this.fault === undefined;
  }

  /** Takes a field without quotes and returns where its delimiter or end of line is. */
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
    // None of them is larger than a comma, almost all text is.
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

  /** The same with another delimiter or end of line: with these as variables, the usual would take 5 % longer. */
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

  /** Takes a field from behind its opening quote and returns where the delimiter or end of line after it is. */
  #quotedField(from: number, to: number, final: boolean): number {
    const at = this.#unquote(from, to);
    const end = this.#unquotedEnd;
    const next = this.#afterQuotes(at, to, final);
    this.#addField(from, end, at);
    return next;
  }

  /** The delimiter or end of line behind a closing quote, given where that is, or should be. */
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
   * Makes doubled quotes single and returns where the closing quote is, or `to`. The hottest loop of reading: bodies are
   * JSON mostly, with a doubled quote every few bytes, so that what lies between two of them is moved as a word.
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
        // Less than a word behind, what lies after the first mark would be written over what is read next.
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
    this.start = doubled(this.start);
    this.end = doubled(this.end);
    this.#writtenEnd = doubled(this.#writtenEnd);
  }
}

function doubled(numbers: Int32Array): Int32Array<ArrayBuffer> {
  const longer = new Int32Array(numbers.length * 2);
  longer.set(numbers);
  return longer;
}
