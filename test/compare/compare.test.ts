import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CompareOptions, compareReports } from '../../src/compare/compare.js';
import { LOAD_FIELDS } from '../../src/compare/differences.js';
import { parseGate } from '../../src/compare/gate.js';
import type { Comparison } from '../../src/core/comparison.js';
import type { IntervalReport, Report } from '../../src/core/report.js';
import type { GeneratedConfig } from '../../src/core/run-config.js';
import { LatencyHistogram } from '../../src/measure/latency.js';
import { LatencyCounts } from '../../src/measure/latency-counts.js';
import { reportOf } from '../report/reports.js';
import { simulatedSeconds } from './simulated-runs.js';

const SECONDS = 70;
const RPS = 100;

/** The report of a run with these latencies, as kload writes it. */
function reportLike({
  seed = 1,
  factor = 1,
  seconds = SECONDS,
  ...changes
}: Partial<Report> & ReportLike = {}): Report {
  const all = new LatencyHistogram();
  const simulated = { seconds, recordsPerSecond: RPS, correlation: 0, spread: 0.05, factor };
  const intervals = [...simulatedSeconds(seed, simulated)].map((values, t): IntervalReport => {
    const counts = new LatencyCounts();
    for (const value of values) counts.record(value / 1000);
    const second = counts.take();
    const histogram = new LatencyHistogram();
    histogram.add(second);
    all.add(second);
    const { p50, p90, p99, max } = histogram.percentiles();
    const figures = { offered: RPS, sent: RPS, failed: 0, throttled: 0, retried: 0, p50, p90, p99, max };
    const scheduleLagMs = { p50: 0, p99: 0, max: 0 };
    return { t, target: RPS, ...figures, scheduleLagMs, hdrHistogram: histogram.encoded() };
  });
  const report = reportOf();
  return {
    ...report,
    intervals,
    latencyMs: { ...report.latencyMs, fromIntended: all.percentiles() },
    hdrHistograms: { ...report.hdrHistograms, fromIntended: all.encoded() },
    ...changes,
  };
}

const constantRate = (rps: number) =>
  ({ kind: 'constant-rate', rps, arrival: 'even', burstMs: null, seed: null }) as const;

const even = { arrival: 'even', burstMs: null, seed: null } as const;
const stagesOf = (rps: number) => {
  const stages = [{ fromRps: 0, toRps: rps, durationMs: 70_000 }];
  return { kind: 'stages', stages, durationMs: 70_000, peakRps: rps, ...even } as const;
};
const rateFile = (file: string) =>
  ({ kind: 'rate-file', file, stages: 1, durationMs: 70_000, peakRps: 100, ...even }) as const;
const bytesRate = (bytesPerSecond: number) => ({ kind: 'bytes-per-second', bytesPerSecond, ...even }) as const;

interface ReportLike {
  readonly seed?: number;
  readonly factor?: number;
  readonly seconds?: number;
}

function compared(
  base: Report | Report[],
  changed: Report | Report[],
  options: Partial<CompareOptions> = {},
): Comparison {
  const named = (reports: Report | Report[], name: string) =>
    [reports].flat().map((report, i) => ({ file: `${name}${i}.json`, report }));
  const sides = { base: named(base, 'base'), new: named(changed, 'new') };
  return compareReports(sides, { seed: 1, resamples: 200, gates: [], ignored: [], ...options });
}

const rowOf = (comparison: Comparison, metric: string) => comparison.metrics.find((row) => row.metric === metric)!;

