import { ServiceError } from '../protocol/service-error.js';
import { Subscription, type SubscriptionSource } from './subscription.js';
import type { SubscriptionTimes } from './subscription-times.js';

/** Entries that are remembered before those that no longer matter are looked for. */
const ENTRIES_BEFORE_CLEANING = 1000;

interface Entry {
  readonly subscription: Subscription;
  readonly openedAtMs: number;
}

/** The subscriptions of all consumers to all shards: one each. */
export class Subscriptions {
  readonly #times: SubscriptionTimes;
  readonly #now: () => number;
  readonly #save: () => void;
  readonly #entries = new Map<string, Entry>();
  #cleanAt = ENTRIES_BEFORE_CLEANING;

  /**
   * @param now  epoch milliseconds
   * @param save keeps what time has changed of a stream, before a subscriber is told of it; throws where it cannot
   */
  constructor(now: () => number, times: SubscriptionTimes, save: () => void = () => {}) {
    this.#now = () => Math.floor(now());
    this.#times = times;
    this.#save = save;
  }

  /** Throws a ResourceInUseException where the same was subscribed to a moment ago. */
  requireFree(key: string, description: string): void {
    const entry = this.#entries.get(key);
    if (entry !== undefined && this.#isRecent(entry)) throw inUse(description);
  }

  /**
   * Opens a subscription, which takes over from the one before.
   * @param key         the consumer's ARN and the shard's id
   * @param description how messages name it
   */
  open(key: string, description: string, source: SubscriptionSource, position: number): Subscription {
    this.requireFree(key, description);
    this.#entries.get(key)?.subscription.fail(inUse(description));
    this.#clean();
    const saved = { ...source, settle: (now: number) => this.#settle(source, now) };
    const subscription = new Subscription(saved, position, this.#now, this.#times);
    this.#entries.set(key, { subscription, openedAtMs: this.#now() });
    return subscription;
  }

  #settle(source: SubscriptionSource, now: number): number | undefined {
    const changesAtMs = source.settle(now);
    this.#save();
    return changesAtMs;
  }

  #isRecent({ openedAtMs }: Entry): boolean {
    const agoMs = this.#now() - openedAtMs;
    return agoMs >= 0 && agoMs < this.#times.takeoverMs;
  }

  #clean(): void {
    if (this.#entries.size < this.#cleanAt) return;
    for (const [key, entry] of this.#entries) {
      if (entry.subscription.isOver && !this.#isRecent(entry)) this.#entries.delete(key);
    }
    this.#cleanAt = Math.max(ENTRIES_BEFORE_CLEANING, 2 * this.#entries.size);
  }
}

function inUse(description: string): ServiceError {
  return new ServiceError(
    'ResourceInUseException',
    `Another active subscription exists for this consumer: ${description}`,
  );
}
