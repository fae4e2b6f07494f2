import fc from 'fast-check';
import { expect, it } from 'vitest';
import { offsetWarning } from '../../../src/core/clock-offset.js';
import { ClockOffsets } from '../../../src/kinesis/client/clock-offset.js';

const NOW_MS = Date.UTC(2026, 0, 2);
const delay = fc.integer({ min: 0, max: 3000 });
const responses = fc.array(fc.record({ atMs: fc.integer({ min: 0, max: 60_000 }), thereMs: delay, backMs: delay }), {
  minLength: 1,
  maxLength: 8,
});

it('finds the offset of a clock, within the uncertainty that it reports', () => {
  fc.assert(
    fc.property(fc.integer({ min: -100_000, max: 100_000 }), responses, (aheadMs, given) => {
      const offsets = new ClockOffsets();
      for (const { atMs, thereMs, backMs } of given) {
        const serviceMs = NOW_MS + atMs;
        const hereMs = serviceMs + aheadMs;
        offsets.note(new Date(serviceMs).toUTCString(), hereMs - thereMs, hereMs + backMs);
      }
      const { offsetMs, uncertaintyMs } = offsets.offset!;
      expect(Math.abs(offsetMs - aheadMs)).toBeLessThanOrEqual(uncertaintyMs);
      const trips = given.map(({ thereMs, backMs }) => (thereMs + backMs) / 2);
      expect(uncertaintyMs).toBeLessThanOrEqual(500 + Math.min(...trips));
    }),
  );
});

it('is unknown without a date', () => {
  const offsets = new ClockOffsets();
  offsets.note(undefined, 1, 2);
  offsets.note('yesterday', 1, 2);
  expect(offsets.offset).toBeNull();
});

it('warns only about a clock that is certainly off by more than 100 ms', () => {
  expect(offsetWarning({ offsetMs: 600, uncertaintyMs: 500 })).toBeUndefined();
  expect(offsetWarning({ offsetMs: -601, uncertaintyMs: 500 })).toContain('601 ms (±500 ms) behind the target');
  expect(offsetWarning({ offsetMs: 601, uncertaintyMs: 500 })).toContain('ahead of the target');
});
