import { NO_VALUE_MARK } from '../../bytes/kafka-headers.js';
import { headersIn } from '../../bytes/kafka-headers-text.js';
import type { Failure } from '../../core/failure.js';
import { formatKloadRecord, type KloadRecord } from '../../core/kload-record.js';
import type { RecordTraits } from '../../core/record.js';
import type { PendingRecord } from './pending-record.js';

const LINES_BYTES = 64 * 1024;

/** Collects records that were given up, as lines that `kload run` can send again. */
export class DeadLetterLines {
  #lines: string[] = [];
  #chars = 0;
  readonly #attributes: RecordTraits['attributes'];

  get full(): boolean {
    return this.#chars >= LINES_BYTES;
  }

  constructor({ attributes }: RecordTraits) {
    this.#attributes = attributes;
  }

  add(record: PendingRecord, { code, message }: Failure): void {
    const { recordedAtMs } = record;
    const fields = recordFields(record, this.#attributes);
    const line = formatKloadRecord({ ...fields, recordedAtMs, error: { code, message } });
    this.#lines.push(line);
    this.#chars += line.length;
  }

  /** Takes all lines; undefined if there are none. */
  take(): Uint8Array | undefined {
    if (this.#lines.length === 0) return undefined;
    const bytes = Buffer.from(this.#lines.join(''));
    this.#lines = [];
    this.#chars = 0;
    return bytes;
  }
}

/** A record in the form in which kload writes records. */
export function recordFields(record: PendingRecord, attributes: RecordTraits['attributes']): RecordFields {
  const { key, explicitHashKey, data } = record;
  return attributes === 'headers' ? fieldsWithHeaders(record) : { key, explicitHashKey, data };
}

function fieldsWithHeaders({
  source,
  keyStart,
  keyEnd,
  attributesStart,
  attributesEnd,
  data,
}: PendingRecord): RecordFields {
  const attributes = attributesEnd === 0 ? '' : source.toString('utf8', attributesStart, attributesEnd);
  const hasValue = !attributes.startsWith(NO_VALUE_MARK);
  const headers = headersIn(attributes).map(({ name, value }) => {
    return { name, value: typeof value === 'string' ? Buffer.from(value) : value };
  });
  return { key: keyStart === keyEnd ? null : source.subarray(keyStart, keyEnd), data: hasValue ? data : null, headers };
}

type RecordFields = Pick<KloadRecord, 'key' | 'explicitHashKey' | 'data' | 'headers'>;