describe('two runs', () => {
  const base = reportLike();

  it('of the same kind show no difference, and have the percentiles of their reports', () => {
    const other = reportLike({ seed: 2 });
    const comparison = compared(base, other);
    expect(comparison.verdict).toBe('no difference shown');
    const p99 = rowOf(comparison, 'latency.p99');
    expect([p99.base, p99.new]).toEqual([base.latencyMs.fromIntended.p99, other.latencyMs.fromIntended.p99]);
    expect(p99.interval!.low).toBeLessThan(1);
    expect(p99.interval!.high).toBeGreaterThan(1);
    expect(rowOf(comparison, 'latency.mean').base).toBeCloseTo(base.latencyMs.fromIntended.mean, 1);
    expect(rowOf(comparison, 'rps.achieved')).toMatchObject({ base: RPS, new: RPS, verdict: 'no difference shown' });
  });

  it('find 20 % more latency, and 20 % less', () => {
    const slower = reportLike({ seed: 2, factor: 1.2 });
    for (const metric of ['latency.p50', 'latency.p90', 'latency.mean']) {
      expect(rowOf(compared(base, slower), metric).verdict).toBe('worse');
      expect(rowOf(compared(slower, base), metric).verdict).toBe('better');
    }
    const { low, high } = rowOf(compared(base, slower), 'latency.p50').interval!;
    expect(low).toBeLessThan(1.2);
    expect(high).toBeGreaterThan(1.2);
  });

  it('have the same intervals with the same seed', () => {
    const other = reportLike({ seed: 2 });
    expect(compared(base, other, { seed: 5 })).toEqual(compared(base, other, { seed: 5 }));
    expect(compared(base, other, { seed: 5 }).metrics).not.toEqual(compared(base, other, { seed: 6 }).metrics);
  });

  it('that are too short cannot be told apart, and say how long they should be', () => {
    const comparison = compared(base, reportLike({ seconds: 30 }), { gates: [parseGate('latency.p99 > +50%')] });
    expect(comparison.verdict).toBe('cannot tell');
    expect(rowOf(comparison, 'latency.p50').reason).toMatch(/too short, and need at least 1m 00s a side/);
    expect(comparison.gates).toMatchObject([{ state: 'cannot tell', ok: false }]);
  });

  it('whose latencies are higher for 20 s at a time show twice the latency, and not the drift', () => {
    const drifting = (seed: number, factor: number): Report => {
      const low = reportLike({ seed, factor });
      const high = reportLike({ seed: seed + 100, factor: factor * 1.1 });
      return { ...low, intervals: low.intervals.map((one, t) => (t % 40 < 20 ? one : high.intervals[t]!)) };
    };
    const p50 = (comparison: Comparison) => rowOf(comparison, 'latency.p50').verdict;
    expect(p50(compared(drifting(1, 1), drifting(2, 1)))).toBe('no difference shown');
    expect(p50(compared(drifting(1, 1), drifting(2, 2)))).toBe('worse');
  });

  it('have no interval for what one record decides, for whole-run values, and for too few records', () => {
    const comparison = compared(base, reportLike({ seed: 2 }));
    expect(rowOf(comparison, 'latency.max')).toMatchObject({ interval: null, verdict: 'cannot tell' });
    expect(rowOf(comparison, 'latency.max').reason).toMatch(/one record alone decides/);
    expect(rowOf(comparison, 'lag.p99').reason).toMatch(/for the whole run/);
    expect(rowOf(comparison, 'latency.p99.9').reason).toMatch(/has 7 records beyond p99.9, and 10 are needed/);
  });

  it('compare the seconds that have histograms, and say how many have none', () => {
    const without = (report: Report, from: number): Report => ({
      ...report,
      intervals: report.intervals.map((one, i) => (i < from ? one : { ...one, hdrHistogram: null })),
    });
    const some = compared(base, without(reportLike({ seed: 2 }), 65));
    expect(rowOf(some, 'latency.p50').interval).not.toBeNull();
    expect(some.notes).toContain('new0.json has no histograms for 5 of its seconds: their latencies are not compared.');
    const none = rowOf(compared(base, without(reportLike({ seed: 2 }), 0)), 'latency.p50');
    expect(none).toMatchObject({ interval: null, verdict: 'cannot tell', ratio: expect.any(Number) });
    expect(none.reason).toMatch(/histograms .* were left out/);
    const silent = { ...base, intervals: base.intervals.map((one) => ({ ...one, sent: 0, hdrHistogram: null })) };
    expect(compared(base, silent).notes.join()).not.toMatch(/has no histograms/);
  });

  it('leave out what happened in the warm-up, whatever it was', () => {
    const warm = reportLike();
    const spoilt = reportLike({ factor: 20, seed: 9 }).intervals.map((one) => {
      return { ...one, offered: 3, sent: 1, failed: 2, throttled: 5, retried: 4 };
    });
    const other = reportLike({ seed: 2 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9_500 }), (warmUpMs) => {
        const config = { ...warm.config, warmUpMs };
        const seconds = Math.ceil(warmUpMs / 1000);
        const rest = warm.intervals.slice(seconds);
        const as = (start: Report['intervals']) =>
          compared({ ...warm, config, intervals: [...start, ...rest] }, other, { resamples: 10 });
        const without = as([]);
        expect(as(spoilt.slice(0, seconds)).metrics).toEqual(without.metrics);
        expect(without.alsoDiffers).toEqual([{ field: 'config.warmUpMs', base: `${warmUpMs}`, new: '0' }]);
        expect(rowOf(without, 'rps.achieved').base).toBeCloseTo(RPS, 6);
      }),
      { numRuns: 8 },
    );
  });

  it('compare shares by their difference', () => {
    const throttled = {
      ...reportLike({ seed: 2 }),
      intervals: reportLike({ seed: 2 }).intervals.map((one, i) => ({ ...one, throttled: 10 + (i % 3), retried: 10 })),
    };
    const row = rowOf(compared(base, throttled), 'throttled.rate');
    expect(row).toMatchObject({ base: 0, ratio: null, verdict: 'worse' });
    expect(row.interval!.low).toBeGreaterThan(0.09);
    expect(row.interval!.high).toBeLessThan(0.11);
  });

  it('add the metrics that gates are about', () => {
    const gates = [parseGate('latency.p95 > +50%')];
    const comparison = compared(base, reportLike({ seed: 2, factor: 3 }), { gates });
    expect(rowOf(comparison, 'latency.p95').verdict).toBe('worse');
    expect(comparison.gates).toMatchObject([{ state: 'shown', ok: false, got: expect.stringMatching(/^\+\d+/) }]);
  });
});

