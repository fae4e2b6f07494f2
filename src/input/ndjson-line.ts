import { isUtf8 } from 'node:buffer';
import type { RecordBlock } from '../core/record.js';
import { MINUS, OPEN_BRACE, OPEN_BRACKET, QUOTE } from './ascii.js';
import type { InputOptions } from './input-options.js';
import { hasEscape, JsonPath } from './json-path.js';
import { jsonProblem } from './json-problem.js';
import { unescapeJson } from './json-string.js';
import type { LineFormat, Spare } from './line-parser.js';
import { keyProblem, keyTextProblem } from './partition-key.js';
import { parseTimestamp, timestampProblem } from './timestamp.js';

/** Where a key's bytes are. */
interface Range {
  start: number;
  end: number;
}

/**
 * One JSON value a line. The line as it stands is the data, unless a field is named: then it is that field's text, without
 * quotes and escapes for a string, as it is written for anything else.
 */
export class NdjsonLine implements LineFormat {
  readonly #data: JsonPath | undefined;
  readonly #timestamp: JsonPath | undefined;
  readonly #partitionKey: JsonPath | undefined;
  readonly #needsTimestamp: boolean;
  readonly #key: Range = { start: -1, end: -1 };

  constructor(options: InputOptions) {
    this.#data = pathOf(options.dataField);
    this.#timestamp = pathOf(options.timestampField);
    this.#partitionKey = pathOf(options.partitionKeyField);
    this.#needsTimestamp = options.needsTimestamp;
  }

  addLine(bytes: Buffer, from: number, to: number, line: number, block: RecordBlock, spare: Spare): string | undefined {
    const invalid = checkJson(bytes, from, to);
    if (invalid !== undefined) return invalid;
    const recordedAtMs = this.#timestamp === undefined ? Number.NaN : readTimestamp(bytes, from, this.#timestamp);
    if (this.#needsTimestamp && Number.isNaN(recordedAtMs)) return explainTimestamp(bytes, from, this.#timestamp);
    if (this.#partitionKey !== undefined) {
      const problem = this.#readKey(bytes, from, this.#partitionKey, spare);
      if (problem !== undefined) return `partition key at '${this.#partitionKey.text}' ${problem}`;
    }

    // The data comes last: undoing its escapes changes the line.
    let start = from;
    let end = to;
    if (this.#data !== undefined) {
      if (!this.#data.find(bytes, from)) return `data at '${this.#data.text}' is missing`;
      ({ start, end } = this.#data);
      if (bytes[start] === QUOTE) {
        start++;
        end = unescapeJson(bytes, start, end - 1);
      }
    }
    block.add(start, end, recordedAtMs, line);
    if (this.#partitionKey !== undefined) block.setKey(this.#key.start, this.#key.end);
    return undefined;
  }

  /** Leaves the key's range in `this.#key`, or returns what is wrong with it. */
  #readKey(bytes: Buffer, from: number, path: JsonPath, spare: Spare): string | undefined {
    if (!path.find(bytes, from)) return 'is missing';
    const key = this.#key;
    ({ start: key.start, end: key.end } = path);
    const kind = kindOf(bytes, key.start);
    if (kind === 'scalar') return keyProblem(bytes, key.start, key.end);
    if (kind !== 'string') return `is ${kind}`;
    if (!hasEscape(bytes, key.start, key.end)) return keyProblem(bytes, ++key.start, --key.end);

    // The data may be the line that the key is part of, so that it can't be unescaped in its place.
    if (!isUtf8(bytes.subarray(key.start, key.end))) return 'is not valid UTF-8';
    const text = parseString(bytes, key.start, key.end);
    const problem = keyTextProblem(text);
    if (problem !== undefined) return problem;
    key.start = spare.at;
    key.end = spare.at + bytes.write(text, spare.at);
    spare.at = key.end;
    return undefined;
  }
}

function pathOf(field: string | undefined): JsonPath | undefined {
  return field === undefined ? undefined : new JsonPath(field);
}

/** Latin-1 is the fastest to decode, and no less strict: bytes above ASCII are allowed in strings only, whatever they mean. */
function checkJson(bytes: Buffer, from: number, to: number): string | undefined {
  try {
    JSON.parse(bytes.toString('latin1', from, to));
    return undefined;
  } catch (error) {
    return jsonProblem(error);
  }
}

function readTimestamp(bytes: Buffer, from: number, path: JsonPath): number {
  if (!path.find(bytes, from)) return Number.NaN;
  const { start, end } = path;
  if (bytes[start] !== QUOTE) return parseTimestamp(bytes, start, end);
  if (!hasEscape(bytes, start, end)) return parseTimestamp(bytes, start + 1, end - 1);
  const text = Buffer.from(parseString(bytes, start, end));
  return parseTimestamp(text, 0, text.length);
}

function explainTimestamp(bytes: Buffer, from: number, path: JsonPath | undefined): string {
  if (path === undefined) return 'no timestamp';
  const where = `at '${path.text}'`;
  if (!path.find(bytes, from)) return `timestamp ${where} is missing`;
  const { start, end } = path;
  const isString = bytes[start] === QUOTE;
  return timestampProblem(isString ? parseString(bytes, start, end) : bytes.toString('utf8', start, end), where);
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
