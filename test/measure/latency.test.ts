import fc from 'fast-check';
import { Float64Histogram } from 'hdr-histogram-js';
import { describe, expect, it } from 'vitest';
import { LatencyHistogram } from '../../src/measure/latency.js';
import { LatencyCounts } from '../../src/measure/latency-counts.js';

const HOUR_US = 3600e6;
/** Whole microseconds: mostly what latencies are, sometimes hours of falling behind. */
const timeUs = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 200_000 }) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 90e6 }) },
  { weight: 1, arbitrary: fc.integer({ min: 60e6, max: 48 * HOUR_US }) },
);
const times = fc.array(timeUs, { minLength: 1, maxLength: 300 });

function histogramOf(us: readonly number[]): LatencyHistogram {
  const counts = new LatencyCounts();
  for (const one of us) counts.record(one / 1000);
  return addedTo(new LatencyHistogram(), counts);
}

/** As a worker reports it. */
function addedTo(histogram: LatencyHistogram, counts: LatencyCounts): LatencyHistogram {
  histogram.add(structuredClone(counts.take()));
  return histogram;
}

/** A value of `sorted` at the percentile, by the definitions that round its rank down or up, to 0.1 %. */
function expectPercentile(ms: number, sorted: readonly number[], percentile: number): void {
  const rank = (percentile / 100) * sorted.length;
  const low = sorted[Math.max(0, Math.floor(rank - 1e-9) - 1)]! / 1000;
  const high = sorted[Math.min(sorted.length, Math.ceil(rank + 1e-9)) - 1]! / 1000;
  expect(ms).toBeGreaterThanOrEqual(low * 0.999);
  expect(ms).toBeLessThanOrEqual(high * 1.001);
}

describe('percentiles', () => {
  it('are those of the sorted values to 0.1 %, from a microsecond to two days', () => {
    fc.assert(
      fc.property(times, (us) => {
        const sorted = [...us].sort((a, b) => a - b);
        const p = histogramOf(us).percentiles();
        expect(p.count).toBe(us.length);
        expectPercentile(p.p50, sorted, 50);
        expectPercentile(p.p90, sorted, 90);
        expectPercentile(p.p95, sorted, 95);
        expectPercentile(p.p99, sorted, 99);
        expectPercentile(p.p999, sorted, 99.9);
        expectPercentile(p.min, sorted, 0);
        expectPercentile(p.max, sorted, 100);
        const meanMs = us.reduce((sum, one) => sum + one, 0) / us.length / 1000;
        expect(Math.abs(p.mean - meanMs)).toBeLessThanOrEqual(meanMs * 0.001);
      }),
    );
  });

  it('of 1 to 1,000 ms are what they should be', () => {
    const p = histogramOf(Array.from({ length: 1000 }, (_, i) => (i + 1) * 1000)).percentiles();
    for (const [value, ms] of [
      [p.p50, 500],
      [p.p90, 900],
      [p.p95, 950],
      [p.p99, 990],
      [p.p999, 999],
      [p.max, 1000],
    ]) {
      expect(Math.abs(value! - ms!)).toBeLessThanOrEqual(ms! * 0.001);
    }
    expect(p.min).toBe(1);
    expect(p.mean).toBeCloseTo(500.5, 0);
  });

  it('count what took no time, or less than none, as a microsecond', () => {
    const counts = new LatencyCounts();
    for (const ms of [0, -5, 0.0001, 0.001]) counts.record(ms);
    const histogram = addedTo(new LatencyHistogram(), counts);
    expect(histogram.percentiles()).toMatchObject({ count: 4, min: 0.001, p50: 0.001, max: 0.001 });
  });

  it('count a value that is recorded many times as often', () => {
    const counts = new LatencyCounts();
    counts.record(1, 99);
    counts.record(70_000);
    const histogram = addedTo(new LatencyHistogram(), counts);
    expect(histogram.count).toBe(100);
    expect(histogram.percentiles().p99).toBeCloseTo(1, 2);
    expect(Math.abs(histogram.percentiles().max - 70_000)).toBeLessThan(70);
  });

  it('are zero when nothing was recorded', () => {
    const histogram = new LatencyHistogram();
    const p = histogram.percentiles();
    expect(new Set(Object.values(p))).toEqual(new Set([0]));
    expect([histogram.percentiles().p99, histogram.percentiles().max, histogram.count]).toEqual([0, 0, 0]);
    expect(histogram.bars()).toEqual([]);
  });
});

