import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Lane } from '../../src/send/lane.js';
import { simulateShard, sumOf } from './shard-simulation.js';

/** By then a lane knows its shard. */
const CONVERGED_S = 15;

describe('a shard that is offered more than it takes', () => {
  it.each([
    { latencyMs: 2, lanes: 1 },
    { latencyMs: 10, lanes: 1 },
    { latencyMs: 100, lanes: 1 },
    { latencyMs: 10, lanes: 4 },
  ])('is used to 90 %, with under 5 % throttled ($latencyMs ms, $lanes workers)', ({ latencyMs, lanes }) => {
    const told = simulateShard({ limit: () => 1000, offered: () => 3000, seconds: 60, latencyMs, lanes });
    const converged = told.slice(CONVERGED_S);
    expect(sumOf(converged, 'accepted') / converged.length).toBeGreaterThan(900);
    expect(sumOf(converged, 'throttled') / sumOf(converged, 'handed')).toBeLessThan(0.05);
  });

  it('is so whatever its limit, the overload and the latency are', () => {
    const scene = fc.record({
      limit: fc.integer({ min: 10, max: 5000 }),
      overload: fc.constantFrom(1.1, 2, 10),
      latencyMs: fc.integer({ min: 1, max: 60 }),
      seed: fc.nat(),
    });
    fc.assert(
      fc.property(scene, ({ limit, overload, latencyMs, seed }) => {
        const offered = limit * overload;
        const told = simulateShard({ limit: () => limit, offered: () => offered, seconds: 60, latencyMs, seed });
        const converged = told.slice(CONVERGED_S);
        expect(sumOf(converged, 'accepted') / converged.length / limit).toBeGreaterThan(0.9);
        // Finding the limit again takes some throttled records a second, which is a larger share of ten a second; and what is
        // on its way when a shard far away says no is thrown back as well. Of 3,000 scenes the worst had 6.5 %.
        const throttledMax = 0.08 * sumOf(converged, 'handed') + 5 * converged.length;
        expect(sumOf(converged, 'throttled')).toBeLessThan(throttledMax);
      }),
      { numRuns: 25 },
    );
  });

  it('is shared by the workers that send to it: no one starves', () => {
    for (const lanes of [2, 4, 8]) {
      const last = simulateShard({ limit: () => 1000, offered: () => 2000, seconds: 60, lanes }).at(-1)!;
      expect(last.waitingMost, `${lanes} workers`).toBeLessThan(1.4 * (last.waiting / lanes));
    }
  });
});

describe('a shard whose limit changes', () => {
  it('tenfold more is found within 15 s', () => {
    fc.assert(
      fc.property(fc.integer({ min: 10, max: 1000 }), fc.nat(), (before, seed) => {
        const limit = (atMs: number) => (atMs < 20_000 ? before : before * 10);
        const told = simulateShard({ limit, offered: () => before * 30, seconds: 45, seed });
        const after = told.slice(35);
        expect(sumOf(after, 'accepted') / after.length / (before * 10)).toBeGreaterThan(0.9);
      }),
      { numRuns: 20 },
    );
  });

  it('a tenth is found at once: hardly anything is thrown back', () => {
    const limit = (atMs: number) => (atMs < 20_000 ? 1000 : 100);
    const after = simulateShard({ limit, offered: () => 3000, seconds: 45 }).slice(20);
    expect(sumOf(after, 'throttled')).toBeLessThan(0.05 * sumOf(after, 'handed'));
    expect(sumOf(after.slice(5), 'accepted') / 20).toBeGreaterThan(90);
  });

  it('one that takes nothing for 10 s is asked rarely, and used again within 15 s', () => {
    const limit = (atMs: number) => (atMs >= 20_000 && atMs < 30_000 ? 0 : 1000);
    const told = simulateShard({ limit, offered: () => 3000, seconds: 60 });
    expect(sumOf(told.slice(21, 30), 'handed')).toBeLessThan(90);
    expect(sumOf(told.slice(45), 'accepted') / 15).toBeGreaterThan(900);
  });
});

describe('a full shard whose limit goes up and down', () => {
  it.each([1, 4])('is used, and never takes its throttles for chance (%i workers)', (lanes) => {
    const limit = (atMs: number) => (Math.floor(atMs / 10_000) % 2 === 0 ? 1000 : 500);
    const told = simulateShard({ limit, offered: () => 2500, seconds: 60, lanes });
    expect(sumOf(told, 'accepted') / told.length).toBeGreaterThan(0.85 * 750);
    expect(sumOf(told, 'throttled') / sumOf(told, 'handed')).toBeLessThan(0.08);
  });
});

describe('a shard within its limit', () => {
  it('is never slowed: every record goes when it comes due', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 10, max: 5000 }),
        fc.double({ min: 0.1, max: 0.99, noNaN: true }),
        (limit, load) => {
          const told = simulateShard({ limit: () => limit, offered: () => limit * load, seconds: 10 });
          expect(sumOf(told, 'slowed')).toBe(0);
          expect(sumOf(told, 'throttled')).toBe(0);
          expect(sumOf(told, 'waiting')).toBe(0);
        },
      ),
      { numRuns: 20 },
    );
  });

  it('is open again after an overload, once what waited is gone', () => {
    const offered = (atMs: number) => (atMs < 10_000 ? 1500 : 300);
    const told = simulateShard({ limit: () => 1000, offered, seconds: 30 });
    expect(told[9]!.slowed).toBe(1);
    expect(told[9]!.waiting).toBeGreaterThan(1000);
    const last = told.at(-1)!;
    expect(last).toMatchObject({ slowed: 0, waiting: 0, accepted: 300 });
  });
});

