import { TokenBucket } from '../limits/token-bucket.js';
import type { Output } from '../protocol/output.js';
import type { Shard, ShardRead } from '../store/shard.js';
import type { SubscriptionTimes } from './subscription-times.js';

/** What a subscription follows. */
export interface SubscriptionSource {
  readonly shard: Shard;
  /** Bytes of data and keys that it may send in a second. */
  readonly bytesPerSecond: number;
  /**
   * Brings the stream to now. Throws the ServiceError that ends the subscription where the stream or the consumer is gone.
   * @returns when the stream changes next by itself, epoch milliseconds; undefined: it will not
   */
  settle(now: number): number | undefined;
  /** The event that tells of a read. */
  event(read: ShardRead, now: number): Output;
}

/** Data and keys of one event, beyond its first record, and its records. */
const EVENT_BYTES_MAX = 1024 * 1024;
const EVENT_RECORDS_MAX = 2000;

/**
 * What one consumer is sent of one shard. It sleeps until the shard has something new, or time brings something;
 * every event is made when it is asked for, so that a slow client holds nothing here but its place.
 */
export class Subscription implements AsyncIterableIterator<Output> {
  readonly #source: SubscriptionSource;
  readonly #now: () => number;
  readonly #heartbeatMs: number;
  readonly #endsAtMs: number;
  readonly #bucket: TokenBucket;
  readonly #unwatch: () => void;
  #position: number;
  /** When there was the last event, in the time of timers. */
  #quietSinceMs = performance.now();
  /** When the stream changes next by itself, epoch milliseconds. */
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

  async next(): Promise<IteratorResult<Output, undefined>> {
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

  /** The client has left. */
  async return(): Promise<IteratorResult<Output, undefined>> {
    this.#end();
    return { done: true, value: undefined };
  }

  /** Ends it with an error that the client is told. */
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

  /** The event that is due; undefined: none is. */
  #poll(): Output | undefined {
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
    const countMax = this.#bucket.hasSome(now) ? EVENT_RECORDS_MAX : 0;
    const read = shard.follow(this.#position, countMax, EVENT_BYTES_MAX, now);
    if (read.page.count === 0) return { ...read, millisBehindLatest: shard.millisBehind(read.next, now) };
    this.#bucket.take(read.page.bytes);
    return read;
  }

  get #isQuietForLong(): boolean {
    return performance.now() - this.#quietSinceMs >= this.#heartbeatMs;
  }

  /** Until something changes, or time brings something. */
  #sleep(): Promise<void> {
    const now = this.#now();
    const beatMs = this.#quietSinceMs + this.#heartbeatMs - performance.now();
    const owedMs = this.#bucket.hasSome(now) ? Number.POSITIVE_INFINITY : this.#bucket.owedMs(now) + 1;
    const delayMs = Math.max(1, Math.ceil(Math.min(beatMs, this.#changesAtMs - now, owedMs, this.#endsAtMs - now)));
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
