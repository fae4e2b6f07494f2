import type { ConsumerState } from './stream-state.js';

export type ConsumerStatus = 'CREATING' | 'ACTIVE' | 'DELETING';

export function consumerStatus({ pending }: ConsumerState): ConsumerStatus {
  return pending?.status ?? 'ACTIVE';
}

/** Applies the changes that are due (epoch milliseconds): new consumers become ACTIVE, deleted ones are left out. */
export function settledConsumers(consumers: readonly ConsumerState[], now: number): ConsumerState[] {
  const isDue = ({ pending }: ConsumerState) => pending !== undefined && now >= pending.untilMs;
  const remaining = consumers.filter((consumer) => !(isDue(consumer) && consumer.pending?.status === 'DELETING'));
  for (const consumer of remaining) if (isDue(consumer)) consumer.pending = undefined;
  return remaining;
}

/** When the next consumer changes its status, epoch milliseconds; Infinity if none will. */
export function nextConsumerChangeMs(consumers: readonly ConsumerState[]): number {
  return consumers.reduce((least, { pending }) => Math.min(least, pending?.untilMs ?? least), Number.POSITIVE_INFINITY);
}
