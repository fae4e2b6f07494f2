import { decodeFromCompressedBase64, encodeIntoCompressedBase64, Float64Histogram } from 'hdr-histogram-js';
import type { HdrHistogram, HistogramBar, Percentiles } from '../core/report.js';
import type { SparseHistogram } from '../core/snapshot.js';
import { barsOf, type ForEachBucket, percentileOf, percentilesOf } from './distribution.js';
import { lowerEndOf } from './latency-counts.js';

const SIGNIFICANT_DIGITS = 3;
/** A minute: the histogram grows when it gets a longer time. */
const INITIAL_RANGE_US = 60e6;
/** The width of the library's counts: 64 bits, as they are recorded. */
const COUNT_BITS = 64;

/**
 * A distribution of times, to three significant digits from a microsecond up. It has no upper end, so that a run that
 * falls hours behind its schedule is shown as it was.
 */
export class LatencyHistogram {
  readonly #histogram: Float64Histogram;
  #sumUs = 0;

  constructor(histogram = new Float64Histogram(1, INITIAL_RANGE_US, SIGNIFICANT_DIGITS)) {
    this.#histogram = histogram;
    this.#histogram.autoResize = true;
  }

  /** @param text what `encoded` returned. The buckets are the same; the mean is taken from them. */
  static decode(text: HdrHistogram): LatencyHistogram {
    const latency = new LatencyHistogram(decodeFromCompressedBase64(text, COUNT_BITS) as Float64Histogram);
    latency.forEachBucket((index, count) => {
      latency.#sumUs += latency.#histogram.medianEquivalentValue(lowerEndOf(index)) * count;
    });
    return latency;
  }

  get count(): number {
    return this.#histogram.totalCount;
  }

  /** The sum of the times as they were recorded, before they were put in buckets. In milliseconds. */
  get sum(): number {
    return this.#sumUs / 1000;
  }

  add({ valuesUs, counts, sumUs }: SparseHistogram): void {
    for (let i = 0; i < counts.length; i++) this.#histogram.recordValueWithCount(valuesUs[i]!, counts[i]!);
    this.#sumUs += sumUs;
  }

  /** @param percentile from 0, the minimum, to 100, the maximum. In milliseconds; 0 if nothing was recorded */
  percentile(percentile: number): number {
    return percentileOf(percentile, this.count, this.forEachBucket);
  }

  percentiles(): Percentiles {
    return percentilesOf(this.#histogram.totalCount, this.#sumUs, this.forEachBucket);
  }

  reset(): void {
    this.#sumUs = 0;
    this.#histogram.reset();
  }

  bars(perDoubling?: number): HistogramBar[] {
    return barsOf(this.forEachBucket, perDoubling);
  }

  /** The percentile distribution in HdrHistogram's own text form (.hgrm), in milliseconds. */
  hgrm(): string {
    return this.#histogram.outputPercentileDistribution(5, 1000);
  }

  /** In HdrHistogram's binary form, which takes about half a kilobyte to three kilobytes. Costs some 0.3 ms. */
  encoded(): HdrHistogram {
    return encodeIntoCompressedBase64(this.#histogram);
  }

  /**
   * Goes by index, which takes some ten microseconds: the library's iterator takes milliseconds for a range of seconds.
   */
  readonly forEachBucket: ForEachBucket = (visit) => {
    const histogram = this.#histogram;
    if (histogram.totalCount === 0) return;
    const last = histogram.countsArrayIndex(histogram.maxValue);
    for (let index = 0; index <= last; index++) {
      const count = histogram.getCountAtIndex(index);
      if (count > 0) visit(index, count);
    }
  };
}
