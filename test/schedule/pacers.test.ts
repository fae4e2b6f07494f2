import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AsFastAsPossiblePacer, ConstantRatePacer, RecordedTimingPacer } from '../../src/schedule/pacers.js';

describe('a constant rate', () => {
  it.each([
    { rps: 1, n: 0, dueMs: 0 },
    { rps: 1, n: 1, dueMs: 1000 },
    { rps: 5000, n: 1, dueMs: 0.2 },
    { rps: 5000, n: 5000, dueMs: 1000 },
    { rps: 3, n: 3, dueMs: 1000 },
    { rps: 0.1, n: 6, dueMs: 60_000 },
    { rps: 7, n: 7_000_000_000, dueMs: 1e12 },
    { rps: 3000, n: 1e9, dueMs: 1e12 / 3000 },
    { rps: 123_457, n: 1e9, dueMs: 1e12 / 123_457 },
  ])('of $rps/s: record $n is due at $dueMs ms', ({ rps, n, dueMs }) => {
    expect(new ConstantRatePacer(rps).intendedAt(n)).toBe(dueMs);
  });

  it('does not drift: after 1e9 records, times and distances are still exact', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), fc.integer({ min: 0, max: 1e9 }), (rps, n) => {
        const pacer = new ConstantRatePacer(rps);
        const seconds = Math.floor(n / rps);
        expect(pacer.intendedAt(seconds * rps)).toBe(seconds * 1000);
        expect(pacer.intendedAt(n + 1) - pacer.intendedAt(n)).toBeCloseTo(1000 / rps, 3);
      }),
    );
  });

  it('can start with any record at any moment', () => {
    const pacer = new ConstantRatePacer(100, 50, 1234);
    expect([50, 51, 150].map((n) => pacer.intendedAt(n))).toEqual([1234, 1244, 2234]);
  });
});

describe('recorded timing', () => {
  const day = Date.parse('2026-01-02T03:04:05Z');

  it.each([
    { speed: 1, afterMs: 0, dueMs: 0 },
    { speed: 1, afterMs: 1500, dueMs: 1500 },
    { speed: 2, afterMs: 1500, dueMs: 750 },
    { speed: 0.5, afterMs: 1500, dueMs: 3000 },
    { speed: 1, afterMs: 0.25, dueMs: 0.25 },
    { speed: 10, afterMs: 86_400_000, dueMs: 8_640_000 },
  ])('at $speed x: a record $afterMs ms after the first is due at $dueMs ms', ({ speed, afterMs, dueMs }) => {
    expect(new RecordedTimingPacer(day, speed).intendedAt(17, day + afterMs)).toBe(dueMs);
  });

  it('makes a record that is older than those before it due in the past, and moves no later one', () => {
    const pacer = new RecordedTimingPacer(day, 1);
    const due = [0, 100, -50, 60, 200].map((afterMs, n) => pacer.intendedAt(n, day + afterMs));
    expect(due).toEqual([0, 100, -50, 60, 200]);
  });

  it('depends only on the recorded moment, not on the number of the record or on earlier calls', () => {
    const times = fc.array(fc.integer({ min: -1e9, max: 1e9 }), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(times, (afters) => {
        const pacer = new RecordedTimingPacer(day, 4);
        for (const [n, after] of afters.entries()) expect(pacer.intendedAt(n, day + after)).toBe(after / 4);
      }),
    );
  });
});

it('as fast as possible, every record is due already', () => {
  expect(new AsFastAsPossiblePacer().intendedAt()).toBe(Number.NEGATIVE_INFINITY);
});
