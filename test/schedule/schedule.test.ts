import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Arrival, ScheduleMode } from '../../src/core/schedule-mode.js';
import { Schedule } from '../../src/schedule/schedule.js';

const START_MS = 50_000;

/** When the next `count` records are due, on the clock. */
function take(schedule: Schedule, count: number, recordedAtMs = (_n: number) => Number.NaN): number[] {
  return Array.from({ length: count }, (_, n) => {
    const dueMs = schedule.next(recordedAtMs(n));
    schedule.advance(dueMs, recordedAtMs(n), 1);
    return schedule.clockAt(dueMs);
  });
}

function gaps(times: readonly number[]): number[] {
  return times.slice(1).map((time, i) => time - times[i]!);
}

function expectClose(times: readonly number[], others: readonly number[], laterMs: number): void {
  for (const [i, time] of times.entries()) expect(time).toBeCloseTo(others[i]! + laterMs, 6);
}

function atRate(rps: number): Schedule {
  return new Schedule({ kind: 'constant-rate', rps }, START_MS);
}

describe('the modes', () => {
  it('a constant rate begins at the start of the run', () => {
    const schedule = atRate(1000);
    expect(schedule.rpsAt(START_MS)).toBe(1000);
    expect(take(schedule, 4)).toEqual([START_MS, START_MS + 1, START_MS + 2, START_MS + 3]);
  });

  it('asking twice for the same record changes nothing', () => {
    const schedule = atRate(1000);
    expect([schedule.next(0), schedule.next(0), schedule.next(0)]).toEqual([0, 0, 0]);
    schedule.advance(0, 0, 1);
    expect(schedule.next(0)).toBe(1);
  });

  it('recorded timing counts from the first record', () => {
    const recorded = [1e12, 1e12 + 100, 1e12 + 40, 1e12 + 300];
    const schedule = new Schedule({ kind: 'recorded', speed: 2 }, START_MS);
    expect(schedule.rpsAt(START_MS)).toBeUndefined();
    // The third record is older than the second: it is due together with it, and moves no later one.
    expect(take(schedule, 4, (n) => recorded[n]!)).toEqual([START_MS, START_MS + 50, START_MS + 50, START_MS + 150]);
    expect(schedule.lengthMs).toBe(150);
  });

  it('knows the mean rate, including its changes', () => {
    const schedule = atRate(1000);
    take(schedule, 1000);
    expect([schedule.lengthMs, schedule.meanRps]).toEqual([1000, 1000]);
    schedule.scaleRate(0.5);
    take(schedule, 500);
    expect([schedule.lengthMs, schedule.meanRps]).toEqual([2000, 750]);
  });

  it('as fast as possible, all records are due at any time', () => {
    const schedule = new Schedule({ kind: 'as-fast-as-possible' }, START_MS);
    expect(schedule.rpsAt(START_MS)).toBeUndefined();
    expect(take(schedule, 2)).toEqual([Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]);
  });
});

describe('a pause', () => {
  it('moves later records by exactly its length, and no earlier ones', () => {
    const pauses = fc.array(fc.tuple(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 0, max: 100_000 })), {
      maxLength: 6,
    });
    fc.assert(
      fc.property(pauses, fc.integer({ min: 1, max: 2000 }), (list, rps) => {
        const paused = atRate(rps);
        const plain = atRate(rps);
        let clockMs = START_MS;
        let pausedMs = 0;
        for (const [untilMs, lengthMs] of list) {
          expectClose(take(paused, 3), take(plain, 3), pausedMs);
          clockMs += untilMs;
          paused.pause(clockMs);
          clockMs += lengthMs;
          paused.resume(clockMs);
          pausedMs += lengthMs;
        }
        expectClose(take(paused, 3), take(plain, 3), pausedMs);
        expect(paused.elapsedAt(clockMs)).toBe(clockMs - START_MS - pausedMs);
      }),
    );
  });

  it('stops the schedule, and lasts from the first pause to the first resume', () => {
    const schedule = atRate(10);
    schedule.pause(START_MS + 400);
    schedule.pause(START_MS + 900);
    expect(schedule.paused).toBe(true);
    expect(schedule.elapsedAt(START_MS + 2000)).toBe(400);
    schedule.resume(START_MS + 1400);
    schedule.resume(START_MS + 9000);
    expect(schedule.paused).toBe(false);
    expect(schedule.elapsedAt(START_MS + 1500)).toBe(500);
    expect(schedule.clockAt(500)).toBe(START_MS + 1500);
  });

  it('moves recorded moments as well', () => {
    const schedule = new Schedule({ kind: 'recorded', speed: 1 }, START_MS);
    take(schedule, 1, () => 0);
    schedule.pause(START_MS + 10);
    schedule.resume(START_MS + 1010);
    expect(take(schedule, 2, (n) => 100 + n)).toEqual([START_MS + 1100, START_MS + 1101]);
  });
});

