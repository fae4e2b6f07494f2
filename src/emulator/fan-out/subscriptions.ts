import { resourceInUse, type ServiceError } from '../protocol/service-error.js';
import { Subscription, type SubscriptionSource, type SubscriptionTimes } from './subscription.js';

/** The number of entries from which on outdated ones are removed. */
const ENTRIES_BEFORE_CLEANING = 1000;

interface Entry {
  readonly subscription: Subscription;
  readonly openedAtMs: number;
}

/** The subscriptions of all consumers, at most one for each consumer and shard. */
export class Subscriptions {
  readonly #times: SubscriptionTimes;
  readonly #now: () => number;
  readonly #save: () => void;
  readonly #entries = new Map<string, Entry>();
  #cleanAt = ENTRIES_BEFORE_CLEANING;

  /**
   * @param now  epoch milliseconds
   * @param save saves a stream's changes before they are reported to a subscriber; throws if that fails
   */
  constructor(now: () => number, times: SubscriptionTimes, save: () => void = () => {}) {
    this.#now = () => Math.floor(now());
    this.#times = times;
    this.#save = save;
  }

  /** Throws a ResourceInUseException if there is a subscription with this key that is too new to take over from. */
  requireFree(key: string, description: string): void {
    const entry = this.#entries.get(key);
    if (entry !== undefined && this.#isRecent(entry)) throw inUse(description);
  }

  /**
   * Opens a subscription, which takes over from the previous one with this key.
   * Throws a ResourceInUseException if that one is too new.
   * @param key         the consumer's ARN and the shard's id
   * @param description names the subscription in messages
   */
  open(key: string, description: string, source: SubscriptionSource, position: number): Subscription {
    this.requireFree(key, description);
    this.#entries.get(key)?.subscription.fail(inUse(description));
    this.#removeOutdated();
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

  #removeOutdated(): void {
    if (this.#entries.size < this.#cleanAt) return;
    for (const [key, entry] of this.#entries) {
      if (entry.subscription.isOver && !this.#isRecent(entry)) this.#entries.delete(key);
    }
    this.#cleanAt = Math.max(ENTRIES_BEFORE_CLEANING, 2 * this.#entries.size);
  }
}

function inUse(description: string): ServiceError {
  return resourceInUse(`Another active subscription exists for this consumer: ${description}`);
}
