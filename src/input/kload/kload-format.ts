import { isUtf8 } from 'node:buffer';
import { NO_VALUE_MARK, parseKafkaHeaders } from '../../bytes/kafka-headers.js';
import { parseTimestamp, timestampProblem } from '../../bytes/timestamp.js';
import { hashKeyDigits } from '../../core/hash-key.js';
import { KLOAD_RECORD_SCHEMA } from '../../core/kload-record.js';
import type { RecordBlock, RecordTraits } from '../../core/record.js';
import { FIELD_FLAGS, type Format, NOT_CSV } from '../format.js';
import { jsonProblem } from '../json/json-text.js';
import type { LineFormat } from '../line-parser.js';
import { LineParser } from '../line-parser.js';
import { hashKeyProblem, keyTextProblem } from '../partition-key.js';

/** Records that kload wrote: dead letters, and what `kload record` and `kload tail` wrote. */
export const KLOAD_RECORDS: Format = {
  name: 'kload',
  extensions: [],
  ignoresExtension: true,
  ignores: [
    NOT_CSV,
    {
      flags: [...FIELD_FLAGS, '--timestamp-format', '--timestamp-zone', '--data-encoding', '--unwrap'],
      because: 'holds kload records, which bring their own fields',
      hint: 'leave it out',
    },
  ],

  recognises: ({ firstLine }) => isKloadRecord(firstLine),

  createParser: ({ lineEnd }, { needsTimestamp, traits }) =>
    new LineParser(new KloadLine(needsTimestamp, traits), lineEnd),
};

/** A record as `formatKloadRecord` writes it. Unknown members are ignored. */
export class KloadLine implements LineFormat {
  readonly reading = { format: 'kload', data: 'data', time: 'timestamp', key: 'partitionKey' } as const;
  readonly #needsTimestamp: boolean;
  readonly #traits: RecordTraits;

  constructor(needsTimestamp: boolean, traits: RecordTraits) {
    this.#needsTimestamp = needsTimestamp;
    this.#traits = traits;
  }

  addLine(bytes: Buffer, from: number, to: number, line: number, block: RecordBlock): string | undefined {
    // In valid UTF-8 no text is longer than its JSON, so the record fits where its line was.
    if (!isUtf8(bytes.subarray(from, to))) return 'the line is not valid UTF-8';
    const record = parseObject(bytes.toString('utf8', from, to));
    if (typeof record === 'string') return record;
    if (record.schema !== KLOAD_RECORD_SCHEMA) return `schema is not ${KLOAD_RECORD_SCHEMA}`;
    const { partitionKey, partitionKeyBase64, data, dataBase64, timestamp } = record;
    const { keys, attributes: kind, nullData } = this.#traits;
    const key =
      keys === 'bytes' ? bytesKey(partitionKey, partitionKeyBase64) : textKey(partitionKey, partitionKeyBase64);
    if (key.problem !== undefined) return key.problem;
    const attributes = kind === 'headers' ? headersOf(record, nullData) : hashKeyOf(record);
    if (attributes.problem !== undefined) return attributes.problem;
    const dataProblem = bytesProblem('data', data, dataBase64);
    if (dataProblem !== undefined) return dataProblem;
    const recordedAtMs = readTimestamp(timestamp);
    if (this.#needsTimestamp && Number.isNaN(recordedAtMs)) {
      return timestamp === undefined ? 'timestamp is missing' : timestampProblem(String(timestamp), 'of the record');
    }

    const value = valueFrom(data, dataBase64);
    // Only a number can become longer: 1e15 has 16 digits.
    if (attributes.text !== '' && lengthOf(key) + lengthOf(attributes) + lengthOf(value) > to - from) {
      return 'headers hold a number with an exponent: make it a string';
    }
    const keyEnd = from + write(bytes, from, key);
    const attributesEnd = keyEnd + write(bytes, keyEnd, attributes);
    const dataEnd = attributesEnd + write(bytes, attributesEnd, value);
    block.add(attributesEnd, dataEnd, recordedAtMs, line);
    if (keyEnd > from) block.setKey(from, keyEnd);
    else block.setNullKey();
    if (attributesEnd > keyEnd) block.setAttributes(keyEnd, attributesEnd);
    return undefined;
  }
}

