import { isUtf8 } from 'node:buffer';
import { type KafkaHeader, kafkaHeadersJson } from '../bytes/kafka-headers.js';

/** What kload writes of a record that it could not send, or that it read of a stream or a topic, and reads again: one JSON object a line. */
export const KLOAD_RECORD_SCHEMA = 'kload.record/1';

export interface KloadRecord {
  /** In Kafka: bytes, which need be no text, or none at all. */
  readonly key: string | Uint8Array | null;
  /** Decimal digits. */
  readonly explicitHashKey?: string | undefined;
  /** Null: a record of Kafka without a value, which deletes its key. */
  readonly data: Uint8Array | null;
  /** Of Kafka, in their order. */
  readonly headers?: readonly KafkaHeader[] | undefined;
  /** Epoch milliseconds; NaN if it is not known. Written to the microsecond. */
  readonly recordedAtMs: number;
  /** Where a stream held it. Not read again. */
  readonly shardId?: string | undefined;
  readonly sequenceNumber?: string | undefined;
  /** Where a topic held it. Not read again. */
  readonly topic?: string | undefined;
  readonly partition?: number | undefined;
  readonly offset?: number | undefined;
  /** Why it could not be sent. Not read again. */
  readonly error?: { readonly code: string; readonly message: string } | undefined;
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** The record as one line, with its line feed. Bytes that are not valid UTF-8 are written in base64. */
export function formatKloadRecord(record: KloadRecord): string {
  const { key, explicitHashKey, data, headers = [], recordedAtMs, ...place } = record;
  const { shardId, sequenceNumber, topic, partition, offset, error } = place;
  const line = {
    schema: KLOAD_RECORD_SCHEMA,
    ...(key === null || typeof key === 'string' ? { partitionKey: key } : bytesAs('partitionKey', key)),
    explicitHashKey,
    ...(data === null ? { data } : bytesAs('data', data)),
    headers: headers.length === 0 ? undefined : kafkaHeadersJson(headers),
    timestamp: formatTimestamp(recordedAtMs),
    ...{ shardId, sequenceNumber },
    ...{ topic, partition, offset },
    error,
  };
  return `${JSON.stringify(line)}\n`;
}

/** A member of the line: text, or, with another name, base64. */
function bytesAs(name: 'data' | 'partitionKey', bytes: Uint8Array): Readonly<Record<string, string>> {
  if (isUtf8(bytes)) return { [name]: decoder.decode(bytes) };
  return { [`${name}Base64`]: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64') };
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
