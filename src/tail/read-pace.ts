import type { StreamRecord } from '../core/stream-record.js';

/** A shard lets itself be read five times and 2 MiB a second, by all its consumers together (AWS, Quotas and limits). */
const READ_EVERY_MS = 200;
const BYTES_PER_MS = (2 * 1024 * 1024) / 1000;
const PAGE_RECORDS_MAX = 10_000;

/** While nothing comes, a shard is looked at less often, so that other consumers get their turn. */
const IDLE_FIRST_MS = 250;
const IDLE_MAX_MS = 1_000;

/** What a record is taken to weigh before the first has come: few are asked for then, because they may be large. */
const RECORD_BYTES_AT_FIRST = 16 * 1024;

/**
 * How much to ask a shard for, and when again: within what the service lets a shard give, and in pages that are no larger
 * than their share of the memory. Holds no clock.
 */
export class ReadPace {
  #recordBytes = RECORD_BYTES_AT_FIRST;
  #idleMs = IDLE_FIRST_MS;

  /**
   * How many records to ask for.
   *
   * @param pageBytesMax what they should weigh at most, data and keys; a single record may weigh more
   */
  countMax(pageBytesMax: number): number {
    const count = Math.floor(pageBytesMax / Math.max(1, this.#recordBytes));
    return Math.min(PAGE_RECORDS_MAX, Math.max(1, count));
  }

  /** How long after the start of a read that gave these records the next may begin, milliseconds. */
  nextAfterMs(records: readonly StreamRecord[], behindMs: number): number {
    const bytes = bytesOf(records);
    if (records.length > 0) this.#recordBytes = bytes / records.length;
    if (records.length > 0 || behindMs > 0) {
      this.#idleMs = IDLE_FIRST_MS;
      return Math.max(READ_EVERY_MS, bytes / BYTES_PER_MS);
    }
    const waitMs = this.#idleMs;
    this.#idleMs = Math.min(IDLE_MAX_MS, waitMs * 2);
    return waitMs;
  }
}

/** Data, keys and headers. */
export function bytesOf(records: readonly StreamRecord[]): number {
  let bytes = 0;
  for (const { key, data, headers = [] } of records) {
    bytes += (data?.length ?? 0) + Buffer.byteLength(key ?? '');
    for (const { name, value } of headers) bytes += Buffer.byteLength(name) + (value?.length ?? 0);
  }
  return bytes;
}
