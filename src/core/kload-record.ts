import { isUtf8 } from 'node:buffer';

/** What kload writes of a record that it could not send, or that it read of a stream, and reads again: one JSON object a line. */
export const KLOAD_RECORD_SCHEMA = 'kload.record/1';

export interface KloadRecord {
  readonly key: string;
  /** Decimal digits. */
  readonly explicitHashKey?: string | undefined;
  readonly data: Uint8Array;
  /** Epoch milliseconds; NaN if it is not known. Written to the microsecond. */
  readonly recordedAtMs: number;
  /** Where a stream held it. Not read again. */
  readonly shardId?: string | undefined;
  readonly sequenceNumber?: string | undefined;
  /** Why it could not be sent. Not read again. */
  readonly error?: { readonly code: string; readonly message: string } | undefined;
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** The record as one line, with its line feed. Data that is not valid UTF-8 is written in base64. */
export function formatKloadRecord(record: KloadRecord): string {
  const { key, explicitHashKey, data, recordedAtMs, shardId, sequenceNumber, error } = record;
  const payload = isUtf8(data)
    ? { data: decoder.decode(data) }
    : { dataBase64: Buffer.from(data.buffer, data.byteOffset, data.length).toString('base64') };
  const timestamp = formatTimestamp(recordedAtMs);
  const line = {
    schema: KLOAD_RECORD_SCHEMA,
    partitionKey: key,
    explicitHashKey,
    ...payload,
    timestamp,
    shardId,
    sequenceNumber,
    error,
  };
  return `${JSON.stringify(line)}\n`;
}

/** RFC 3339 with microseconds; undefined for a time that it has no form for. */
function formatTimestamp(epochMs: number): string | undefined {
  const micros = Math.round(epochMs * 1000);
  const millis = Math.floor(micros / 1000);
  const date = new Date(millis);
  if (Number.isNaN(date.getTime())) return undefined;
  const year = date.getUTCFullYear();
  if (year < 0 || year > 9999) return undefined;
  return date.toISOString().replace('Z', `${String(micros - millis * 1000).padStart(3, '0')}Z`);
}
