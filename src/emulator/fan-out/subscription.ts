import { TokenBucket } from '../limits/token-bucket.js';
import type { BulkOutput } from '../protocol/output.js';
import type { Shard, ShardRead } from '../store/shard.js';

export interface SubscriptionTimes {
  /** After this time without an event, an event without records is sent, milliseconds. */
  readonly heartbeatMs: number;
  /** After this time a subscription ends, milliseconds. */
  readonly lifeMs: number;
  /** For this time after a subscription starts, another one is refused; later, it takes over, milliseconds. */
  readonly takeoverMs: number;
}

export const SUBSCRIPTION_TIMES: SubscriptionTimes = { heartbeatMs: 5000, lifeMs: 300_000, takeoverMs: 5000 };

/** The shard that a subscription reads, and how it turns reads into events. */
export interface SubscriptionSource {
  readonly shard: Shard;
  /** Bytes of keys and data that it may send per second. */
  readonly bytesPerSecond: number;
  /**
   * Applies the stream's changes that are due. Throws a ServiceError, which ends the subscription, if the stream or the
   * consumer is gone.
   * @returns when the next change of the stream is due, epoch milliseconds; undefined if none is
   */
  settle(now: number): number | undefined;
  /** The event with the result of a read. */
  event(read: ShardRead, now: number): BulkOutput;
}

/** The most bytes of keys and data in one event, unless its first record is larger. */
const EVENT_BYTES_MAX = 1024 * 1024;
const EVENT_RECORDS_MAX = 2000;

/**
 * The events of one shard for one consumer. It sleeps until the shard has something new or an event is due. Events are
 * made only on demand, so that for a slow client it holds nothing but a position.
 */
export class Subscription implements AsyncIterableIterator<BulkOutput> {
  readonly #source: SubscriptionSource;
  readonly #now: () => number;
  readonly #heartbeatMs: number;
  readonly #endsAtMs: number;
  readonly #bucket: TokenBucket;
  readonly #unwatch: () => void;
  #position: number;
  /** When the last event was sent, in the time of `performance.now`. */
  #quietSinceMs = performance.now();
  /** When the next change of the stream is due, epoch milliseconds. */
  #changesAtMs = Number.POSITIVE_INFINITY;
  #isOver = false;
  #error: Error | undefined;
  #wakeUp: (() => void) | undefined;

  constructor(source: SubscriptionSource, position: number, now: () => number, times: SubscriptionTimes) {
    this.#source = source;
    this.#position = position;
    this.#now = now;
    this.#heartbeatMs = times.heartbeatMs;
    this.#endsAtMs = now() + times.lifeMs;
    this.#bucket = new TokenBucket(source.bytesPerSecond, now());
    this.#unwatch = source.shard.watch(() => this.#wakeUp?.());
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<BulkOutput, undefined>> {
    for (;;) {
      const error = this.#error;
      this.#error = undefined;
      if (error !== undefined) throw error;
      if (this.#isOver) return { done: true, value: undefined };
      const event = this.#poll();
      if (event !== undefined) return { done: false, value: event };
      if (!this.#isOver) await this.#sleep();
    }
  }

  /** Called when the client has disconnected. */
  async return(): Promise<IteratorResult<BulkOutput, undefined>> {
    this.#end();
    return { done: true, value: undefined };
  }

  /** Ends it with an error that is sent to the client. */
  fail(error: Error): void {
    if (this.#isOver) return;
    this.#error = error;
    this.#end();
  }

  #end(): void {
    this.#isOver = true;
    this.#unwatch();
    this.#wakeUp?.();
  }

  /** The event that is due; undefined if there is none. */
  #poll(): BulkOutput | undefined {
    const now = this.#now();
    if (now >= this.#endsAtMs) {
      this.#end();
      return undefined;
    }
    try {
      this.#changesAtMs = this.#source.settle(now) ?? Number.POSITIVE_INFINITY;
    } catch (error) {
      this.fail(error instanceof Error ? error : new Error(String(error)));
      return undefined;
    }
    const read = this.#read(now);
    if (read.page.count === 0 && !read.isEnd && !this.#isQuietForLong) return undefined;
    this.#position = read.next;
    this.#quietSinceMs = performance.now();
    if (read.isEnd) this.#end();
    return this.#source.event(read, now);
  }

  #read(now: number): ShardRead {
    const { shard } = this.#source;
    const countMax = this.#bucket.hasTokens(now) ? EVENT_RECORDS_MAX : 0;
    const read = shard.follow(this.#position, countMax, EVENT_BYTES_MAX, now);
    if (read.page.count === 0) return { ...read, millisBehindLatest: shard.millisBehind(read.next, now) };
    this.#bucket.take(read.page.bytes);
    return read;
  }

  get #isQuietForLong(): boolean {
    return performance.now() - this.#quietSinceMs >= this.#heartbeatMs;
  }

  /** Sleeps until the shard has something new or an event may be due. */
  #sleep(): Promise<void> {
    const now = this.#now();
    const heartbeatMs = this.#quietSinceMs + this.#heartbeatMs - performance.now();
    const debtMs = this.#bucket.hasTokens(now) ? Number.POSITIVE_INFINITY : this.#bucket.debtMs(now) + 1;
    const delayMs = Math.max(
      1,
      Math.ceil(Math.min(heartbeatMs, this.#changesAtMs - now, debtMs, this.#endsAtMs - now)),
    );
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#wakeUp?.(), delayMs);
      this.#wakeUp = () => {
        this.#wakeUp = undefined;
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