/** Whether a line is a record that kload wrote. No other JSON looks like it. */
export function isKloadRecord(line: string): boolean {
  const record = parseObject(line);
  return typeof record !== 'string' && record.schema === KLOAD_RECORD_SCHEMA;
}

const HALF_PAIR = /\p{Surrogate}/u;

/** The members of a JSON object, or what is wrong with it. */
function parseObject(text: string): Record<string, unknown> | string {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : 'not a JSON object';
  } catch (error) {
    return jsonProblem(error);
  }
}

/** A part of a record, as text in UTF-8 or in base64, or what is wrong with it. Empty if it is missing. */
interface Value {
  readonly text: string;
  readonly base64?: boolean;
  readonly problem?: string;
}

const NONE: Value = { text: '' };

function write(bytes: Buffer, at: number, { text, base64 = false }: Value): number {
  return bytes.write(text, at, base64 ? 'base64' : 'utf8');
}

function lengthOf({ text, base64 = false }: Value): number {
  return Buffer.byteLength(text, base64 ? 'base64' : 'utf8');
}

function valueFrom(text: unknown, base64: unknown): Value {
  if (typeof base64 === 'string') return { text: base64, base64: true };
  return typeof text === 'string' ? { text } : NONE;
}

/** A key of any bytes. An empty key counts as no key. */
function bytesKey(text: unknown, base64: unknown): Value {
  const problem = bytesProblem('partitionKey', text, base64);
  return problem === undefined ? valueFrom(text, base64) : { text: '', problem };
}

/** A key of text of a bounded length. Bytes that are not text stay in base64, so that equal keys stay equal. */
function textKey(text: unknown, base64: unknown): Value {
  const value: Value = { ...bytesKey(text, base64), base64: false };
  if (value.text === '') return value;
  const problem = keyTextProblem(value.text);
  return problem === undefined ? value : { text: '', problem: `partitionKey ${problem}` };
}

/** The digits of a hash key. */
function hashKeyOf({ explicitHashKey }: Record<string, unknown>): Value {
  if (explicitHashKey === undefined) return NONE;
  if (typeof explicitHashKey !== 'string') return { text: '', problem: 'explicitHashKey is not a string' };
  const bytes = Buffer.from(explicitHashKey);
  const start = hashKeyDigits(bytes, 0, bytes.length);
  if (start < 0) return { text: '', problem: hashKeyProblem(explicitHashKey, 'of the record') };
  return { text: explicitHashKey.slice(start) };
}

/** The headers, after a mark where there is no data. */
function headersOf({ headers, data }: Record<string, unknown>, nullData: boolean): Value {
  const mark = data === null && nullData ? NO_VALUE_MARK : '';
  if (headers === undefined || headers === null) return { text: mark };
  const parsed = parseKafkaHeaders(headers);
  if (typeof parsed === 'string') return { text: '', problem: `headers ${parsed}` };
  return { text: parsed.length === 0 ? mark : mark + JSON.stringify(headers) };
}

/** What is wrong with bytes that are given as text or in base64, or as null if there are none. */
function bytesProblem(name: string, text: unknown, base64: unknown): string | undefined {
  if (text === undefined && base64 === undefined) return `${name} is missing`;
  if (text !== undefined && base64 !== undefined) return `${name} and ${name}Base64 exclude each other`;
  if (base64 === undefined) {
    if (typeof text !== 'string') return text === null ? undefined : `${name} is not a string`;
    return HALF_PAIR.test(text) ? `${name} holds half a surrogate pair, which has no bytes` : undefined;
  }
  const valid = typeof base64 === 'string' && base64.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(base64);
  return valid ? undefined : `${name}Base64 is not base64`;
}

function readTimestamp(timestamp: unknown): number {
  if (typeof timestamp !== 'string' && typeof timestamp !== 'number') return Number.NaN;
  const text = Buffer.from(String(timestamp));
  return parseTimestamp(text, 0, text.length);
}
