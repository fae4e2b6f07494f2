import { isUtf8 } from 'node:buffer';
import { MINUS, OPEN_BRACE, OPEN_BRACKET, QUOTE } from '../core/ascii.js';
import type { RecordBlock } from '../core/record.js';
import { parseTimestamp, timestampProblem } from '../core/timestamp.js';
import type { InputOptions } from './input-options.js';
import { JsonPath } from './json-path.js';
import { jsonProblem } from './json-problem.js';
import { unescapeJson } from './json-string.js';
import { END, ESCAPES, JsonText, START, VALUE_ESCAPED } from './json-text.js';
import type { LineFormat, Spare } from './line-parser.js';
import { keyProblem, keyTextProblem } from './partition-key.js';

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
  readonly #json: JsonText;

  constructor(options: InputOptions) {
    this.#data = pathOf(options.dataField);
    this.#timestamp = pathOf(options.timestampField);
    this.#partitionKey = pathOf(options.partitionKeyField);
    this.#needsTimestamp = options.needsTimestamp;
    const paths = [this.#data, this.#timestamp, this.#partitionKey];
    this.#json = new JsonText(Math.max(...paths.map((path) => path?.depth ?? 0)));
  }

  addLine(bytes: Buffer, from: number, to: number, line: number, block: RecordBlock, spare: Spare): string | undefined {
    const json = this.#json;
    if (!json.scan(bytes, from, to)) return invalidJson(bytes, from, to);
    const recordedAtMs = this.#timestamp === undefined ? Number.NaN : readTimestamp(json, this.#timestamp);
    if (this.#needsTimestamp && Number.isNaN(recordedAtMs)) return explainTimestamp(json, this.#timestamp);
    if (this.#partitionKey !== undefined) {
      const problem = this.#readKey(this.#partitionKey, spare);
      if (problem !== undefined) return `partition key at '${this.#partitionKey.text}' ${problem}`;
    }

    // The data comes last: undoing its escapes changes the line.
    let start = from;
    let end = to;
    if (this.#data !== undefined) {
      const node = this.#data.find(json);
      if (node < 0) return `data at '${this.#data.text}' is missing`;
      start = json.nodes[node + START]!;
      end = json.nodes[node + END]!;
      if (bytes[start] === QUOTE) {
        start++;
        end--;
        if (isEscaped(json, node)) end = unescapeJson(bytes, start, end);
      }
    }
    block.add(start, end, recordedAtMs, line);
    if (this.#partitionKey !== undefined) block.setKey(this.#key.start, this.#key.end);
    return undefined;
  }

  /** Leaves the key's range in `this.#key`, or returns what is wrong with it. */
  #readKey(path: JsonPath, spare: Spare): string | undefined {
    const json = this.#json;
    const node = path.find(json);
    if (node < 0) return 'is missing';
    const key = this.#key;
    const { bytes } = json;
    key.start = json.nodes[node + START]!;
    key.end = json.nodes[node + END]!;
    const kind = kindOf(bytes, key.start);
    if (kind === 'scalar') return keyProblem(bytes, key.start, key.end);
    if (kind !== 'string') return `is ${kind}`;
    if (!isEscaped(json, node)) return keyProblem(bytes, ++key.start, --key.end);

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

/**
 * Why the line is no JSON, in JSON.parse's words. Latin-1 is no less strict: bytes above ASCII are allowed in strings only,
 * whatever they mean.
 */
function invalidJson(bytes: Buffer, from: number, to: number): string {
  try {
    JSON.parse(bytes.toString('latin1', from, to));
    return 'invalid JSON';
  } catch (error) {
    return jsonProblem(error);
  }
}

function isEscaped(json: JsonText, node: number): boolean {
  return (json.nodes[node + ESCAPES]! & VALUE_ESCAPED) !== 0;
}

function readTimestamp(json: JsonText, path: JsonPath): number {
  const node = path.find(json);
  if (node < 0) return Number.NaN;
  const { bytes } = json;
  const start = json.nodes[node + START]!;
  const end = json.nodes[node + END]!;
  if (bytes[start] !== QUOTE) return parseTimestamp(bytes, start, end);
  if (!isEscaped(json, node)) return parseTimestamp(bytes, start + 1, end - 1);
  const text = Buffer.from(parseString(bytes, start, end));
  return parseTimestamp(text, 0, text.length);
}

function explainTimestamp(json: JsonText, path: JsonPath | undefined): string {
  if (path === undefined) return 'no timestamp';
  const where = `at '${path.text}'`;
  const node = path.find(json);
  if (node < 0) return `timestamp ${where} is missing`;
  const { bytes } = json;
  const start = json.nodes[node + START]!;
  const end = json.nodes[node + END]!;
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
