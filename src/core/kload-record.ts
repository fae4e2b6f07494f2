import { isUtf8 } from 'node:buffer';
import { type KafkaHeader, kafkaHeadersJson } from '../bytes/kafka-headers.js';

/**
 * The schema of a line of kload's own record format: one JSON object a line. kload writes dead letters and the records
 * of `kload tail` and `kload record` in it, and reads it as input.
 */
export const KLOAD_RECORD_SCHEMA = 'kload.record/1';

export interface KloadRecord {
  /** Kafka keys are bytes that may not be text; null for a record without a key. */
  readonly key: string | Uint8Array | null;
  /** Decimal digits. */
  readonly explicitHashKey?: string | undefined;
  /** null for a Kafka record without a value, which deletes its key. */
  readonly data: Uint8Array | null;
  /** Kafka only, in their order. */
  readonly headers?: readonly KafkaHeader[] | undefined;
  /** Epoch milliseconds; NaN if unknown. Written with microseconds. */
  readonly recordedAtMs: number;
  /** Where it was in a stream. Ignored when kload reads the line. */
  readonly shardId?: string | undefined;
  readonly sequenceNumber?: string | undefined;
  /** Where it was in a topic. Ignored when kload reads the line. */
  readonly topic?: string | undefined;
  readonly partition?: number | undefined;
  readonly offset?: number | undefined;
  /** For a dry run: what counts toward the target's limit. Ignored when kload reads the line. */
  readonly bytes?: number | undefined;
  /** When it is due, in milliseconds since the start of a run; null: as soon as the target has room. Ignored, too. */
  readonly dueMs?: number | null | undefined;
  /** Why it could not be sent. Ignored when kload reads the line. */
  readonly error?: { readonly code: string; readonly message: string } | undefined;
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Formats the record as one line with its line feed. Bytes that are not valid UTF-8 are written in base64. */
export function formatKloadRecord(record: KloadRecord): string {
  const { key, explicitHashKey, data, headers = [], recordedAtMs, ...position } = record;
  const { shardId, sequenceNumber, topic, partition, offset, bytes, dueMs, error } = position;
  const line = {
    schema: KLOAD_RECORD_SCHEMA,
    ...(key === null || typeof key === 'string' ? { partitionKey: key } : bytesAs('partitionKey', key)),
    explicitHashKey,
    ...(data === null ? { data } : bytesAs('data', data)),
    headers: headers.length === 0 ? undefined : kafkaHeadersJson(headers),
    timestamp: formatRecordTimestamp(recordedAtMs),
    ...{ shardId, sequenceNumber },
    ...{ topic, partition, offset },
    ...{ bytes, dueMs },
    error,
  };
  return `${JSON.stringify(line)}\n`;
}

/** A field of the line: as text, or as base64 with another name. */
function bytesAs(name: 'data' | 'partitionKey', bytes: Uint8Array): Readonly<Record<string, string>> {
  if (isUtf8(bytes)) return { [name]: decoder.decode(bytes) };
  return { [`${name}Base64`]: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64') };
}

/** RFC 3339 with microseconds; undefined for a time that it cannot express. */
export function formatRecordTimestamp(epochMs: number): string | undefined {
  const micros = Math.round(epochMs * 1000);
  const millis = Math.floor(micros / 1000);
  const date = new Date(millis);
  if (Number.isNaN(date.getTime())) return undefined;
  const year = date.getUTCFullYear();
  if (year < 0 || year > 9999) return undefined;
  return date.toISOString().replace('Z', `${String(micros - millis * 1000).padStart(3, '0')}Z`);
}
