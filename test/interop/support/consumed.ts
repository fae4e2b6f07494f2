import { expect } from 'vitest';
import type { Numbered } from './producer.js';

/** Records that a consumer was given together, of one shard, or of several. */
export interface Batch {
  /** Of a clock that all processes share. */
  readonly at: number;
  readonly records?: readonly Numbered[];
}

/** How many records of each key were consumed, by the highest number; what is missing between is not looked at. */
export function consumed(batches: readonly Batch[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { records = [] } of batches) {
    for (const { key, n } of records) counts.set(key, Math.max(counts.get(key) ?? 0, n + 1));
  }
  return counts;
}

export function isAllConsumed(batches: readonly Batch[], produced: ReadonlyMap<string, number>): boolean {
  const counts = consumed(batches);
  return [...produced].every(([key, count]) => counts.get(key) === count);
}

/**
 * Each record came at least once, and without those that came again, each key's came in order and without a gap.
 * @returns how many came again
 */
export function expectEachInOrder(batches: readonly Batch[], produced: ReadonlyMap<string, number>): number {
  const next = new Map<string, number>();
  let again = 0;
  for (const { records = [] } of [...batches].sort((a, b) => a.at - b.at)) {
    for (const { key, n } of records) {
      const wanted = next.get(key) ?? 0;
      if (n < wanted) again++;
      else {
        expect(n, `the next record of ${key}`).toBe(wanted);
        next.set(key, n + 1);
      }
    }
  }
  expect(Object.fromEntries(next)).toEqual(Object.fromEntries(produced));
  return again;
}
