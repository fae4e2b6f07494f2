import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BACKOFF_BASE_MS, BACKOFF_CAP_MS, backoffMs } from '../../src/core/backoff.js';

describe('backoff', () => {
  it.each([
    [1, 50],
    [2, 100],
    [3, 200],
    [7, 3200],
    [8, 5000],
    [1000, 5000],
    [100_000, 5000],
  ])('after %i attempts is at most %i ms', (attempts, boundMs) => {
    expect(backoffMs(attempts, 0)).toBe(0);
    expect(backoffMs(attempts, 0.5)).toBe(boundMs / 2);
    expect(backoffMs(attempts, 1 - 2 ** -53)).toBeLessThanOrEqual(boundMs);
  });

  it('is spread over its whole range, and never exceeds the cap', () => {
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), random, (attempts, drawn) => {
        const waitMs = backoffMs(attempts, drawn);
        expect(waitMs).toBeGreaterThanOrEqual(0);
        expect(waitMs).toBeLessThanOrEqual(BACKOFF_CAP_MS);
        expect(backoffMs(attempts + 1, drawn)).toBeGreaterThanOrEqual(waitMs);
      }),
    );
    expect([BACKOFF_BASE_MS, BACKOFF_CAP_MS]).toEqual([50, 5000]);
  });
});