describe('runs that are not comparable', () => {
  const base = reportLike();
  const { config, target, input } = base;
  const generated = config.input as Extract<typeof config.input, { kind: 'generated' }>;
  const made = (changes: Partial<GeneratedConfig>): Partial<Report> => ({
    config: { ...config, input: { ...generated, ...changes } },
  });
  const scheduled = (schedule: Report['config']['schedule']): Partial<Report> => ({ config: { ...config, schedule } });
  const differing: [string, Partial<Report>][] = [
    ['target.stream', { target: { ...target, stream: 'other' } }],
    ['target.shards', { target: { ...target, shards: 3 } }],
    ['target.endpoint', { target: { ...target, endpoint: 'https://other' } }],
    ['config.schedule.rps', { config: { ...config, schedule: constantRate(5.2) } }],
    ['config.schedule.kind', { config: { ...config, schedule: { kind: 'as-fast-as-possible' } } }],
    ['config.input.recordSize', { config: { ...config, input: { ...generated, recordSize: 999 } } }],
    ['config.input.recordSize', made({ recordSize: { kind: 'normal', mean: 200, deviation: 20 } })],
    ['config.input.template', made({ template: 'orders.tpl' })],
    ['config.input.keyDistribution', made({ keyDistribution: { kind: 'zipf', exponent: 0.99 } })],
    ['config.input.hotShard', made({ hotShard: { shard: '1', share: 0.5 } })],
    ['config.input.seed', made({ seed: 2 })],
    ['config.schedule.burstMs', scheduled({ ...constantRate(5), burstMs: 500 })],
    ['config.schedule.arrival', scheduled({ ...constantRate(5), arrival: 'poisson' })],
    ['config.schedule.seed', scheduled({ ...constantRate(5), seed: 7 })],
    ['config.ordered', { config: { ...config, ordered: true } }],
    ['input.files[0].firstTimestamp', { input: { ...input, files: [{ ...input.files[0]!, firstTimestamp: '2020' }] } }],
  ];

  it.each(differing)('name %s', (field, changes) => {
    const other = reportLike({ seed: 2, ...changes });
    const comparison = compared(base, other, { gates: [parseGate('latency.p99 > +50%')] });
    expect(comparison.verdict).toBe('not comparable');
    expect(comparison.notComparable.map((one) => one.field)).toEqual([field]);
    expect(rowOf(comparison, 'latency.p50').reason).toContain(`${field} is `);
    expect(comparison.gates).toMatchObject([{ state: 'not comparable', ok: false }]);
    expect(compared(base, other, { ignored: [field] }).verdict).toBe('no difference shown');
  });

  it.each([
    ['stages', (rps: number) => stagesOf(rps), ['config.schedule.stages', 'config.schedule.peakRps']],
    ['bytes a second', (size: number) => bytesRate(size), ['config.schedule.bytesPerSecond']],
    ['a rate file', (rps: number) => rateFile(`/a/${rps}.csv`), ['config.schedule.file']],
  ] as const)('name what differs in two schedules of %s', (_, scheduleOf, fields) => {
    const one = reportLike({ ...scheduled(scheduleOf(100)) });
    expect(compared(one, reportLike({ seed: 2, ...scheduled(scheduleOf(100)) })).notComparable).toEqual([]);
    const other = reportLike({ seed: 2, ...scheduled(scheduleOf(200)) });
    expect(compared(one, other).notComparable.map(({ field }) => field)).toEqual(fields);
    expect(compared(one, other, { ignored: fields }).notComparable).toEqual([]);
    for (const field of fields) expect(LOAD_FIELDS).toContain(field);
  });

  it('do not include those whose rate is off by 2 %, whose port on this machine differs, or whose sender is set otherwise', () => {
    const here = (port: number, rps: number, lingerMs: number): Partial<Report> => ({
      target: { ...target, endpoint: `http://127.0.0.1:${port}` },
      config: { ...config, lingerMs, schedule: constantRate(rps) },
    });
    const comparison = compared(reportLike(here(1234, 100, 5)), reportLike({ seed: 2, ...here(4321, 102, 50) }));
    expect(comparison.verdict).toBe('no difference shown');
    expect(comparison.alsoDiffers).toEqual([{ field: 'config.lingerMs', base: '5', new: '50' }]);
  });

  it('compare the rate that a run did not hold, and not its latency', () => {
    const intervals = reportLike({ seed: 2 }).intervals.map((one, i) => ({ ...one, offered: 80, sent: 80 + (i % 2) }));
    const comparison = compared(base, reportLike({ intervals }));
    expect(rowOf(comparison, 'rps.achieved')).toMatchObject({ verdict: 'worse' });
    expect(rowOf(comparison, 'latency.p50').reason).toBe('the offered rate is 100/s against 80/s, more than 2 % off');
    expect(comparison.verdict).toBe('worse');
  });
});

describe('several runs a side', () => {
  const side = (from: number, factor: number, count: number): Report[] =>
    Array.from({ length: count }, (_, i) => reportLike({ seed: from + i, factor: factor * (1 + i / 100), seconds: 5 }));

  it('are compared run by run, also in their maximum', () => {
    const comparison = compared(side(1, 1, 4), side(11, 2, 4));
    expect(comparison.method).toEqual({ kind: 'runs' });
    for (const metric of ['latency.p50', 'latency.p99', 'latency.max']) {
      expect(rowOf(comparison, metric).verdict).toBe('worse');
    }
    expect(rowOf(comparison, 'rps.achieved').verdict).toBe('no difference shown');
  });

  it('that are too few cannot be told apart', () => {
    const row = rowOf(compared(side(1, 1, 3), side(11, 2, 3)), 'latency.p50');
    expect(row).toMatchObject({ verdict: 'cannot tell', interval: null });
    expect(row.reason).toMatch(/3 and 3 runs cannot show a difference at 95 %: give four or more a side/);
  });
});
