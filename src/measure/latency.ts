import { Float64Histogram } from 'hdr-histogram-js';
import type { HistogramBar, Percentiles } from '../core/report.js';
import type { SparseHistogram } from '../core/snapshot.js';

const EMPTY: Percentiles = { count: 0, min: 0, mean: 0, p50: 0, p90: 0, p95: 0, p99: 0, p999: 0, max: 0 };
const SIGNIFICANT_DIGITS = 3;
/** A minute; the histogram grows by itself beyond. */
const INITIAL_RANGE_US = 60e6;

/**
 * A distribution of times, to three significant digits from a microsecond up, without an upper end: a run that falls
 * hours behind its schedule is told as it was.
 */
export class LatencyHistogram {
  readonly #histogram = new Float64Histogram(1, INITIAL_RANGE_US, SIGNIFICANT_DIGITS);

  constructor() {
    this.#histogram.autoResize = true;
  }

  get count(): number {
    return this.#histogram.totalCount;
  }

  /** Times below a microsecond, and before their intended moment, count as one microsecond. */
  record(ms: number, count = 1): void {
    this.#histogram.recordValueWithCount(Math.max(1, Math.round(ms * 1000)), count);
  }

  add(sparse: SparseHistogram): void {
    const { valuesUs, counts } = sparse;
    for (let i = 0; i < counts.length; i++) this.#histogram.recordValueWithCount(valuesUs[i]!, counts[i]!);
  }

  /** Everything recorded since the last call. */
  takeSparse(): SparseHistogram {
    const valuesUs: number[] = [];
    const counts: number[] = [];
    this.#forEachBucket((valueUs, count) => {
      // The upper end of the bucket, as percentiles are told: with the lower one, p99.9 could lie above the maximum.
      valuesUs.push(this.#histogram.highestEquivalentValue(valueUs));
      counts.push(count);
    });
    this.#histogram.reset();
    return { valuesUs: Float64Array.from(valuesUs), counts: Float64Array.from(counts) };
  }

  percentiles(): Percentiles {
    const h = this.#histogram;
    if (h.totalCount === 0) return EMPTY;
    const at = (percentile: number) => h.getValueAtPercentile(percentile) / 1000;
    return {
      count: h.totalCount,
      min: h.minNonZeroValue / 1000,
      mean: h.mean / 1000,
      p50: at(50),
      p90: at(90),
      p95: at(95),
      p99: at(99),
      p999: at(99.9),
      max: h.maxValue / 1000,
    };
  }

  percentile(percentile: number): number {
    return this.#histogram.totalCount === 0 ? 0 : this.#histogram.getValueAtPercentile(percentile) / 1000;
  }

  get maxMs(): number {
    return this.#histogram.totalCount === 0 ? 0 : this.#histogram.maxValue / 1000;
  }

  /** Logarithmic bars, `perDoubling` for each doubling of the time, from the first to the last that is not empty. */
  bars(perDoubling = 2): HistogramBar[] {
    const counts = new Map<number, number>();
    this.#forEachBucket((valueUs, count) => {
      const bar = Math.floor(Math.log2(valueUs) * perDoubling);
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

  /** By index: the library's own iterator takes milliseconds for a range of seconds, this takes some ten microseconds. */
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
