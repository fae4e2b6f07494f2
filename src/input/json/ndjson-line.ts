import { MINUS, OPEN_BRACE, OPEN_BRACKET, QUOTE } from '../../bytes/ascii.js';
import { TimeZone } from '../../bytes/time-zone.js';
import { parseTimestamp, type TimestampFormat, timestampProblem } from '../../bytes/timestamp.js';
import { hashKeyDigits } from '../../core/hash-key.js';
import { NULL_KEY, type RecordBlock, type RecordTraits } from '../../core/record.js';
import type { InputOptions } from '../input-options.js';
import type { LineFormat, Spare } from '../line-parser.js';
import { hashKeyProblem, keyProblem } from '../partition-key.js';
import { HeadersField } from './headers-field.js';
import { JsonLine } from './json-line.js';
import { JsonPath, JsonValue } from './json-path.js';
import { unescapeJson } from './json-string.js';
import { jsonProblem } from './json-text.js';

/** Where the bytes of a key are; NULL_KEY if there is no key. */
interface Range {
  start: number;
  end: number;
}

/**
 * One JSON value a line. The data is the line as it stands, or the value of the field that is named: the text of a
 * string, without quotes and escapes, and any other value as it is written.
 */
export class NdjsonLine implements LineFormat {
  readonly reading: LineFormat['reading'];
  readonly #data: JsonValue | undefined;
  readonly #timestamp: JsonValue | undefined;
  readonly #partitionKey: JsonValue | undefined;
  readonly #timestampFormat: TimestampFormat;
  readonly #zone: TimeZone | undefined;
  readonly #explicitHashKey: JsonValue | undefined;
  readonly #headers: JsonValue | undefined;
  readonly #needsTimestamp: boolean;
  readonly #keys: RecordTraits['keys'];
  readonly #key: Range = { start: -1, end: -1 };
  readonly #hashKey: Range = { start: -1, end: -1 };
  readonly #headersText: Range = { start: -1, end: -1 };
  readonly #headersField = new HeadersField();
  readonly #line: JsonLine;

