import type { Limits } from './limits.js';
import { TokenBucket } from './token-bucket.js';

/** What one shard takes and gives in a second. Times are epoch milliseconds. */
export class ShardThrottle {
  readonly #writeRecords: TokenBucket;
  readonly #writeBytes: TokenBucket;
  readonly #reads: TokenBucket;
  readonly #readBytes: TokenBucket;

  constructor(limits: Limits, now: number) {
    this.#writeRecords = new TokenBucket(limits.shardWriteRecordsPerSecond, now);
    this.#writeBytes = new TokenBucket(limits.shardWriteBytesPerSecond, now);
    this.#reads = new TokenBucket(limits.shardReadsPerSecond, now);
    this.#readBytes = new TokenBucket(limits.shardReadBytesPerSecond, now);
  }

  /** Undefined where none of a shard's limits is in force: then nothing needs to be counted. */
  static ifLimited(limits: Limits, now: number): ShardThrottle | undefined {
    const { shardWriteRecordsPerSecond, shardWriteBytesPerSecond, shardReadsPerSecond, shardReadBytesPerSecond } =
      limits;
    const least = Math.min(
      shardWriteRecordsPerSecond,
      shardWriteBytesPerSecond,
      shardReadsPerSecond,
      shardReadBytesPerSecond,
    );
    return least === Number.POSITIVE_INFINITY ? undefined : new ShardThrottle(limits, now);
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