describe('sparse histograms', () => {
  it('have the buckets of HdrHistogram, and what it counts in them', () => {
    const edges = fc.tuple(fc.integer({ min: 0, max: 45 }), fc.constantFrom(-1, 0, 1));
    const value = fc.oneof(
      timeUs,
      edges.map(([power, by]) => Math.max(1, 2 ** power + by)),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(value, fc.integer({ min: 1, max: 500 })), { maxLength: 200 }), (values) => {
        const counts = new LatencyCounts();
        const oracle = new Float64Histogram(1, 2 ** 47, 3);
        for (const [us, count] of values) {
          counts.record(us / 1000, count);
          oracle.recordValueWithCount(us, count);
        }
        const { valuesUs, counts: taken, sumUs } = counts.take();
        const wanted = new Map<number, number>();
        for (const [us, count] of [...values].sort(([a], [b]) => a - b)) {
          const upperEnd = oracle.highestEquivalentValue(us);
          wanted.set(upperEnd, (wanted.get(upperEnd) ?? 0) + count);
        }
        expect(Array.from(valuesUs, (us, i) => [us, taken[i]])).toEqual([...wanted]);
        expect(sumUs).toBe(values.reduce((sum, [us, count]) => sum + us * count, 0));
      }),
    );
  });

  it('taken in pieces and added up equal the histogram recorded at once', () => {
    fc.assert(
      fc.property(fc.array(times, { minLength: 1, maxLength: 8 }), (pieces) => {
        const counts = new LatencyCounts();
        const sum = new LatencyHistogram();
        for (const us of pieces) {
          for (const one of us) counts.record(one / 1000);
          addedTo(sum, counts);
          expect(counts.take()).toMatchObject({ sumUs: 0, counts: new Float64Array() });
        }
        const { min, max, ...merged } = sum.percentiles();
        const whole = histogramOf(pieces.flat());
        const { min: wholeMin, max: wholeMax, ...wholeRest } = whole.percentiles();
        expect(merged).toEqual(wholeRest);
        expect(Math.abs(min - wholeMin)).toBeLessThanOrEqual(wholeMin * 0.001);
        expect(Math.abs(max - wholeMax)).toBeLessThanOrEqual(wholeMax * 0.001);
        expect(sum.bars()).toEqual(whole.bars());
        const { p50, p90, p95, p99, p999 } = merged;
        const inOrder = [min, p50, p90, p95, p99, p999, max];
        expect(inOrder).toEqual([...inOrder].sort((a, b) => a - b));
      }),
      { numRuns: 50 },
    );
  });

  it('count a time again after it was taken', () => {
    const counts = new LatencyCounts();
    for (let round = 0; round < 2; round++) {
      counts.record(1.5);
      counts.record(1.5, 2);
      expect(counts.take()).toEqual({ valuesUs: Float64Array.of(1500), counts: Float64Array.of(3), sumUs: 4500 });
    }
  });

  it('are empty when nothing was recorded, and add nothing', () => {
    const sum = histogramOf([1000]);
    const nothing = new LatencyCounts().take();
    expect(nothing.counts).toHaveLength(0);
    sum.add(nothing);
    expect(sum.percentiles()).toEqual(histogramOf([1000]).percentiles());
  });
});

describe('bars', () => {
  it('count every value, each in its bar, side by side from the first to the last', () => {
    fc.assert(
      fc.property(times, fc.constantFrom(1, 2, 4), (us, perDoubling) => {
        const bars = histogramOf(us).bars(perDoubling);
        expect(bars.reduce((sum, { count }) => sum + count, 0)).toBe(us.length);
        for (const [i, { fromMs, toMs }] of bars.entries()) {
          expect(toMs / fromMs).toBeCloseTo(2 ** (1 / perDoubling), 9);
          if (i > 0) expect(fromMs).toBe(bars[i - 1]!.toMs);
        }
        expect(bars[0]!.count).toBeGreaterThan(0);
        expect(bars.at(-1)!.count).toBeGreaterThan(0);
        // Values are known to 0.1 %: those so near an edge may stand on either side of it.
        for (const { fromMs, toMs, count } of bars) {
          const surely = us.filter((one) => one / 1000 >= fromMs * 1.001 && one / 1000 < toMs * 0.999).length;
          const atMost = us.filter((one) => one / 1000 >= fromMs * 0.999 && one / 1000 < toMs * 1.001).length;
          expect(count).toBeGreaterThanOrEqual(surely);
          expect(count).toBeLessThanOrEqual(atMost);
        }
      }),
    );
  });
});

it('what was encoded and decoded has the same buckets, and nearly the same mean', () => {
  fc.assert(
    fc.property(times, (us) => {
      const before = histogramOf(us);
      const after = LatencyHistogram.decode(before.encoded());
      const { mean, min, ...figures } = before.percentiles();
      const decoded = after.percentiles();
      expect(decoded).toMatchObject(figures);
      expect(Math.abs(decoded.mean - mean)).toBeLessThanOrEqual(mean * 0.001);
      expect(Math.abs(decoded.min - min)).toBeLessThanOrEqual(min * 0.001);
      expect(after.bars()).toEqual(before.bars());
      expect(after.encoded()).toBe(before.encoded());
    }),
  );
});

it('the text form has the percentiles in milliseconds, and the count', () => {
  const text = histogramOf(Array.from({ length: 1000 }, (_, i) => (i + 1) * 1000)).hgrm();
  const rows = text.split('\n').flatMap((line) => {
    const [value, percentile, count] = line.trim().split(/\s+/).map(Number);
    return Number.isFinite(value) && Number.isFinite(count) ? [{ value: value!, percentile: percentile!, count }] : [];
  });
  const at = (percentile: number) => rows.find((row) => row.percentile >= percentile)!.value;
  expect(text).toMatch(/Value\s+Percentile\s+TotalCount/);
  expect(at(0.5)).toBeCloseTo(500, 0);
  expect(Math.abs(at(0.9) - 900)).toBeLessThan(10);
  expect(Math.abs(at(1) - 1000)).toBeLessThanOrEqual(1);
  expect(rows.at(-1)!.count).toBe(1000);
  expect(text).toMatch(/#\[Max\s+=\s+1000\.\d+, Total count\s+=\s+1000\]/);
});
