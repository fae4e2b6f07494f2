import {
  BACKSLASH,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  CR,
  LF,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
  SPACE,
  TAB,
} from '../../bytes/ascii.js';
import type { RecordBlock } from '../../core/record.js';
import type { FileReading } from '../../core/report.js';
import { afterMark, MARK_FIRST } from '../bytes/file-start.js';
import { CALL_MARKS } from '../captures/recorded-call.js';
import type { LineFormat, Spare } from '../line-parser.js';
import type { RecordParser } from '../record-parser.js';
import { RecordSkipper } from '../record-skipper.js';

/** The beginning of AWS's envelopes: files of CloudTrail, events of Lambda, the output of `aws kinesis get-records`. */
const ENVELOPE = /^\{\s*"Records"\s*:\s*\[/;
const ENVELOPE_BYTES_MAX = 256;

/** Between values, in an array of records, in that of an envelope, or after it. */
type State = 'between' | 'array' | 'envelope' | 'after';

/**
 * Reads JSON values, over any number of lines, with or without space between them. Each value is a record, and so is
 * each element of an array, and of the Records of an envelope.
 *
 * Values are found by their brackets and quotes alone, so a value that is not valid JSON is one bad record.
 */
export class JsonDocuments implements RecordParser {
  line = 1;
  records = 0;
  readonly reading: Omit<FileReading, 'file'>;
  readonly #format: LineFormat;
  #state: State = 'between';
  /** Whether a comma must come before the next element. */
  #needsComma = false;

  constructor(format: LineFormat) {
    this.#format = format;
    const data = format.reading.data === 'the whole line' ? 'each value' : format.reading.data;
    this.reading = { ...format.reading, format: 'json', data, header: null, delimiter: null, repeatedHeaders: 0 };
  }

  parse(bytes: Buffer, from: number, to: number, final: boolean, block: RecordBlock): number {
    const spare: Spare = { at: to };
    let at = this.#skipSpace(bytes, from, to, final);
    while (at < to && !block.full) {
      const next = this.#step(bytes, at, to, final, block, spare);
      if (next < 0) return at;
      at = this.#skipSpace(bytes, next, to, final);
    }
    return at;
  }

  skipRecord(): RecordSkipper {
    this.records++;
    this.#needsComma = this.#state === 'array' || this.#state === 'envelope';
    return new RecordSkipper('value');
  }

  emptyReason(): string {
    return 'holds no JSON value that could be a record';
  }

  /** Reads what begins at `at`, and returns where it ends; -1 if it is incomplete. */
  #step(bytes: Buffer, at: number, to: number, final: boolean, block: RecordBlock, spare: Spare): number {
    const byte = bytes[at]!;
    switch (this.#state) {
      case 'between':
        if (byte === OPEN_BRACKET) return this.#enter('array', at + 1);
        if (byte === OPEN_BRACE) {
          const head = bytes.toString('latin1', at, Math.min(to, at + ENVELOPE_BYTES_MAX));
          const envelope = ENVELOPE.exec(head)?.[0];
          if (envelope !== undefined) {
            this.#countLines(bytes, at, at + envelope.length);
            return this.#enter('envelope', at + envelope.length);
          }
          if (!final && /^\{\s*("[Records"]*\s*(:\s*)?)?$/.test(head)) return -1;
        }
        return this.#takeValue(bytes, at, to, final, block, spare);
      case 'array':
      case 'envelope':
        if (byte === CLOSE_BRACKET) {
          this.#state = this.#state === 'array' ? 'between' : 'after';
          return at + 1;
        }
        if (this.#needsComma && byte === COMMA) {
          this.#needsComma = false;
          return at + 1;
        }
        if (this.#needsComma) {
          this.#addBad(block, 'invalid JSON: a comma is missing between two elements of an array');
          this.#needsComma = false;
          return at;
        }
        this.#needsComma = true;
        return this.#takeValue(bytes, at, to, final, block, spare);
      case 'after':
        if (byte === CLOSE_BRACE) this.#state = 'between';
        if (byte === CLOSE_BRACE || byte === COMMA || byte === COLON) return at + 1;
        return this.#skipValue(bytes, at, to, final);
    }
  }

  #enter(state: State, at: number): number {
    this.#state = state;
    this.#needsComma = false;
    return at;
  }

  #takeValue(bytes: Buffer, at: number, to: number, final: boolean, block: RecordBlock, spare: Spare): number {
    const end = endOfValue(bytes, at, to, final);
    if (end < 0) {
      this.#needsComma = false;
      return -1;
    }
    this.records++;
    const { line } = this;
    // Adding the value may change its bytes.
    this.#countLines(bytes, at, end);
    const problem = this.#format.addLine(bytes, at, end, line, block, spare);
    if (problem !== undefined) block.addBad(line, problem);
    return end;
  }

  #skipValue(bytes: Buffer, at: number, to: number, final: boolean): number {
    const end = endOfValue(bytes, at, to, final);
    if (end >= 0) this.#countLines(bytes, at, end);
    return end;
  }

  #addBad(block: RecordBlock, reason: string): void {
    this.records++;
    block.addBad(this.line, reason);
  }

  #skipSpace(bytes: Buffer, from: number, to: number, final: boolean): number {
    let at = from;
    while (at < to) {
      const byte = bytes[at]!;
      if (byte === LF) this.line++;
      else if (byte === MARK_FIRST) {
        const after = afterMark(bytes, at, to, final);
        if (after <= at) break;
        at = after;
        continue;
      } else if (byte !== SPACE && byte !== TAB && byte !== CR) break;
      at++;
    }
    return at;
  }

  #countLines(bytes: Buffer, from: number, to: number): void {
    for (let at = bytes.indexOf(LF, from); at >= 0 && at < to; at = bytes.indexOf(LF, at + 1)) this.line++;
  }
}