describe('a change of the rate', () => {
  it('makes neither a gap nor a burst: the next record keeps its time, and the others follow at the new rate', () => {
    const factor = fc.constantFrom(0.5, 0.9, 1.1, 2, 10);
    const changes = fc.array(fc.tuple(fc.integer({ min: 0, max: 200 }), factor), { maxLength: 8 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), changes, (rpsFirst, list) => {
        const schedule = atRate(rpsFirst);
        let rps = rpsFirst;
        for (const [records, by] of list) {
          take(schedule, records);
          const dueBefore = schedule.next(Number.NaN);
          schedule.scaleRate(by);
          rps *= by;
          expect(schedule.rpsAt(START_MS)! / rps).toBeCloseTo(1, 9);
          expect(schedule.next(Number.NaN)).toBeCloseTo(dueBefore, 6);
          for (const gap of gaps(take(schedule, 5))) expect(gap).toBeCloseTo(1000 / rps, 4);
        }
      }),
    );
  });

  it('keeps intended times in order with any changes and pauses', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('take' as const), by: fc.integer({ min: 1, max: 100 }) }),
      fc.record({ kind: fc.constant('scale' as const), by: fc.constantFrom(0.5, 0.9, 1.1, 2) }),
      fc.record({ kind: fc.constant('pause' as const), by: fc.integer({ min: 0, max: 10_000 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const schedule = atRate(500);
        let clockMs = START_MS;
        const times: number[] = [];
        for (const { kind, by } of steps) {
          if (kind === 'take') times.push(...take(schedule, by));
          else if (kind === 'scale') schedule.scaleRate(by);
          else {
            schedule.pause(clockMs);
            clockMs += by;
            schedule.resume(clockMs);
          }
        }
        for (const gap of gaps(times)) expect(gap).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('before the first record changes only the spacing', () => {
    const schedule = atRate(100);
    schedule.scaleRate(2);
    expect(schedule.rpsAt(START_MS)).toBe(200);
    expect(take(schedule, 3)).toEqual([START_MS, START_MS + 5, START_MS + 10]);
  });

  it.each<ScheduleMode>([{ kind: 'recorded', speed: 1 }, { kind: 'as-fast-as-possible' }])(
    'does nothing to $kind',
    (mode) => {
      const schedule = new Schedule(mode, START_MS);
      const plain = new Schedule(mode, START_MS);
      const recorded = (n: number) => 1e12 + n * 100;
      expect(take(schedule, 2, recorded)).toEqual(take(plain, 2, recorded));
      schedule.scaleRate(2);
      expect(schedule.rpsAt(START_MS)).toBeUndefined();
      expect(take(schedule, 2, recorded)).toEqual(take(plain, 2, recorded));
    },
  );
});

const STAGES = [
  { fromRps: 0, toRps: 100, durationMs: 2000 },
  { fromRps: 100, toRps: 100, durationMs: 1000 },
];

/** Schedules all records that are due. Returns how many. */
function takeAll(schedule: Schedule): number {
  for (let n = 0; ; n++) {
    const dueMs = schedule.next(Number.NaN);
    if (dueMs === Number.POSITIVE_INFINITY) return n;
    schedule.advance(dueMs, Number.NaN, 1);
  }
}

function askedIn(schedule: Schedule, seconds: number): number[] {
  return Array.from({ length: seconds }, (_, second) => {
    return Number(schedule.askedBetween(START_MS + second * 1000, START_MS + second * 1000 + 1000)?.toFixed(6));
  });
}

describe('a changing rate', () => {
  const inStages = (arrival?: Arrival) =>
    new Schedule({ kind: 'stages', stages: STAGES, ...(arrival && { arrival }) }, START_MS);

  it('ends with its stages, and knows what each second asks for', () => {
    const schedule = inStages();
    expect(schedule.isOver).toBe(false);
    expect([0, 500, 1000, 2500].map((ms) => schedule.rpsAt(START_MS + ms))).toEqual([0, 25, 50, 100]);
    expect(takeAll(schedule)).toBe(200);
    expect(schedule.isOver).toBe(true);
    expect([schedule.endMs, schedule.lengthMs]).toEqual([3000, 3000]);
    expect(schedule.meanRps).toBeCloseTo(200 / 3, 9);
    expect(schedule.asked()).toEqual({ recordsPerSecond: 100, isPeak: true });
    expect(askedIn(schedule, 5)).toEqual([25, 75, 100, 0, 0]);
  });

  it('is scaled from the next record on, and asks for more from there', () => {
    const schedule = inStages();
    take(schedule, 25);
    schedule.scaleRate(2);
    expect(takeAll(schedule)).toBe(350);
    expect(askedIn(schedule, 4)).toEqual([25, 150, 200, 0]);
    expect(schedule.asked()).toEqual({ recordsPerSecond: 200, isPeak: true });
    expect(schedule.meanRps).toBeCloseTo(125, 9);
  });

  it('remembers a peak from before it was scaled down', () => {
    const schedule = new Schedule({ kind: 'stages', stages: [...STAGES].reverse() }, START_MS);
    take(schedule, 100);
    schedule.scaleRate(0.1);
    expect(schedule.asked()).toEqual({ recordsPerSecond: 100, isPeak: true });
  });

  it('asks for nothing in a pause, and what was due then comes after it', () => {
    const schedule = inStages();
    schedule.pause(START_MS + 1000);
    schedule.resume(START_MS + 3000);
    expect(askedIn(schedule, 6)).toEqual([25, 0, 0, 75, 100, 0]);
    schedule.pause(START_MS + 4500);
    expect(askedIn(schedule, 6)).toEqual([25, 0, 0, 75, 50, 0]);
  });

  it('asks for no more once the run has no more records', () => {
    const schedule = inStages();
    take(schedule, 50);
    schedule.finish();
    expect(askedIn(schedule, 4)).toEqual([25, 25, 0, 0]);
  });

  it('goes on where an earlier leg of the run left it', () => {
    const first = inStages();
    take(first, 25);
    const second = new Schedule({ kind: 'stages', stages: STAGES }, START_MS, { doneMs: first.doneMs });
    // What the first leg read and did not send is due at once, and no part of the stages.
    second.catchUp(START_MS + 10);
    expect(take(second, 3)).toEqual([START_MS + 10, START_MS + 10, START_MS + 10]);
    second.caughtUp(START_MS + 40);
    expect(second.next(Number.NaN)).toBeCloseTo(40, 9);
    expect(takeAll(second)).toBe(175);
    expect(second.lengthMs).toBeCloseTo(2040, 6);
    expect(second.doneMs).toBeCloseTo(3000, 6);
    const third = new Schedule({ kind: 'stages', stages: STAGES }, START_MS, { doneMs: second.doneMs });
    third.caughtUp(START_MS);
    expect(third.isOver).toBe(true);
  });

  it('has as many records with any arrival, whatever the user changes', () => {
    const step = fc.record({ take: fc.integer({ min: 0, max: 40 }), by: fc.constantFrom(0.5, 1, 1.1, 2) });
    const arrival = fc.constantFrom<Arrival>({ kind: 'even' }, { kind: 'burst', everyMs: 300 });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 6 }), arrival, (steps, how) => {
        const schedule = inStages(how);
        let taken = 0;
        for (const { take: count, by } of steps) {
          for (let i = 0; i < count && !schedule.isOver; i++, taken++) take(schedule, 1);
          schedule.scaleRate(by);
        }
        taken += takeAll(schedule);
        const asked = schedule.askedBetween(START_MS, START_MS + 10_000)!;
        expect(Math.abs(taken - asked)).toBeLessThan(1 + 1e-6);
        expect((schedule.meanRps! * schedule.lengthMs) / 1000).toBeCloseTo(asked, 6);
      }),
    );
  });
});

