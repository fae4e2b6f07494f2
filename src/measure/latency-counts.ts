import type { SparseHistogram } from '../core/snapshot.js';

/** Each value below this has its own bucket. Above, every doubling has half as many, which keeps three digits. */
const EXACT_BELOW = 2048;
const HALF_BITS = 10;
const HALF = 2 ** HALF_BITS;

/**
 * Counts of times in a worker. Each record is counted twice, so speed matters: this takes some 5 ns, HdrHistogram's own
 * recording 60. The buckets are those of HdrHistogram for three significant digits, from a microsecond up, without an
 * upper end.
 */
export class LatencyCounts {
  #counts = new Float64Array(4 * HALF);
  #last = -1;
  #sumUs = 0;
  /** The time recorded last, and its bucket: records that were due together are often sent together. */
  #ms = Number.NaN;
  #valueUs = 0;
  #index = 0;

  /** Times below a microsecond, negative ones included, count as one microsecond. */
  record(ms: number, count = 1): void {
    if (ms !== this.#ms) this.#place(ms);
    this.#counts[this.#index]! += count;
    this.#sumUs += this.#valueUs * count;
  }

  /** Everything recorded since the last call. */
  take(): SparseHistogram {
    const valuesUs: number[] = [];
    const counts: number[] = [];
    for (let index = 0; index <= this.#last; index++) {
      const count = this.#counts[index]!;
      if (count === 0) continue;
      // The upper end of the bucket, as in percentiles: with the lower end, p99.9 could exceed the maximum.
      valuesUs.push(upperEndOf(index));
      counts.push(count);
    }
    const sumUs = this.#sumUs;
    this.#counts.fill(0, 0, this.#last + 1);
    this.#last = -1;
    this.#ms = Number.NaN;
    this.#sumUs = 0;
    return { valuesUs: Float64Array.from(valuesUs), counts: Float64Array.from(counts), sumUs };
  }

  #place(ms: number): void {
    this.#valueUs = Math.max(1, Math.round(ms * 1000));
    this.#index = bucketOf(this.#valueUs);
    if (this.#index >= this.#counts.length) this.#grow(this.#index);
    if (this.#index > this.#last) this.#last = this.#index;
    this.#ms = ms;
  }

  #grow(index: number): void {
    const grown = new Float64Array(Math.max(2 * this.#counts.length, index + 1));
    grown.set(this.#counts);
    this.#counts = grown;
  }
}

/** @param valueUs whole, at least 1 */
export function bucketOf(valueUs: number): number {
  if (valueUs < EXACT_BELOW) return valueUs;
  // Half an hour fits 31 bits.
  if (valueUs < 2 ** 31) {
    const doubling = 31 - HALF_BITS - Math.clz32(valueUs);
    return (doubling << HALF_BITS) + (valueUs >>> doubling);
  }
  const doubling = Math.floor(Math.log2(valueUs)) - HALF_BITS;
  return doubling * HALF + Math.floor(valueUs / 2 ** doubling);
}

/** The lowest time of a bucket. */
export function lowerEndOf(index: number): number {
  if (index < EXACT_BELOW) return index;
  const doubling = (index >> HALF_BITS) - 1;
  const inHalf = HALF + (index & (HALF - 1));
  // Half an hour fits 31 bits.
  return doubling <= 30 - HALF_BITS - 1 ? inHalf << doubling : inHalf * 2 ** doubling;
}

/** The highest time of a bucket. */
export function upperEndOf(index: number): number {
  return lowerEndOf(index + 1) - 1;
}
