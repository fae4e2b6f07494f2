import { isUtf8 } from 'node:buffer';
import { hashKeyDigits } from '../core/hash-key.js';
import { KLOAD_RECORD_SCHEMA } from '../core/kload-record.js';
import type { RecordBlock } from '../core/record.js';
import { parseTimestamp, timestampProblem } from '../core/timestamp.js';
import { jsonProblem } from './json-problem.js';
import type { LineFormat } from './line-parser.js';
import { hashKeyProblem, keyTextProblem } from './partition-key.js';

/** A record as `formatKloadRecord` wrote it; members that it does not know are left alone. */
export class KloadLine implements LineFormat {
  readonly #needsTimestamp: boolean;

  constructor(needsTimestamp: boolean) {
    this.#needsTimestamp = needsTimestamp;
  }

  addLine(bytes: Buffer, from: number, to: number, line: number, block: RecordBlock): string | undefined {
    // With valid UTF-8 no value is longer than its JSON text, so that key and data fit where the line was.
    if (!isUtf8(bytes.subarray(from, to))) return 'the line is not valid UTF-8';
    const record = parseObject(bytes.toString('utf8', from, to));
    if (typeof record === 'string') return record;
    if (record.schema !== KLOAD_RECORD_SCHEMA) return `schema is not ${KLOAD_RECORD_SCHEMA}`;
    const { partitionKey, explicitHashKey, data, dataBase64, timestamp } = record;
    if (typeof partitionKey !== 'string') return 'partitionKey is missing or not a string';
    const keyProblem = keyTextProblem(partitionKey);
    if (keyProblem !== undefined) return `partitionKey ${keyProblem}`;
    const hashKey = checkHashKey(explicitHashKey);
    if (hashKey.problem !== undefined) return hashKey.problem;
    const dataProblem = checkData(data, dataBase64);
    if (dataProblem !== undefined) return dataProblem;
    const recordedAtMs = readTimestamp(timestamp);
    if (this.#needsTimestamp && Number.isNaN(recordedAtMs)) {
      return timestamp === undefined ? 'timestamp is missing' : timestampProblem(String(timestamp), 'of the record');
    }

    const keyEnd = from + bytes.write(partitionKey, from);
    const extraEnd = keyEnd + bytes.write(hashKey.digits, keyEnd, 'latin1');
    const dataEnd =
      extraEnd +
      (typeof data === 'string' ? bytes.write(data, extraEnd) : bytes.write(String(dataBase64), extraEnd, 'base64'));
    block.add(extraEnd, dataEnd, recordedAtMs, line);
    block.setKey(from, keyEnd);
    if (extraEnd > keyEnd) block.setExtra(keyEnd, extraEnd);
    return undefined;
  }
}

/** Whether a line is a record of kload's: no other JSON looks like it. */
export function isKloadRecord(line: string): boolean {
  const record = parseObject(line);
  return typeof record !== 'string' && record.schema === KLOAD_RECORD_SCHEMA;
}

/** The members of a JSON object, or why it is none. */
function parseObject(text: string): Record<string, unknown> | string {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : 'not a JSON object';
  } catch (error) {
    return jsonProblem(error);
  }
}

/** The digits of a hash key, if there is one, or why it can't be used. */
function checkHashKey(hashKey: unknown): { readonly digits: string; readonly problem?: string } {
  if (hashKey === undefined) return { digits: '' };
  if (typeof hashKey !== 'string') return { digits: '', problem: 'explicitHashKey is not a string' };
  const bytes = Buffer.from(hashKey);
  const start = hashKeyDigits(bytes, 0, bytes.length);
  if (start < 0) return { digits: '', problem: hashKeyProblem(hashKey, 'of the record') };
  return { digits: hashKey.slice(start) };
}

function checkData(data: unknown, dataBase64: unknown): string | undefined {
  if (data === undefined && dataBase64 === undefined) return 'data is missing';
  if (data !== undefined && dataBase64 !== undefined) return 'data and dataBase64 exclude each other';
  if (dataBase64 === undefined) return typeof data === 'string' ? undefined : 'data is not a string';
  const valid =
    typeof dataBase64 === 'string' && dataBase64.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(dataBase64);
  return valid ? undefined : 'dataBase64 is not base64';
}

function readTimestamp(timestamp: unknown): number {
  if (typeof timestamp !== 'string' && typeof timestamp !== 'number') return Number.NaN;
  const text = Buffer.from(String(timestamp));
  return parseTimestamp(text, 0, text.length);
}