/** Where the value at `from` ends, valid or not: at least a byte later; -1 if it does not end before `to`. */
function endOfValue(bytes: Uint8Array, from: number, to: number, final: boolean): number {
  const first = bytes[from]!;
  const unclosed = final ? to : -1;
  if (first === QUOTE) {
    const end = endOfString(bytes, from + 1, to);
    return end < 0 ? unclosed : end;
  }
  if (first !== OPEN_BRACE && first !== OPEN_BRACKET) return endOfScalar(bytes, from, to, final);
  let depth = 0;
  for (let at = from; at < to; at++) {
    const byte = bytes[at]!;
    if (byte === QUOTE) {
      const end = endOfString(bytes, at + 1, to);
      if (end < 0) return unclosed;
      at = end - 1;
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth++;
    else if ((byte === CLOSE_BRACE || byte === CLOSE_BRACKET) && --depth === 0) return at + 1;
  }
  return unclosed;
}

/** Where the string ends, after its closing quote; -1 if there is none. */
function endOfString(bytes: Uint8Array, from: number, to: number): number {
  for (let at = from; at < to; at++) {
    if (bytes[at] === QUOTE) return at + 1;
    if (bytes[at] === BACKSLASH) at++;
  }
  return -1;
}

/** Where a number, a word or anything else ends. */
function endOfScalar(bytes: Uint8Array, from: number, to: number, final: boolean): number {
  for (let at = from + 1; at < to; at++) {
    const byte = bytes[at]!;
    const ends = byte <= SPACE || byte === COMMA || byte === CLOSE_BRACKET || byte === CLOSE_BRACE;
    if (ends || byte === OPEN_BRACE || byte === OPEN_BRACKET || byte === QUOTE) return at;
  }
  return final ? to : -1;
}

/**
 * Whether a file holds JSON values other than one a line: its first line is not a whole value, or is the only line, and
 * holds an array or an envelope.
 *
 * @param head   the beginning of the file
 * @param isLone nothing follows the first line
 */
export function isJsonDocuments(head: Buffer, firstLine: string, isLone: boolean): boolean {
  const line = firstLine.trim();
  const isArray = line.startsWith('[');
  if (!isArray && !line.startsWith('{')) return false;
  const isEnvelope = ENVELOPE.test(line);
  // A whole recorded call is one record, for --unwrap to split.
  if (isJson(line)) return isLone && (isArray || (isEnvelope && !isCall(line)));
  if (isEnvelope || line === '[' || line === '{') return true;
  const start = head.indexOf(isArray ? '[' : '{') + (isArray ? 1 : 0);
  let at = start;
  while (at < head.length && head[at]! <= SPACE) at++;
  const end = at < head.length ? endOfValue(head, at, head.length, false) : -1;
  return end >= 0 && isJson(head.toString('utf8', at, end));
}

function isCall(line: string): boolean {
  const body: unknown = JSON.parse(line);
  return typeof body === 'object' && body !== null && CALL_MARKS.some((mark) => mark in body);
}

export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
