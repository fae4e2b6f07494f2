import type { LatencyHistogram } from '../../measure/latency.js';
import { lowerEndOf, upperEndOf } from '../../measure/latency-counts.js';

/** Six bounds for each tenfold from 100 µs to 100 s, and three more for a run that falls far behind. */
const BOUNDS_US: readonly number[] = [
  ...[100, 1000, 10_000, 100_000, 1_000_000, 10_000_000].flatMap((from) => [1, 1.5, 2, 3, 5, 7].map((n) => n * from)),
  ...[100, 300, 1000, 3600].map((seconds) => seconds * 1_000_000),
];

/** The upper bounds of the buckets that Prometheus gets, in seconds. There is one more bucket, for longer times. */
export const BOUNDS_SECONDS: readonly number[] = BOUNDS_US.map((us) => us / 1_000_000);

/**
 * The count in each of Prometheus' buckets, not cumulative. A time counts where the report's percentiles put it: at the
 * upper end of its HdrHistogram bucket. So a percentile from these buckets is in the same bucket as the report's.
 */
export function classicCounts(histogram: LatencyHistogram): Float64Array {
  const counts = new Float64Array(BOUNDS_US.length + 1);
  let bucket = 0;
  histogram.forEachBucket((index, count) => {
    const us = upperEndOf(index);
    while (bucket < BOUNDS_US.length && us > BOUNDS_US[bucket]!) bucket++;
    counts[bucket]! += count;
  });
  return counts;
}

/**
 * A histogram whose bucket i holds times in (base^(offset + i), base^(offset + i + 1)] seconds; base is 2^(2^-scale).
 */
export interface ExponentialHistogram {
  readonly scale: number;
  readonly offset: number;
  readonly counts: readonly number[];
  /** Seconds. */
  readonly min: number;
  readonly max: number;
}

/** As many buckets as OpenTelemetry's SDKs have. */
export const EXPONENTIAL_BUCKETS_MAX = 160;
/** Buckets 0.07 % wide: HdrHistogram's are up to 0.1 %. */
const SCALE_MAX = 10;

/** The histogram in OpenTelemetry's form, with the highest scale that fits; undefined if it is empty. */
export function exponentialOf(histogram: LatencyHistogram): ExponentialHistogram | undefined {
  const entries: { seconds: number; count: number }[] = [];
  let firstUs: number | undefined;
  histogram.forEachBucket((index, count) => {
    firstUs ??= lowerEndOf(index);
    entries.push({ seconds: upperEndOf(index) / 1_000_000, count });
  });
  const [first, last] = [entries[0], entries.at(-1)];
  if (first === undefined || last === undefined || firstUs === undefined) return undefined;
  let scale = SCALE_MAX;
  while (indexOf(last.seconds, scale) - indexOf(first.seconds, scale) >= EXPONENTIAL_BUCKETS_MAX) scale--;
  const offset = indexOf(first.seconds, scale);
  const counts = new Array<number>(indexOf(last.seconds, scale) - offset + 1).fill(0);
  for (const { seconds, count } of entries) counts[indexOf(seconds, scale) - offset]! += count;
  return { scale, offset, counts, min: firstUs / 1_000_000, max: last.seconds };
}

function indexOf(seconds: number, scale: number): number {
  return Math.ceil(Math.log2(seconds) * 2 ** scale) - 1;
}
