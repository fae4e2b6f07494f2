import { TokenBucket } from './token-bucket.js';

const WRITE_RECORDS_PER_SECOND = 1000;
const WRITE_BYTES_PER_SECOND = 1024 * 1024;
const READS_PER_SECOND = 5;
const READ_BYTES_PER_SECOND = 2 * 1024 * 1024;

/** What one shard takes and gives in a second. Times are epoch milliseconds. */
export class Throttle {
  readonly #writeRecords: TokenBucket;
  readonly #writeBytes: TokenBucket;
  readonly #reads: TokenBucket;
  readonly #readBytes: TokenBucket;

  constructor(now: number) {
    this.#writeRecords = new TokenBucket(WRITE_RECORDS_PER_SECOND, now);
    this.#writeBytes = new TokenBucket(WRITE_BYTES_PER_SECOND, now);
    this.#reads = new TokenBucket(READS_PER_SECOND, now);
    this.#readBytes = new TokenBucket(READ_BYTES_PER_SECOND, now);
  }

  /** Counts a record, data and key, if it is within the limits; a refused one counts nothing. */
  admitsWrite(bytes: number, now: number): boolean {
    if (!this.#writeRecords.allows(1, now) || !this.#writeBytes.allows(bytes, now)) return false;
    this.#writeRecords.take(1);
    this.#writeBytes.take(bytes);
    return true;
  }

  /** Counts a read if it is within the limits. */
  admitsRead(now: number): boolean {
    if (!this.#reads.allows(1, now) || !this.#readBytes.hasSome(now)) return false;
    this.#reads.take(1);
    return true;
  }

  /** Counts what a read that was admitted gave. */
  countRead(bytes: number): void {
    this.#readBytes.take(bytes);
  }
}
