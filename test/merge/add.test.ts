import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addReports, type Figures } from '../../src/merge/add.js';
import { reportOf } from '../report/reports.js';
import { runs } from '../support/runs.js';
import { BEGAN_MS, part, pooled, SENT, SHARDS } from './made-parts.js';

/** What depends on the order, or on figures of single seconds that reports do not keep. */
function comparable(figures: Figures) {
  return {
    startedAt: figures.startedAt,
    durationMs: figures.durationMs,
    records: figures.records,
    bytes: figures.bytes,
    requests: figures.requests,
    latencyMs: rounded(figures.latencyMs),
    scheduleLagMs: rounded(figures.scheduleLagMs),
    histogram: figures.histogram,
    throttled: figures.throttled,
    errors: figures.errors,
    shards: figures.shards,
    shardsOverTime: figures.shardsOverTime && {
      ...figures.shardsOverTime,
      shards: [...figures.shardsOverTime.shards].sort((a, b) => (a.id < b.id ? -1 : 1)),
    },
    intervals: figures.intervals.map(({ scheduleLagMs, target, ...interval }) => interval),
  };
}

/** Means are sums of fractions, which depend on the order in their last digit. */
function rounded<T>(value: T): T {
  return JSON.parse(JSON.stringify(value), (key, one) => (key === 'mean' ? Number(one).toPrecision(12) : one));
}

describe('the reports of several runs, added', () => {
  it('are the report of one run that did it all', () => {
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (parts) => {
        const sum = addReports(parts.map((one) => pooled([one])));
        const whole = pooled(parts);
        expect(comparable(sum)).toEqual(comparable(whole));
        expect(sum.hdrHistograms).toEqual(whole.hdrHistograms);
        expect(sum.workers).toEqual(whole.workers);
        for (const [i, { scheduleLagMs }] of whole.intervals.entries()) {
          const lag = sum.intervals[i]!.scheduleLagMs;
          expect(lag.max).toBe(scheduleLagMs.max);
          expect(lag.p99).toBeGreaterThanOrEqual(scheduleLagMs.p99);
        }
      }),
      { numRuns: runs(300) },
    );
  });

  it('can be added in any grouping, and one report is its own sum', () => {
    fc.assert(
      fc.property(part, part, part, (a, b, c) => {
        const [x, y, z] = [pooled([a]), pooled([b]), pooled([c])];
        const left = addReports([addReports([x, y]), z]);
        const right = addReports([x, addReports([y, z])]);
        const flat = addReports([x, y, z]);
        expect(rounded(left)).toEqual(rounded(flat));
        expect(rounded(right)).toEqual(rounded(flat));
        expect(comparable(addReports([x]))).toEqual(comparable(x));
      }),
      { numRuns: runs(200) },
    );
  });

  it('align their seconds to the nearest one', () => {
    const at = (ms: number): Figures => ({
      ...reportOf(),
      startedAt: new Date(BEGAN_MS + ms).toISOString(),
      intervals: pooled([{ startSeconds: 0, events: [{ ...SENT, atMs: 100 }] }]).intervals,
    });
    const seconds = (...starts: number[]) => addReports(starts.map(at)).intervals.map(({ t, sent }) => [t, sent]);
    expect(seconds(0, 400)).toEqual([[0, 2]]);
    expect(seconds(600, 0)).toEqual([
      [0, 1],
      [1, 1],
    ]);
  });

  it('have no rate to hold if one of them had none', () => {
    const paced = reportOf({ rps: { target: 5, achieved: 5 } });
    const free = reportOf({ rps: { target: null, achieved: 7 } });
    expect(addReports([paced, paced]).rps.target).toBe(10);
    expect(addReports([paced, free]).rps.target).toBeNull();
  });

  it('achieve the rate of all records, from the first start to the last response', () => {
    const late = (ms: number, sent: number, achieved: number): Figures => {
      const records = { ...reportOf().records, sent };
      return reportOf({ startedAt: new Date(BEGAN_MS + ms).toISOString(), records, rps: { target: null, achieved } });
    };
    expect(addReports([late(0, 100, 10), late(5000, 300, 30)]).rps.achieved).toBeCloseTo(400 / 15);
    expect(addReports([late(0, 0, 0), late(5000, 0, 0)]).rps.achieved).toBe(0);
  });

  it('say the largest percentile for a second of which one kept no histogram', () => {
    const one = pooled([{ startSeconds: 0, events: [{ ...SENT, lateMs: 10 }] }]);
    const two = pooled([{ startSeconds: 0, events: [{ ...SENT, lateMs: 1000 }] }]);
    const without = { ...two, intervals: two.intervals.map((interval) => ({ ...interval, hdrHistogram: null })) };
    const [second] = addReports([one, without]).intervals;
    expect(second).toMatchObject({ sent: 2, p50: two.intervals[0]!.p50, max: two.intervals[0]!.max });
    expect(second!.hdrHistogram).toBeNull();
  });

  it('keep a shard that one of them does not name among the others', () => {
    const named = pooled([{ startSeconds: 0, events: SHARDS.map((shard) => ({ ...SENT, shard })) }]);
    const [first, ...rest] = named.shardsOverTime!.shards;
    const hiding: Figures = {
      ...named,
      shardsOverTime: { stepSeconds: 1, shards: rest, others: { ...first!, count: 1 } },
    };
    const sum = addReports([named, hiding]).shardsOverTime!;
    expect(sum.shards.map(({ id }) => id)).toEqual(rest.map(({ id }) => id));
    expect(sum.others).toEqual({ count: 1, sent: [2], throttled: null });
    expect(sum.shards.every(({ sent }) => sent[0] === 2)).toBe(true);
  });
});
