import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RetryQueue } from '../../src/send/retry.js';

describe('the retry queue', () => {
  const time = fc.oneof(
    fc.integer({ min: 0, max: 20 }),
    // No negative zero: a clock has only one zero.
    fc.double({ noNaN: true }).map((ms) => ms + 0),
    fc.constant(Number.POSITIVE_INFINITY),
  );

  it('returns the earliest item first, and none before its time', () => {
    fc.assert(
      fc.property(fc.array(time, { maxLength: 200 }), (times) => {
        const queue = new RetryQueue<number>();
        for (const atMs of times) queue.push(atMs, atMs);
        const sorted = [...times].sort((a, b) => a - b || 0);
        for (const [i, atMs] of sorted.entries()) {
          expect([queue.size, queue.nextAtMs]).toEqual([times.length - i, atMs]);
          expect(queue.takeDue(atMs)).toBe(atMs);
        }
        expect([queue.size, queue.nextAtMs]).toEqual([0, Number.POSITIVE_INFINITY]);
        expect(queue.takeDue(Number.POSITIVE_INFINITY)).toBeUndefined();
      }),
    );
  });

  it('loses and duplicates nothing when pushes and takes alternate', () => {
    const step = fc.oneof(
      fc.record({ push: fc.integer({ min: 0, max: 100 }) }),
      fc.record({ takeAt: fc.integer({ min: 0, max: 100 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const queue = new RetryQueue<{ id: number; atMs: number }>();
        let waiting: { id: number; atMs: number }[] = [];
        for (const [id, one] of steps.entries()) {
          if ('push' in one) {
            const item = { id, atMs: one.push };
            queue.push(item, item.atMs);
            waiting.push(item);
            continue;
          }
          const taken = queue.takeDue(one.takeAt);
          const earliestMs = Math.min(...waiting.map(({ atMs }) => atMs));
          if (earliestMs > one.takeAt) expect(taken).toBeUndefined();
          else {
            expect(taken?.atMs).toBe(earliestMs);
            expect(waiting).toContain(taken);
            waiting = waiting.filter((item) => item !== taken);
          }
        }
        expect(queue.size).toBe(waiting.length);
      }),
    );
  });
});
