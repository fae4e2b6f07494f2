import type { Caller } from '../protocol/caller.js';
import { limitExceeded, type ServiceError, throughputExceeded } from '../protocol/service-error.js';
import { LIMITS, type Limit, type LimitName } from './limit-table.js';
import type { Limits } from './limits.js';
import { TokenBucket } from './token-bucket.js';

/** What a call refers to. */
export interface CallSubject {
  /** The account and region of the stream, or of the caller if the call names no stream. */
  readonly owner: Caller;
  readonly streamName?: string | undefined;
  readonly shardId?: string | undefined;
}

/** The most buckets that are kept. Full ones are dropped first. */
const BUCKETS_MAX = 20_000;

interface CallRate {
  readonly perSecond: number;
  readonly per: 'account' | 'stream' | 'shard';
}

/** Limits how often each operation may be called. */
export class CallRates {
  readonly #rates: ReadonlyMap<string, CallRate>;
  readonly #subscriptionsPerSecond: number;
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(limits: Limits) {
    const rates = new Map<string, CallRate>();
    for (const [name, { calls }] of Object.entries(LIMITS) as [LimitName, Limit][]) {
      const perSecond = limits[name];
      if (calls === undefined || perSecond === Number.POSITIVE_INFINITY) continue;
      rates.set(calls.operation, { perSecond, per: calls.per });
    }
    this.#rates = rates;
    this.#subscriptionsPerSecond = limits.subscribeToShardPerSecond;
  }

  /**
   * Counts a call. Throws the service's error if it is over the limit.
   * @param subjectOf called only if the operation has a limit
   */
  admit(operation: string, subjectOf: () => CallSubject, now: number): void {
    const rate = this.#rates.get(operation);
    if (rate === undefined) return;
    const subject = subjectOf();
    const { owner, streamName = '', shardId = '' } = subject;
    const key = [operation, owner.account, owner.region];
    if (rate.per !== 'account') key.push(streamName);
    if (rate.per === 'shard') key.push(shardId);
    if (!this.#take(key.join('/'), rate.perSecond, now)) throw exceeded(rate.per, subject);
  }

  /**
   * Counts a call to SubscribeToShard. Throws a LimitExceededException if it is over the limit.
   * @param key identifies the consumer and the shard
   */
  admitSubscription(
    key: string,
    stream: { readonly name: string; readonly account: string },
    shardId: string,
    now: number,
  ): void {
    if (this.#subscriptionsPerSecond === Number.POSITIVE_INFINITY) return;
    if (this.#take(`SubscribeToShard/${key}`, this.#subscriptionsPerSecond, now)) return;
    throw limitExceeded(`Rate exceeded for shard ${shardId} in stream ${stream.name} under account ${stream.account}.`);
  }

  #take(key: string, perSecond: number, now: number): boolean {
    let bucket = this.#buckets.get(key);
    if (bucket === undefined) {
      if (this.#buckets.size >= BUCKETS_MAX) this.#dropBuckets(now);
      bucket = new TokenBucket(perSecond, now);
      this.#buckets.set(key, bucket);
    }
    if (!bucket.allows(1, now)) return false;
    bucket.take(1);
    return true;
  }

  /** Drops full buckets, which are like new ones, and then the oldest until half of them are left. */
  #dropBuckets(now: number): void {
    for (const [key, bucket] of this.#buckets) {
      if (bucket.isFull(now)) this.#buckets.delete(key);
    }
    for (const key of this.#buckets.keys()) {
      if (this.#buckets.size <= BUCKETS_MAX / 2) return;
      this.#buckets.delete(key);
    }
  }
}

function exceeded(per: CallRate['per'], { owner, streamName, shardId }: CallSubject): ServiceError {
  const account = `account ${owner.account}.`;
  if (streamName === undefined) return limitExceeded(`Rate exceeded for ${account}`);
  if (per !== 'shard') {
    return limitExceeded(`Rate exceeded for stream ${streamName} under ${account}`);
  }
  const message = `Rate exceeded for shard ${shardId} in stream ${streamName} under ${account}`;
  return throughputExceeded(message);
}
