import { COMMA, CR, LF, NUL, QUOTE } from './ascii.js';

export type RowFault = 'bare-quote' | 'text-after-quote' | 'open-quote' | 'nul-byte';

/** Instead of the end of a field that goes on behind the bytes that are there. */
const INCOMPLETE = -1;

/**
 * Finds the fields of one CSV row (RFC 4180, strict as Go's encoding/csv). One object is used for all rows of a file, and
 * nothing is allocated per row. Fields are byte ranges; quotes inside them stay doubled until `undouble`.
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
  /** 1 where the field holds doubled quotes. */
  #doubled = new Uint8Array(16);

  /**
   * Scans the row that begins at `from`. False: it is not complete in `bytes[from, to)`, or there is none. A broken row
   * ends at its next end of line.
   *
   * @param final nothing follows `to`, so that a row may end there
   */
  scan(bytes: Uint8Array, from: number, to: number, final: boolean): boolean {
    this.fields = 0;
    this.lineEnds = 0;
    this.fault = undefined;
    if (from === to) return false;
    let at = from;
    for (;;) {
      const quoted = at < to && bytes[at] === QUOTE;
      at = quoted ? this.#quotedField(bytes, at + 1, to, final) : this.#plainField(bytes, at, to, final);
      if (at === INCOMPLETE) return false;
      if (at === to || bytes[at] === LF) break;
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

  /** Turns a field's doubled quotes into single ones, in place. */
  undouble(bytes: Uint8Array, field: number): void {
    if (this.#doubled[field] !== 1) return;
    this.#doubled[field] = 0;
    this.end[field] = undoubleQuotes(bytes, this.start[field]!, this.end[field]!);
  }

  /** Takes a field without quotes and returns where its comma or end of line is. */
  #plainField(bytes: Uint8Array, from: number, to: number, final: boolean): number {
    let at = endOfPlain(bytes, from, to);
    while (at < to && bytes[at] === NUL) {
      this.#setFault('nul-byte');
      at = endOfPlain(bytes, at + 1, to);
    }
    if (at === to && !final) return INCOMPLETE;
    if (at < to && bytes[at] === QUOTE) return this.#brokenField('bare-quote', bytes, at, to, final);
    const atLineEnd = at === to || bytes[at] === LF;
    this.#addField(from, atLineEnd && at > from && bytes[at - 1] === CR ? at - 1 : at, 0);
    return at;
  }

  /** Takes a field from behind its opening quote and returns where the comma or end of line after it is. */
  #quotedField(bytes: Uint8Array, from: number, to: number, final: boolean): number {
    let doubled = 0;
    let at = from;
    for (; at < to; at++) {
      const byte = bytes[at]!;
      if (byte > QUOTE) continue;
      if (byte === QUOTE) {
        if (at + 1 === to || bytes[at + 1] !== QUOTE) break;
        doubled = 1;
        at++;
      } else if (byte === LF) this.lineEnds++;
      else if (byte === NUL) this.#setFault('nul-byte');
    }
    if (at >= to) {
      if (final) this.#setFault('open-quote');
      return final ? to : INCOMPLETE;
    }

    let after = at + 1;
    if (after < to && bytes[after] === CR) after++;
    if (after === to && !final) return INCOMPLETE;
    const closed = after === to || bytes[after] === LF || (bytes[after] === COMMA && after === at + 1);
    if (!closed) return this.#brokenField('text-after-quote', bytes, after, to, final);
    this.#addField(from, at, doubled);
    return after;
  }

  #brokenField(fault: RowFault, bytes: Uint8Array, at: number, to: number, final: boolean): number {
    this.#setFault(fault);
    const lineEnd = bytes.subarray(at, to).indexOf(LF);
    if (lineEnd >= 0) return at + lineEnd;
    return final ? to : INCOMPLETE;
  }

  #setFault(fault: RowFault): void {
    if (this.fault !== undefined) return;
    this.fault = fault;
    this.faultField = this.fields;
  }

  #addField(start: number, end: number, doubled: number): void {
    const field = this.fields++;
    if (field === this.start.length) this.#grow();
    this.start[field] = start;
    this.end[field] = end;
    this.#doubled[field] = doubled;
  }

  #grow(): void {
    const length = this.start.length * 2;
    const { start, end } = this;
    const doubled = this.#doubled;
    this.start = new Int32Array(length);
    this.end = new Int32Array(length);
    this.#doubled = new Uint8Array(length);
    this.start.set(start);
    this.end.set(end);
    this.#doubled.set(doubled);
  }
}

/** The next comma, end of line, quote or NUL: none of them is larger than a comma, almost all text is. */
function endOfPlain(bytes: Uint8Array, from: number, to: number): number {
  for (let at = from; at < to; at++) {
    const byte = bytes[at]!;
    if (byte <= COMMA && (byte === COMMA || byte === LF || byte === QUOTE || byte === NUL)) return at;
  }
  return to;
}

function undoubleQuotes(bytes: Uint8Array, start: number, end: number): number {
  let to = start;
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    bytes[to++] = byte;
    if (byte === QUOTE) at++;
  }
  return to;
}
