import type { HistogramBar, Percentiles } from '../core/report.js';
import { lowerEndOf, upperEndOf } from './latency-counts.js';

/**
 * Calls `visit` for each bucket that is not empty, in order, with its index and its count. The buckets are those of
 * `LatencyCounts`, which are HdrHistogram's.
 */
export type ForEachBucket = (visit: (index: number, count: number) => void) => void;

export const NO_PERCENTILES: Percentiles = {
  count: 0,
  min: 0,
  mean: 0,
  p50: 0,
  p90: 0,
  p95: 0,
  p99: 0,
  p999: 0,
  max: 0,
};

const PERCENTILES = [50, 90, 95, 99, 99.9];

/**
 * All figures in one pass over the buckets. The library makes a pass for each figure, and its mean takes milliseconds;
 * the dashboard asks for the figures several times a second.
 */
export function percentilesOf(count: number, sumUs: number, forEachBucket: ForEachBucket): Percentiles {
  if (count === 0) return NO_PERCENTILES;
  const found = PERCENTILES.map(() => 0);
  let next = 0;
  let seen = 0;
  let first = 0;
  let last = 0;
  forEachBucket((index, inBucket) => {
    if (seen === 0) first = index;
    last = index;
    seen += inBucket;
    while (next < PERCENTILES.length && seen >= rankOf(PERCENTILES[next]!, count)) {
      found[next++] = upperEndOf(index) / 1000;
    }
  });
  const [p50 = 0, p90 = 0, p95 = 0, p99 = 0, p999 = 0] = found;
  const mean = sumUs / count / 1000;
  return { count, min: lowerEndOf(first) / 1000, mean, p50, p90, p95, p99, p999, max: upperEndOf(last) / 1000 };
}

/** @param percentile from 0, the minimum, to 100, the maximum. In milliseconds; 0 if nothing was recorded */
export function percentileOf(percentile: number, total: number, forEachBucket: ForEachBucket): number {
  const rank = rankOf(percentile, total);
  let seen = 0;
  let found = 0;
  forEachBucket((index, count) => {
    if (seen < rank) found = upperEndOf(index) / 1000;
    seen += count;
  });
  return found;
}

/** Logarithmic bars, `perDoubling` for each doubling of the time, from the first to the last one with a value. */
export function barsOf(forEachBucket: ForEachBucket, perDoubling = 2): HistogramBar[] {
  const counts = new Map<number, number>();
  let bar = 0;
  let barEndUs = 0;
  forEachBucket((index, count) => {
    const fromUs = lowerEndOf(index);
    if (fromUs >= barEndUs) {
      bar = Math.floor(Math.log2(fromUs) * perDoubling);
      barEndUs = 2 ** ((bar + 1) / perDoubling);
    }
    counts.set(bar, (counts.get(bar) ?? 0) + count);
  });
  if (counts.size === 0) return [];
  const edgeMs = (bar: number) => 2 ** (bar / perDoubling) / 1000;
  const last = Math.max(...counts.keys());
  const bars: HistogramBar[] = [];
  for (let bar = Math.min(...counts.keys()); bar <= last; bar++) {
    bars.push({ fromMs: edgeMs(bar), toMs: edgeMs(bar + 1), count: counts.get(bar) ?? 0 });
  }
  return bars;
}

/** The number of values, of `total`, that lie at or below a percentile: at least one. */
function rankOf(percentile: number, total: number): number {
  return Math.max(1, Math.ceil((percentile * total) / 100));
}
