import { expect } from 'vitest';
import type { Numbered } from './producer.js';

/** Records that a consumer was given together, of one shard, or of several. */
export interface Batch {
  /** Of a clock that all processes share. */
  readonly at: number;
  readonly records?: readonly Numbered[];
}

export function isAllConsumed(batches: readonly Batch[], produced: ReadonlyMap<string, number>): boolean {
  const seen = new Set<string>();
  for (const { records = [] } of batches) for (const { key, n } of records) seen.add(`${key} ${n}`);
  return seen.size === [...produced.values()].reduce((sum, count) => sum + count);
}

/** Each record came at least once, and without those that came again, each key's came in order and without a gap. */
export function expectEachInOrder(batches: readonly Batch[], produced: ReadonlyMap<string, number>): void {
  const next = new Map<string, number>();
  for (const { records = [] } of [...batches].sort((a, b) => a.at - b.at)) {
    for (const { key, n } of records) {
      const wanted = next.get(key) ?? 0;
      if (n < wanted) continue;
      expect(n, `the next record of ${key}`).toBe(wanted);
      next.set(key, n + 1);
    }
  }
  expect(Object.fromEntries(next)).toEqual(Object.fromEntries(produced));
}
