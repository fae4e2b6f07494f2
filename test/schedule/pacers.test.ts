import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Stage } from '../../src/core/schedule-mode.js';
import { AsFastAsPossiblePacer, RatePacer, RecordedTimingPacer } from '../../src/schedule/pacers.js';
import { Profile } from '../../src/schedule/profile.js';

function constant(rps: number): RatePacer {
  return new RatePacer(new Profile([{ fromRps: rps, toRps: rps, durationMs: Number.POSITIVE_INFINITY }]));
}

/** Stages as [from, to, seconds]. */
function stagesOf(...parts: readonly (readonly [number, number, number])[]): Stage[] {
  return parts.map(([fromRps, toRps, seconds]) => ({ fromRps, toRps, durationMs: seconds * 1000 }));
}

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
    expect(constant(rps).intendedAt(n)).toBe(dueMs);
  });

  it('does not drift: after 1e9 records, times and distances are still exact', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), fc.integer({ min: 0, max: 1e9 }), (rps, n) => {
        const pacer = constant(rps);
        const seconds = Math.floor(n / rps);
        expect(pacer.intendedAt(seconds * rps)).toBe(seconds * 1000);
        expect(pacer.intendedAt(n + 1) - pacer.intendedAt(n)).toBeCloseTo(1000 / rps, 3);
      }),
    );
  });
});

describe('stages', () => {
  const NEVER = Number.POSITIVE_INFINITY;

  it.each([
    // A rise by 1,000 records/s each second: record n is due at sqrt(2 n / 1000) s.
    { stages: stagesOf([0, 5000, 5]), due: { 0: 0, 1: Math.sqrt(2000), 500: 1000, 2000: 2000, 12500: NEVER } },
    // The same, backwards.
    { stages: stagesOf([5000, 0, 5]), due: { 0: 0, 10500: 3000, 12000: 4000, 12499: 5000 - Math.sqrt(2000) } },
    // Each stage takes over where the one before ended.
    { stages: stagesOf([100, 100, 1], [10, 10, 2]), due: { 99: 990, 100: 1000, 101: 1100, 119: 2900, 120: NEVER } },
    // Half a record is carried over: record 2 has waited for 0.5 in the first stage.
    { stages: stagesOf([1, 1, 1.5], [2, 2, 1]), due: { 1: 1000, 2: 1750, 3: 2250, 4: NEVER } },
    // Nothing is due in a stage at 0.
    { stages: stagesOf([10, 10, 1], [0, 0, 60], [10, 10, 1]), due: { 9: 900, 10: 61_000, 11: 61_100 } },
    { stages: stagesOf([0, 0, 5], [1, 1, 2]), due: { 0: 5000, 1: 6000, 2: NEVER } },
  ])('$stages', ({ stages, due }) => {
    const pacer = new RatePacer(new Profile(stages));
    const found = Object.fromEntries(Object.keys(due).map((n) => [n, pacer.intendedAt(Number(n))]));
    for (const [n, dueMs] of Object.entries(due)) expect(found[n], `record ${n}`).toBeCloseTo(dueMs, 9);
  });

  /** Rates in thousandths of a record, and lengths in milliseconds, so that sums of them are whole numbers. */
  const stage = fc.record({
    from: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 3_000_000 })),
    to: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 3_000_000 })),
    ms: fc.integer({ min: 1, max: 100_000 }),
  });
  const anyStages = fc.array(stage, { minLength: 1, maxLength: 8 });
  const profileOf = (list: readonly { from: number; to: number; ms: number }[]) =>
    new Profile(list.map(({ from, to, ms }) => ({ fromRps: from / 1000, toRps: to / 1000, durationMs: ms })));

  it('have exactly as many records as their integral, up to the end of each', () => {
    fc.assert(
      fc.property(anyStages, (list) => {
        const pacer = new RatePacer(profileOf(list));
        let endMs = 0;
        // The integral, times 2,000,000.
        let integral = 0n;
        for (const { from, to, ms } of list) {
          endMs += ms;
          integral += (BigInt(from) + BigInt(to)) * BigInt(ms);
          // Records 0 to k - 1 are due before the end, if k - 1 is less than the integral.
          const count = Number((integral + 1_999_999n) / 2_000_000n);
          if (count > 0) expect(pacer.intendedAt(count - 1)).toBeLessThan(endMs);
          expect(pacer.intendedAt(count)).toBeGreaterThanOrEqual(endMs);
        }
        const total = Number((integral + 1_999_999n) / 2_000_000n);
        expect(pacer.intendedAt(total)).toBe(Number.POSITIVE_INFINITY);
      }),
    );
  });

  it('make each record due when the integral reaches its number, and never before an earlier one', () => {
    fc.assert(
      fc.property(anyStages, fc.double({ min: 0, max: 1, noNaN: true }), (list, share) => {
        const profile = profileOf(list);
        const total = Math.ceil(profile.amountBy(profile.endMs));
        fc.pre(total > 1);
        const n = Math.floor(share * (total - 1));
        const [dueMs, nextMs] = [profile.whenDue(n), profile.whenDue(n + 1)];
        expect(nextMs).toBeGreaterThanOrEqual(dueMs);
        expect(profile.amountBy(dueMs)).toBeCloseTo(n, 4);
      }),
    );
  });

  it('go on from any moment as they would have gone on', () => {
    fc.assert(
      fc.property(anyStages, fc.double({ min: 0, max: 0.99, noNaN: true }), (list, share) => {
        const profile = profileOf(list);
        const fromMs = share * profile.endMs;
        const rest = profile.from(fromMs)!;
        const done = profile.amountBy(fromMs);
        expect(rest.endMs).toBeCloseTo(profile.endMs - fromMs, 6);
        for (const part of [0.1, 0.5, 1]) {
          const ms = part * rest.endMs;
          expect(rest.amountBy(ms)).toBeCloseTo(profile.amountBy(fromMs + ms) - done, 4);
        }
      }),
    );
    expect(profileOf([{ from: 1000, to: 0, ms: 5 }]).from(5)).toBeUndefined();
  });
});

describe('bursts', () => {
  it.each([
    { rps: 1000, burstMs: 500, n: 0, dueMs: 0 },
    { rps: 1000, burstMs: 500, n: 499, dueMs: 0 },
    { rps: 1000, burstMs: 500, n: 500, dueMs: 500 },
    { rps: 3, burstMs: 1000, n: 2, dueMs: 0 },
    { rps: 3, burstMs: 1000, n: 3, dueMs: 1000 },
    { rps: 0.1, burstMs: 500, n: 1, dueMs: 10_000 },
  ])('of $burstMs ms at $rps/s: record $n is due at $dueMs ms', ({ rps, burstMs, n, dueMs }) => {
    expect(new RatePacer(constant(rps).profile, burstMs).intendedAt(n)).toBe(dueMs);
  });

  it('hold all records of their interval, and the last one only those before the end of the run', () => {
    const pacer = new RatePacer(constant(100).profile, 1000, 2500);
    expect([199, 200, 249, 250].map((n) => pacer.intendedAt(n))).toEqual([1000, 2000, 2000, Number.POSITIVE_INFINITY]);
    expect([0, 1, 1000, 1001, 2001, 9000].map((ms) => pacer.amountBy(ms))).toEqual([0, 100, 100, 200, 250, 250]);
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
