import type { ConsumerState } from './stream-state.js';

/** The consumers of a stream pass through their states by themselves, as streams do. Times are epoch milliseconds. */

export type ConsumerStatus = 'CREATING' | 'ACTIVE' | 'DELETING';

export function consumerStatus({ pending }: ConsumerState): ConsumerStatus {
  return pending?.status ?? 'ACTIVE';
}

/** What has become of them by now: those that were created are ACTIVE, those that were deleted are gone. */
export function settledConsumers(consumers: readonly ConsumerState[], now: number): ConsumerState[] {
  const isDue = ({ pending }: ConsumerState) => pending !== undefined && now >= pending.untilMs;
  const remaining = consumers.filter((consumer) => !(isDue(consumer) && consumer.pending?.status === 'DELETING'));
  for (const consumer of remaining) if (isDue(consumer)) consumer.pending = undefined;
  return remaining;
}

/** When the next of them changes; Infinity: none does. */
export function nextConsumerChangeMs(consumers: readonly ConsumerState[]): number {
  return consumers.reduce((least, { pending }) => Math.min(least, pending?.untilMs ?? least), Number.POSITIVE_INFINITY);
}
