import type { HistogramBar, Percentiles } from '../core/report.js';
import type { SparseHistogram } from '../core/snapshot.js';
import { barsOf, percentileOf, percentilesOf } from './distribution.js';
import { bucketOf } from './latency-counts.js';

/** A distribution of times in a moving window: what was added is taken out again. */
export class WindowCounts {
  #counts = new Float64Array(4096);
  /** One past the last bucket that may hold a time. */
  #end = 0;
  #total = 0;
  #sumUs = 0;

  /** Adds the times, or with -1 takes them out. */
  add({ valuesUs, counts, sumUs }: SparseHistogram, sign: 1 | -1): void {
    for (let i = 0; i < counts.length; i++) {
      const index = bucketOf(valuesUs[i]!);
      if (index >= this.#end) this.#extend(index + 1);
      const count = sign * counts[i]!;
      this.#counts[index]! += count;
      this.#total += count;
    }
    this.#sumUs += sign * sumUs;
  }

  get count(): number {
    return this.#total;
  }

  /** In milliseconds. */
  get mean(): number {
    return this.#sumUs / this.#total / 1000;
  }

  /** @param percentile from 0, the minimum, to 100, the maximum. In milliseconds; 0 if nothing was recorded */
  percentile(percentile: number): number {
    return percentileOf(percentile, this.#total, this.#forEachBucket);
  }

  percentiles(): Percentiles {
    return percentilesOf(this.#total, this.#sumUs, this.#forEachBucket);
  }

  bars(): HistogramBar[] {
    return barsOf(this.#forEachBucket);
  }

  readonly #forEachBucket = (visit: (index: number, count: number) => void): void => {
    while (this.#end > 0 && this.#counts[this.#end - 1] === 0) this.#end--;
    for (let index = 0; index < this.#end; index++) {
      const count = this.#counts[index]!;
      if (count > 0) visit(index, count);
    }
  };

  #extend(end: number): void {
    this.#end = end;
    if (end <= this.#counts.length) return;
    const grown = new Float64Array(Math.max(2 * this.#counts.length, end));
    grown.set(this.#counts);
    this.#counts = grown;
  }
}
