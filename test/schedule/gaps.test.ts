import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Schedule } from '../../src/schedule/schedule.js';

const DAY_MS = Date.parse('2026-01-02T00:00:00Z');

/** When records are due, in milliseconds from the start. @param times when they were recorded, after the first */
function dueOf(times: readonly number[], speed: number, gapMaxMs: number | undefined): number[] {
  const schedule = new Schedule({ kind: 'recorded', speed, gapMaxMs }, 0);
  return times.map((ms) => {
    const dueMs = schedule.next(DAY_MS + ms);
    // Asking again, or for a record that is not sent, changes nothing.
    schedule.next(DAY_MS + ms + 1e9);
    expect(schedule.next(DAY_MS + ms)).toBe(dueMs);
    schedule.advance(dueMs, DAY_MS + ms, 1);
    return dueMs;
  });
}

describe('gaps that are shortened', () => {
  it.each([
    { times: [0, 1000, 3000], speed: 1, gapMaxMs: undefined, due: [0, 1000, 3000] },
    { times: [0, 1000, 3000], speed: 1, gapMaxMs: 2000, due: [0, 1000, 3000] },
    { times: [0, 1000, 3001], speed: 1, gapMaxMs: 2000, due: [0, 1000, 3000] },
    { times: [0, 86_400_000, 86_400_100], speed: 1, gapMaxMs: 5000, due: [0, 5000, 5100] },
    // Gaps are measured in recorded time, before the speed is applied.
    { times: [0, 86_400_000, 86_400_100], speed: 10, gapMaxMs: 5000, due: [0, 500, 510] },
    { times: [0, 86_400_000, 86_400_100], speed: 0.5, gapMaxMs: 5000, due: [0, 10_000, 10_200] },
    // A row older than one before it is due together with that one, and makes no new gap.
    { times: [0, 10_000, 4000, 10_500, 30_000], speed: 1, gapMaxMs: 1000, due: [0, 1000, 1000, 1500, 2500] },
    { times: [0, -50_000, 100], speed: 1, gapMaxMs: 1000, due: [0, 0, 100] },
  ])('$times at $speed x with gaps up to $gapMaxMs ms are due at $due', ({ times, speed, gapMaxMs, due }) => {
    expect(dueOf(times, speed, gapMaxMs)).toEqual(due);
  });

  it('each gap of a recording is cut to the maximum, and then scaled', () => {
    const gap = fc.oneof(fc.integer({ min: 0, max: 3000 }), fc.integer({ min: 0, max: 1e9 }));
    const speed = fc.constantFrom(0.25, 0.5, 1, 2, 16, 1024);
    fc.assert(
      fc.property(fc.array(gap, { maxLength: 100 }), speed, fc.integer({ min: 1, max: 5000 }), (gaps, by, gapMaxMs) => {
        const times = [0];
        const wanted = [0];
        for (const gapMs of gaps) {
          times.push(times.at(-1)! + gapMs);
          wanted.push(wanted.at(-1)! + Math.min(gapMs, gapMaxMs) / by);
        }
        expect(dueOf(times, by, gapMaxMs)).toEqual(wanted);
      }),
    );
  });

  it('rows out of order change nothing for the others', () => {
    const rows = fc.array(fc.record({ gapMs: fc.integer({ min: 0, max: 5000 }), lateMs: fc.option(fc.nat(9000)) }));
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 3000 }), (list, gapMaxMs) => {
        const inOrder = [0];
        const all = [0];
        const isLate = [false];
        for (const { gapMs, lateMs } of list) {
          const ms = inOrder.at(-1)! + gapMs;
          inOrder.push(ms);
          all.push(ms);
          isLate.push(false);
          if (lateMs === null) continue;
          all.push(ms - lateMs);
          isLate.push(true);
        }
        const due = dueOf(all, 1, gapMaxMs);
        expect(due.filter((_, n) => !isLate[n])).toEqual(dueOf(inOrder, 1, gapMaxMs));
        for (const [n, late] of isLate.entries()) if (late) expect(due[n]).toBe(due[n - 1]);
      }),
    );
  });
});
