import type { IntervalFigures } from '../core/report.js';
import type { SparseHistogram } from '../core/snapshot.js';
import { LatencyHistogram } from './latency.js';

/** Seconds whose histograms stay open: snapshots of slower workers still add to them. */
const OPEN_SECONDS = 4;
const NO_LAG = { p50: 0, p99: 0, max: 0 };

type Lag = IntervalFigures['scheduleLagMs'];

/** The schedule lag of the records written in each second. */
export class LagSeconds {
  readonly #closed = new Map<number, Lag>();
  readonly #open = new Map<number, LatencyHistogram>();
  /** Emptied histograms, to be used again: they are large. */
  readonly #spare: LatencyHistogram[] = [];

  add(second: number, lags: SparseHistogram): void {
    if (lags.counts.length === 0) return;
    this.#histogramOf(second).add(lags);
    if (this.#open.size > OPEN_SECONDS) this.#close(Math.min(...this.#open.keys()));
  }

  in(second: number): Lag {
    const open = this.#open.get(second);
    const closed = this.#closed.get(second);
    return open === undefined ? (closed ?? NO_LAG) : later(closed, lagOf(open));
  }

  #histogramOf(second: number): LatencyHistogram {
    let histogram = this.#open.get(second);
    if (histogram === undefined) {
      histogram = this.#spare.pop() ?? new LatencyHistogram();
      this.#open.set(second, histogram);
    }
    return histogram;
  }

  #close(second: number): void {
    const histogram = this.#open.get(second)!;
    this.#closed.set(second, this.in(second));
    this.#open.delete(second);
    histogram.reset();
    this.#spare.push(histogram);
  }
}

function lagOf(histogram: LatencyHistogram): Lag {
  const { p50, p99, max } = histogram.percentiles();
  return { p50, p99, max };
}

/**
 * The figures of a second after a worker reported its part of it late. The histogram of the others is not kept, so each
 * figure is the larger of both: the maximum is exact, a percentile at most too high.
 */
function later(closed: Lag | undefined, late: Lag): Lag {
  if (closed === undefined) return late;
  return {
    p50: Math.max(closed.p50, late.p50),
    p99: Math.max(closed.p99, late.p99),
    max: Math.max(closed.max, late.max),
  };
}
