import type { Limits } from './limits.js';
import { TokenBucket } from './token-bucket.js';

/** The write and read limits of one shard. Times are epoch milliseconds. */
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

  /** Undefined if all of a shard's limits are off, so that nothing needs to be counted. */
  static ifLimited(limits: Limits, now: number): ShardThrottle | undefined {
    const least = Math.min(
      limits.shardWriteRecordsPerSecond,
      limits.shardWriteBytesPerSecond,
      limits.shardReadsPerSecond,
      limits.shardReadBytesPerSecond,
    );
    return least === Number.POSITIVE_INFINITY ? undefined : new ShardThrottle(limits, now);
  }

  /** Counts a record with `bytes` of key and data and returns true, or returns false if it would exceed the limits. */
  admitsWrite(bytes: number, now: number): boolean {
    if (!this.#writeRecords.allows(1, now) || !this.#writeBytes.allows(bytes, now)) return false;
    this.#writeRecords.take(1);
    this.#writeBytes.take(bytes);
    return true;
  }

  /** Counts a read and returns true, or returns false if it would exceed the limits. */
  admitsRead(now: number): boolean {
    if (!this.#reads.allows(1, now) || !this.#readBytes.hasTokens(now)) return false;
    this.#reads.take(1);
    return true;
  }

  /** Counts the bytes that an admitted read returned. */
  countRead(bytes: number): void {
    this.#readBytes.take(bytes);
  }
}