  constructor(options: InputOptions) {
    const { dataField = 'the whole line', timestampField = null, partitionKeyField = null } = options;
    this.reading = { format: 'ndjson', data: dataField, time: timestampField, key: partitionKeyField };
    this.#data = valueAt(options.dataField);
    this.#timestamp = valueAt(options.timestampField);
    this.#partitionKey = valueAt(options.partitionKeyField);
    this.#timestampFormat = options.timestampFormat ?? 'auto';
    this.#zone = options.timestampZone === undefined ? undefined : new TimeZone(options.timestampZone);
    this.#explicitHashKey = valueAt(options.explicitHashKeyField);
    this.#headers = valueAt(options.headersField);
    this.#needsTimestamp = options.needsTimestamp;
    this.#keys = options.traits.keys;
    const values = [this.#data, this.#timestamp, this.#partitionKey, this.#explicitHashKey, this.#headers];
    this.#line = new JsonLine(values.filter((value) => value !== undefined));
  }

  endOfLine(bytes: Buffer, from: number, to: number): number {
    return this.#line.match(bytes, from, to);
  }

  addLine(bytes: Buffer, from: number, to: number, line: number, block: RecordBlock, spare: Spare): string | undefined {
    if (!this.#line.scan(bytes, from, to)) return invalidJson(bytes, from, to);
    const recordedAtMs =
      this.#timestamp === undefined
        ? Number.NaN
        : readTimestamp(bytes, this.#timestamp, this.#timestampFormat, this.#zone);
    if (this.#needsTimestamp && Number.isNaN(recordedAtMs)) {
      return explainTimestamp(bytes, this.#timestamp, this.#timestampFormat);
    }
    if (this.#partitionKey !== undefined) {
      const problem = this.#readKey(bytes, this.#partitionKey, spare);
      if (problem !== undefined) return `partition key at '${this.#partitionKey.path.text}' ${problem}`;
    }
    if (this.#explicitHashKey !== undefined) {
      const problem = this.#readHashKey(bytes, this.#explicitHashKey);
      if (problem !== undefined) return problem;
    }
    if (this.#headers !== undefined) {
      const problem = this.#readHeaders(bytes, this.#headers, spare);
      if (problem !== undefined) return `the value at '${this.#headers.path.text}' ${problem}`;
    }

    // The data comes last: unescaping it changes the line.
    let start = from;
    let end = to;
    if (this.#data !== undefined) {
      start = this.#data.start;
      end = this.#data.end;
      if (start < 0) return `data at '${this.#data.path.text}' is missing`;
      if (bytes[start] === QUOTE) {
        start++;
        end--;
        if (this.#data.escaped) end = unescapeJson(bytes, start, end);
      }
    }
    block.add(start, end, recordedAtMs, line);
    if (this.#partitionKey !== undefined) block.setKey(this.#key.start, this.#key.end);
    if (this.#explicitHashKey !== undefined) block.setAttributes(this.#hashKey.start, this.#hashKey.end);
    if (this.#headersField.end > 0) block.setAttributes(this.#headersField.start, this.#headersField.end);
    return undefined;
  }

  /**
   * Finds the digits of the hash key, in a string or a number, for `this.#hashKey`, or returns what is wrong with it.
   */
  #readHashKey(bytes: Buffer, { path, start, end }: JsonValue): string | undefined {
    if (start < 0) return `explicit hash key at '${path.text}' is missing`;
    const hashKey = this.#hashKey;
    const quote = bytes[start] === QUOTE ? 1 : 0;
    hashKey.end = end - quote;
    hashKey.start = hashKeyDigits(bytes, start + quote, hashKey.end);
    if (hashKey.start >= 0) return undefined;
    return hashKeyProblem(bytes.toString('utf8', start + quote, hashKey.end), `at '${path.text}'`);
  }

  /** Finds the key for `this.#key`, or returns what is wrong with it. */
  #readKey(bytes: Buffer, value: JsonValue, spare: Spare): string | undefined {
    if (value.start < 0) return 'is missing';
    const key = this.#key;
    const kind = kindOf(bytes, value.start);
    if (kind === 'string' || kind === 'scalar') {
      takeText(bytes, value, spare, key);
      if (this.#keys === 'text') return keyProblem(bytes, key.start, key.end);
      if (key.start < key.end) return undefined;
    } else if (kind !== 'null') return `is ${kind}`;
    key.start = NULL_KEY;
    key.end = NULL_KEY;
    return undefined;
  }

  /** Finds the headers, which may be missing, for `this.#headersField`, or returns what is wrong with them. */
  #readHeaders(bytes: Buffer, value: JsonValue, spare: Spare): string | undefined {
    const text = this.#headersText;
    if (value.start < 0 || kindOf(bytes, value.start) === 'null') return this.#headersField.read(bytes, 0, 0);
    takeText(bytes, value, spare, text);
    return this.#headersField.read(bytes, text.start, text.end);
  }
}

/** Finds the text of a string, or any other value as it is written, for `into`. */
function takeText(bytes: Buffer, { start, end, escaped }: JsonValue, spare: Spare, into: Range): void {
  const quote = bytes[start] === QUOTE ? 1 : 0;
  into.start = start + quote;
  into.end = end - quote;
  if (quote === 0 || !escaped) return;
  // The text may be part of the data, so it can't be unescaped in place.
  bytes.copyWithin(spare.at, into.start, into.end);
  into.end = unescapeJson(bytes, spare.at, spare.at + into.end - into.start);
  into.start = spare.at;
  spare.at = into.end;
}

function valueAt(field: string | undefined): JsonValue | undefined {
  return field === undefined ? undefined : new JsonValue(new JsonPath(field));
}

/**
 * Why the line is not JSON, in the words of JSON.parse. Decoding it as Latin-1 is as strict as UTF-8: bytes above ASCII
 * are allowed in strings only, whatever they mean.
 */
function invalidJson(bytes: Buffer, from: number, to: number): string {
  try {
    JSON.parse(bytes.toString('latin1', from, to));
    return 'invalid JSON';
  } catch (error) {
    return jsonProblem(error);
  }
}

function readTimestamp(
  bytes: Buffer,
  { start, end, escaped }: JsonValue,
  format: TimestampFormat,
  zone: TimeZone | undefined,
): number {
  if (start < 0) return Number.NaN;
  if (bytes[start] !== QUOTE) return parseTimestamp(bytes, start, end, format, zone);
  if (!escaped) return parseTimestamp(bytes, start + 1, end - 1, format, zone);
  const text = Buffer.from(parseString(bytes, start, end));
  return parseTimestamp(text, 0, text.length, format, zone);
}

function explainTimestamp(bytes: Buffer, value: JsonValue | undefined, format: TimestampFormat): string {
  if (value === undefined) return 'no timestamp';
  const { start, end } = value;
  const where = `at '${value.path.text}'`;
  if (start < 0) return `timestamp ${where} is missing`;
  const isString = bytes[start] === QUOTE;
  const text = isString ? parseString(bytes, start, end) : bytes.toString('utf8', start, end);
  return timestampProblem(text, where, format);
}

function parseString(bytes: Buffer, start: number, end: number): string {
  return String(JSON.parse(bytes.toString('utf8', start, end)));
}

function kindOf(bytes: Buffer, start: number): 'string' | 'scalar' | 'null' | 'an object' | 'an array' {
  const first = bytes[start]!;
  if (first === QUOTE) return 'string';
  if (first === OPEN_BRACE) return 'an object';
  if (first === OPEN_BRACKET) return 'an array';
  return first === MINUS || String.fromCharCode(first) !== 'n' ? 'scalar' : 'null';
}
