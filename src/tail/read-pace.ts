import type { StreamRecord } from '../core/stream-record.js';

/** A shard allows five reads and 2 MiB per second, for all its consumers together (AWS, Quotas and limits). */
const READ_EVERY_MS = 200;
const BYTES_PER_MS = (2 * 1024 * 1024) / 1000;
const PAGE_RECORDS_MAX = 10_000;

/** A shard without new records is read less often, to leave reads for other consumers. */
const IDLE_FIRST_MS = 250;
const IDLE_MAX_MS = 1_000;

/** How long a shard that throttled is read within the service's limits before kload tries to read it faster again. */
const POLITE_FOR_MS = 30_000;

/** The assumed size of a record before the first has come. High, because the first page should not get too large. */
const RECORD_BYTES_INITIAL = 16 * 1024;

/**
 * Decides how many records to read from a shard, and when: as fast as the shard serves them, or within the service's
 * limits where it throttles or where that is known. Pages do not exceed their share of the memory. Does not read the
 * clock.
 */
export class ReadPace {
  #politeUntilMs: number;
  #recordBytes = RECORD_BYTES_INITIAL;
  #idleMs = IDLE_FIRST_MS;

  /** @param isPolite whether to keep to the service's limits from the start */
  constructor(isPolite: boolean) {
    this.#politeUntilMs = isPolite ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  }

  /** @param nowMs by any clock, the same for all calls */
  isPolite(nowMs: number): boolean {
    return nowMs < this.#politeUntilMs;
  }

  /** Notes that the shard throttled a read that was faster than the service's limits. */
  throttled(nowMs: number): void {
    this.#politeUntilMs = nowMs + POLITE_FOR_MS;
  }

  /**
   * Returns how many records to request.
   *
   * @param pageBytesMax the largest size that they should have, data and keys; a single record may exceed it
   */
  countMax(pageBytesMax: number): number {
    const count = Math.floor(pageBytesMax / Math.max(1, this.#recordBytes));
    return Math.min(PAGE_RECORDS_MAX, Math.max(1, count));
  }

  /** Returns how long after the start of the read that returned these records the next may start, milliseconds. */
  nextAfterMs(records: readonly StreamRecord[], behindMs: number, nowMs: number): number {
    const bytes = bytesOf(records);
    if (records.length > 0) this.#recordBytes = bytes / records.length;
    if (records.length > 0 || behindMs > 0) {
      this.#idleMs = IDLE_FIRST_MS;
      if (this.isPolite(nowMs)) return Math.max(READ_EVERY_MS, bytes / BYTES_PER_MS);
      return behindMs > 0 ? 0 : READ_EVERY_MS;
    }
    const waitMs = this.#idleMs;
    this.#idleMs = Math.min(IDLE_MAX_MS, waitMs * 2);
    return waitMs;
  }
}

/** The size of the records' data, keys and headers. */
export function bytesOf(records: readonly StreamRecord[]): number {
  let bytes = 0;
  for (const { key, data, headers = [] } of records) {
    bytes += (data?.length ?? 0) + Buffer.byteLength(key ?? '');
    for (const { name, value } of headers) bytes += Buffer.byteLength(name) + (value?.length ?? 0);
  }
  return bytes;
}