describe('a rate in bytes', () => {
  it('makes a record due when the bytes before it are through', () => {
    const schedule = new Schedule({ kind: 'bytes-per-second', bytesPerSecond: 1000 }, 0);
    const due = [100, 300, 50, 0, 550].map((bytes) => {
      const dueMs = schedule.next(Number.NaN);
      schedule.advance(dueMs, Number.NaN, bytes);
      return dueMs;
    });
    expect(due).toEqual([0, 100, 400, 450, 450]);
    expect(schedule.lengthMs).toBe(1000);
    // Five records of 200 bytes, on average.
    expect([schedule.rpsAt(0), schedule.meanRps, schedule.askedBetween(0, 2000)]).toEqual([5, 5, 10]);
    expect(schedule.asked()).toEqual({ recordsPerSecond: 5, isPeak: false });
    schedule.scaleRate(2);
    expect(schedule.rpsAt(0)).toBe(10);
  });
});

describe('the load that a schedule puts on its target', () => {
  it('is a whole burst, if bursts are further apart than a second', () => {
    const arrival = { kind: 'burst', everyMs: 5000 } as const;
    const schedule = new Schedule({ kind: 'constant-rate', rps: 100, arrival }, 0);
    expect(schedule.asked()).toEqual({ recordsPerSecond: 500, isPeak: true });
    expect([0, 1000, 4999, 5000].map((ms) => schedule.askedBetween(ms, ms + 1))).toEqual([500, 0, 0, 500]);
  });

  it('is the current rate, or its mean', () => {
    const schedule = new Schedule({ kind: 'constant-rate', rps: 100 }, 0);
    expect(schedule.asked()).toEqual({ recordsPerSecond: 100, isPeak: false });
    schedule.scaleRate(2);
    expect(schedule.asked()).toEqual({ recordsPerSecond: 200, isPeak: false });
  });

  it('is the busiest second of a recording, at its speed', () => {
    const schedule = new Schedule({ kind: 'recorded', speed: 2, gapMaxMs: undefined }, 0);
    expect(schedule.asked()).toBeNull();
    for (const recordedAtMs of [0, 100, 1900, 2100, 2200, 2300, 2400, 9000]) {
      schedule.advance(schedule.next(recordedAtMs), recordedAtMs, 1);
    }
    expect(schedule.asked()).toEqual({ recordsPerSecond: 4, isPeak: true });
  });

  it('is unknown if it sends as fast as possible', () => {
    const schedule = new Schedule({ kind: 'as-fast-as-possible' }, 0);
    schedule.advance(schedule.next(0), 0, 1);
    expect(schedule.asked()).toBeNull();
  });
});
