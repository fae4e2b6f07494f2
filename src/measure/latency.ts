import { decodeFromCompressedBase64, encodeIntoCompressedBase64, Float64Histogram } from 'hdr-histogram-js';
import type { HdrHistogram, HistogramBar, Percentiles } from '../core/report.js';
import type { SparseHistogram } from '../core/snapshot.js';

const EMPTY: Percentiles = { count: 0, min: 0, mean: 0, p50: 0, p90: 0, p95: 0, p99: 0, p999: 0, max: 0 };
const PERCENTILES = [50, 90, 95, 99, 99.9];
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
    latency.#forEachBucket((valueUs, count) => {
      latency.#sumUs += latency.#histogram.medianEquivalentValue(valueUs) * count;
    });
    return latency;
  }

  get count(): number {
    return this.#histogram.totalCount;
  }

  add(sparse: SparseHistogram): void {
    const { valuesUs, counts, sumUs } = sparse;
    for (let i = 0; i < counts.length; i++) this.#histogram.recordValueWithCount(valuesUs[i]!, counts[i]!);
    this.#sumUs += sumUs;
  }

  /**
   * All figures in one pass over the buckets. The library makes a pass for each figure, and its mean takes
   * milliseconds; the dashboard asks for the figures several times a second.
   */
  percentiles(): Percentiles {
    const h = this.#histogram;
    const total = h.totalCount;
    if (total === 0) return EMPTY;
    const found = PERCENTILES.map(() => 0);
    let next = 0;
    let seen = 0;
    this.#forEachBucket((valueUs, count) => {
      seen += count;
      while (next < PERCENTILES.length && seen >= rankOf(PERCENTILES[next]!, total)) {
        found[next++] = h.highestEquivalentValue(valueUs) / 1000;
      }
    });
    const [p50 = 0, p90 = 0, p95 = 0, p99 = 0, p999 = 0] = found;
    const mean = this.#sumUs / total / 1000;
    return { count: total, min: h.minNonZeroValue / 1000, mean, p50, p90, p95, p99, p999, max: h.maxValue / 1000 };
  }

  reset(): void {
    this.#sumUs = 0;
    this.#histogram.reset();
  }

  /** Logarithmic bars, `perDoubling` for each doubling of the time, from the first to the last one with a value. */
  bars(perDoubling = 2): HistogramBar[] {
    const counts = new Map<number, number>();
    let bar = 0;
    let barEndUs = 0;
    this.#forEachBucket((valueUs, count) => {
      if (valueUs >= barEndUs) {
        bar = Math.floor(Math.log2(valueUs) * perDoubling);
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
  #forEachBucket(visit: (valueUs: number, count: number) => void): void {
    const histogram = this.#histogram;
    if (histogram.totalCount === 0) return;
    const last = histogram.countsArrayIndex(histogram.maxValue);
    for (let index = 0; index <= last; index++) {
      const count = histogram.getCountAtIndex(index);
      if (count > 0) visit(histogram.valueFromIndex(index), count);
    }
  }
}

/** The number of values, of `total`, that lie at or below a percentile: at least one. */
function rankOf(percentile: number, total: number): number {
  return Math.max(1, Math.ceil((percentile * total) / 100));
}
