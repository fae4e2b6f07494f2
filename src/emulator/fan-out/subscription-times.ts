export interface SubscriptionTimes {
  /** After so long without an event there is one without records, milliseconds. */
  readonly heartbeatMs: number;
  /** After so long a subscription ends, milliseconds. */
  readonly lifeMs: number;
  /** Until then the next subscription to the same is refused, afterwards it takes over, milliseconds. */
  readonly takeoverMs: number;
}

export const SUBSCRIPTION_TIMES: SubscriptionTimes = { heartbeatMs: 5000, lifeMs: 300_000, takeoverMs: 5000 };
