import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LatencyHistogram } from '../../../src/measure/latency.js';
import { LatencyCounts } from '../../../src/measure/latency-counts.js';
import {
  BOUNDS_SECONDS,
  classicCounts,
  EXPONENTIAL_BUCKETS_MAX,
  exponentialOf,
} from '../../../src/output/live/buckets.js';

/** From less than a microsecond to days. */
const timesMs = fc.array(
  fc.double({ min: -4, max: 8.5, noNaN: true }).map((digits) => 10 ** digits),
  { minLength: 1, maxLength: 200 },
);

function histogramOf(times: readonly number[]): LatencyHistogram {
  const counts = new LatencyCounts();
  for (const ms of times) counts.record(ms);
  const histogram = new LatencyHistogram();
  histogram.add(counts.take());
  return histogram;
}

/** `histogram_quantile` as Prometheus documents it. */
function quantile(q: number, counts: Float64Array): number {
  const rank = q * counts.reduce((sum, count) => sum + count, 0);
  let before = 0;
  for (const [i, count] of counts.entries()) {
    if (before + count >= rank) {
      const upper = BOUNDS_SECONDS[i];
      if (upper === undefined) return BOUNDS_SECONDS.at(-1)!;
      const lower = BOUNDS_SECONDS[i - 1] ?? 0;
      return lower + ((upper - lower) * (rank - before)) / count;
    }
    before += count;
  }
  throw new Error('no bucket has that rank');
}

const bucketOf = (seconds: number) => BOUNDS_SECONDS.findIndex((bound) => seconds <= bound * (1 + 1e-12));

describe("Prometheus' buckets", () => {
  it('have 40 bounds, each less than 1.7 times the one before up to 100 s', () => {
    expect(BOUNDS_SECONDS).toHaveLength(40);
    for (const [i, bound] of BOUNDS_SECONDS.slice(1, 37).entries()) {
      expect(bound / BOUNDS_SECONDS[i]!).toBeGreaterThan(1.3);
      expect(bound / BOUNDS_SECONDS[i]!).toBeLessThan(1.7);
    }
    expect(BOUNDS_SECONDS.slice(36)).toEqual([100, 300, 1000, 3600]);
  });

  it('give percentiles in the same bucket as those of the report', () => {
    fc.assert(
      fc.property(timesMs, fc.constantFrom(50, 90, 95, 99, 99.9), (times, percentile) => {
        const histogram = histogramOf(times);
        const counts = classicCounts(histogram);
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(times.length);
        const reported = histogram.percentile(percentile) / 1000;
        const found = quantile(percentile / 100, counts);
        // Beyond the last bound, Prometheus has only the bound.
        if (reported > 3600) expect(found).toBe(3600);
        else expect(bucketOf(found)).toBe(bucketOf(reported));
      }),
    );
  });
});

describe('exponential histograms', () => {
  it('hold every time, in the bucket whose bounds surround it', () => {
    fc.assert(
      fc.property(timesMs, (times) => {
        const histogram = histogramOf(times);
        const { scale, offset, counts, min, max } = exponentialOf(histogram)!;
        expect(counts.length).toBeLessThanOrEqual(EXPONENTIAL_BUCKETS_MAX);
        const base = 2 ** (2 ** -scale);
        const last = offset + counts.length - 1;
        // The first and the last bucket hold the shortest and the longest time, so none between is off by one.
        expect(base ** last).toBeLessThan(max * (1 + 1e-9));
        expect(base ** (last + 1)).toBeGreaterThan(max * (1 - 1e-9));
        expect(base ** (offset + 1)).toBeGreaterThan(min * (1 - 1e-9));
        expect(min).toBeCloseTo(histogram.percentiles().min / 1000, 9);
        expect(max).toBeCloseTo(histogram.percentiles().max / 1000, 9);
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(times.length);
        // The scale is the highest that fits.
        if (scale < 10) expect(2 * counts.length).toBeGreaterThan(EXPONENTIAL_BUCKETS_MAX);
        // Each percentile is within one bucket of the report's.
        const rank = Math.ceil(0.99 * times.length);
        const upTo = counts.map((_, i) => counts.slice(0, i + 1).reduce((sum, count) => sum + count, 0));
        const at = upTo.findIndex((count) => count >= rank);
        const p99 = histogram.percentile(99) / 1000;
        expect(base ** (offset + at)).toBeLessThan(p99 * (1 + 1e-9));
        expect(base ** (offset + at + 1)).toBeGreaterThan(p99 * (1 - 1e-9));
      }),
    );
  });

  it('are none without a time', () => {
    expect(exponentialOf(new LatencyHistogram())).toBeUndefined();
  });
});