describe('throttles that load does not explain', () => {
  const ALWAYS = () => Number.POSITIVE_INFINITY;

  it.each([
    { refusedShare: 0.05, perSecond: 100 },
    { refusedShare: 0.05, perSecond: 3000 },
    { refusedShare: 0.2, perSecond: 3 },
    { refusedShare: 0.2, perSecond: 100 },
    { refusedShare: 0.2, perSecond: 3000 },
    { refusedShare: 0.5, perSecond: 100 },
    { refusedShare: 0.5, perSecond: 3000 },
  ])('leave a lane nearly what an open one gets ($refusedShare of $perSecond records/s)', (given) => {
    const { refusedShare, perSecond } = given;
    for (const lanes of [1, 3]) {
      const told = simulateShard({ limit: ALWAYS, offered: () => perSecond, seconds: 60, refusedShare, lanes });
      const after = told.slice(20);
      expect(sumOf(told, 'accepted') / told.length, 'from the beginning').toBeGreaterThan(0.7 * perSecond);
      expect(sumOf(after, 'accepted') / after.length, 'later').toBeGreaterThan(0.9 * perSecond);
    }
  });

  it('do so whatever their share and the load are, and when whole requests are refused', () => {
    const scene = fc.record({
      refusedShare: fc.double({ min: 0, max: 0.3, noNaN: true }),
      refusedRequests: fc.constantFrom(0, 0.2),
      perSecond: fc.constantFrom(5, 50, 500),
      lanes: fc.constantFrom(1, 3),
      seed: fc.nat(),
    });
    fc.assert(
      fc.property(scene, ({ perSecond, ...given }) => {
        const told = simulateShard({ ...given, limit: ALWAYS, offered: () => perSecond, seconds: 45 });
        // Of few records it takes a while to tell.
        const after = told.slice(20);
        expect(sumOf(after, 'accepted') / after.length).toBeGreaterThan(0.6 * perSecond);
      }),
      // What is drawn at random here is repeatable: a lane that is unlucky takes longer.
      { numRuns: 12, seed: 1 },
    );
  });

  it.each([
    { refusedShare: 0.2, lanes: 1, throttledMax: 0.35 },
    { refusedShare: 0.2, lanes: 4, throttledMax: 0.35 },
    { refusedShare: 0.5, lanes: 1, throttledMax: 0.7 },
  ])('let a full shard be used, with $refusedShare refused by chance, $lanes workers', (given) => {
    const { refusedShare, lanes, throttledMax } = given;
    const told = simulateShard({ limit: () => 1000, offered: () => 3000, seconds: 60, refusedShare, lanes });
    const converged = told.slice(CONVERGED_S);
    expect(sumOf(converged, 'accepted') / converged.length).toBeGreaterThan(750);
    expect(sumOf(converged, 'throttled') / sumOf(converged, 'handed')).toBeLessThan(throttledMax);
  });

  it('are forgotten when they end: a full shard is sent what it takes', () => {
    const refusedShare = (atMs: number) => (atMs < 20_000 ? 0.5 : 0);
    const told = simulateShard({ limit: () => 1000, offered: () => 3000, seconds: 60, refusedShare });
    const after = told.slice(35);
    expect(sumOf(after, 'accepted') / after.length).toBeGreaterThan(900);
    expect(sumOf(after, 'throttled') / sumOf(after, 'handed')).toBeLessThan(0.05);
  });
});

describe('a throttle', () => {
  it('holds back everything for a while, and the lane tells for how long', () => {
    const lane = new Lane(() => 0.5);
    expect([lane.slowed, lane.admit(0), lane.nextAdmissionMs(0)]).toEqual([false, true, 0]);
    lane.accepted(200, 90, 100);
    lane.throttled(95, 110);
    expect([lane.slowed, lane.admit(110)]).toEqual([true, false]);
    const nextMs = lane.nextAdmissionMs(110);
    expect(nextMs).toBeGreaterThan(110 + 25);
    expect(lane.admit(nextMs - 1)).toBe(false);
    expect(lane.admit(nextMs + 1)).toBe(true);
  });

  it('of a request that was under way before the last cut cuts no more', () => {
    const lane = new Lane();
    lane.accepted(1000, 900, 900);
    lane.throttled(990, 1000);
    const rate = lane.recordsPerSecond;
    for (let i = 0; i < 100; i++) lane.throttled(900 + i, 1010);
    expect(lane.recordsPerSecond).toBe(rate);
    for (let i = 0; i < 100; i++) lane.throttled(1001 + i, 1110);
    expect(lane.recordsPerSecond).toBeLessThan(rate);
  });

  it('never stops a lane for good, however many come in a row', () => {
    const lane = new Lane(() => 0.999);
    let nowMs = 0;
    for (let i = 0; i < 100; i++) {
      lane.throttled(nowMs, nowMs);
      const nextMs = lane.nextAdmissionMs(nowMs);
      expect(nextMs - nowMs).toBeLessThan(6_100);
      nowMs = nextMs + 1;
      expect(lane.admit(nowMs)).toBe(true);
    }
  });
});
