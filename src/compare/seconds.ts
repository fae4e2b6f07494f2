import { messageOf } from '../core/errors.js';
import type { IntervalReport } from '../core/report.js';
import { bucketsOf } from '../measure/encoded.js';
import { upperEndOf } from '../measure/latency-counts.js';

/** A longer run is compared in steps of several seconds, so that memory and time stay bounded. */
const STEPS_MAX = 7200;
/** A run first opens its connections, then catches up. */
const START_SECONDS = 2;

/** Sums over the first steps: the sum of steps a to b is `sums[b] - sums[a]`. */
export type RunningSums = Float64Array;

/** A part of a run, as steps [from, to). A resample has several. */
export interface Block {
  readonly from: number;
  readonly to: number;
}

export function sumOf(sums: RunningSums, blocks: readonly Block[]): number {
  let sum = 0;
  for (let i = 0; i < blocks.length; i++) sum += sums[blocks[i]!.to]! - sums[blocks[i]!.from]!;
  return sum;
}

export function runningSums(values: readonly number[]): RunningSums {
  const sums = new Float64Array(values.length + 1);
  for (let i = 0; i < values.length; i++) sums[i + 1] = sums[i]! + values[i]!;
  return sums;
}

/** By how much each step moves a ratio of sums: what it has of `parts` beyond its usual share of `wholes`. */
export function influenceOnRatio(parts: RunningSums, wholes: RunningSums): Float64Array {
  const share = parts.at(-1)! / wholes.at(-1)!;
  return Float64Array.from({ length: parts.length - 1 }, (_, i) => {
    return parts[i + 1]! - parts[i]! - share * (wholes[i + 1]! - wholes[i]!);
  });
}

interface Step {
  readonly indexes: Int32Array;
  /** How many times lie in the buckets up to this one. */
  readonly upTo: Float64Array;
  readonly sumUs: number;
}

/**
 * The latencies of a run over time. A percentile of any blocks of it is found by bisection: how many times are at most
 * x is a difference of running sums, which are made once for each x that somebody asks for. A resample of an hour costs
 * some ten thousand additions that way, and a million if its histograms were merged.
 */
export class LatencyOverTime {
  /** Of counts. */
  readonly total: RunningSums;
  readonly #sumsUs: RunningSums;
  readonly #steps: readonly Step[];
  /** The buckets that hold something, ascending. */
  readonly #buckets: Int32Array;
  /** By the position of a bucket: of the counts up to it. */
  readonly #upTo = new Map<number, RunningSums>();

  constructor(steps: readonly Step[]) {
    this.#steps = steps;
    const seen = new Set<number>();
    for (const { indexes } of steps) for (const index of indexes) seen.add(index);
    this.#buckets = Int32Array.from(seen).sort();
    this.total = runningSums(steps.map(({ upTo }) => upTo.at(-1) ?? 0));
    this.#sumsUs = runningSums(steps.map(({ sumUs }) => sumUs));
  }

  get count(): number {
    return this.total.at(-1)!;
  }

  get all(): Block[] {
    return [{ from: 0, to: this.#steps.length }];
  }

  /** In milliseconds. */
  mean(blocks: readonly Block[]): number {
    return sumOf(this.#sumsUs, blocks) / sumOf(this.total, blocks) / 1000;
  }

  /** In milliseconds, as the report's percentiles are: the upper end of the bucket. */
  percentile(percentile: number, blocks: readonly Block[]): number {
    return upperEndOf(this.#buckets[this.#positionOf(percentile, blocks)]!) / 1000;
  }

  /** By how much each step moves a percentile: its times up to the percentile, beyond their usual share. */
  influenceOnPercentile(percentile: number): Float64Array {
    return influenceOnRatio(this.#sumsUpTo(this.#positionOf(percentile, this.all)), this.total);
  }

  influenceOnMean(): Float64Array {
    return influenceOnRatio(this.#sumsUs, this.total);
  }

  #positionOf(percentile: number, blocks: readonly Block[]): number {
    const rank = Math.max(1, Math.ceil((percentile * sumOf(this.total, blocks)) / 100));
    let low = 0;
    let high = this.#buckets.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sumOf(this.#sumsUpTo(middle), blocks) >= rank) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #sumsUpTo(position: number): RunningSums {
    let sums = this.#upTo.get(position);
    if (sums === undefined) {
      const bucket = this.#buckets[position]!;
      sums = runningSums(this.#steps.map((step) => countUpTo(step, bucket)));
      this.#upTo.set(position, sums);
    }
    return sums;
  }
}

function countUpTo({ indexes, upTo }: Step, bucket: number): number {
  let low = 0;
  let high = indexes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (indexes[middle]! <= bucket) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? 0 : upTo[low - 1]!;
}

/** The seconds of a run as the comparison uses them: running sums over its steps. */
export interface RunSeconds {
  /** Seconds in a step. */
  readonly stepSeconds: number;
  readonly steps: number;
  readonly latency: LatencyOverTime;
  /** Steps that have latencies. */
  readonly withLatency: number;
  /** Seconds in which records were acknowledged, but whose histograms were left out. */
  readonly leftOut: number;
  readonly counts: Readonly<Record<'attempts' | 'failed' | 'throttled' | 'retried', RunningSums>>;
  /** Without the run's start, and up to the last second in which records were offered, which is cut short. */
  readonly paced: Readonly<Record<'offered' | 'sent' | 'seconds', RunningSums>>;
}

/** The fewest seconds of a step, by the number of seconds of the runs. */
export function stepSecondsFor(seconds: number): number {
  return Math.max(1, Math.ceil(seconds / STEPS_MAX));
}

/**
 * Reads the seconds of a run. Seconds in which nothing happened are not steps: a replay may be silent for days.
 * Neither are those of the warm-up, as the percentiles and histograms of the report leave them out.
 *
 * @throws Error for a histogram that cannot be read, which names the second
 */
export function secondsOf(all: readonly IntervalReport[], stepSeconds: number, warmUpMs: number): RunSeconds {
  const warm = Math.ceil(warmUpMs / 1000);
  const intervals = all.filter(({ t }) => t >= warm);
  const groups = Array.from({ length: Math.ceil(intervals.length / stepSeconds) }, (_, i) =>
    intervals.slice(i * stepSeconds, (i + 1) * stepSeconds),
  );
  const sums = (value: (interval: IntervalReport) => number): RunningSums =>
    runningSums(groups.map((group) => group.reduce((sum, interval) => sum + value(interval), 0)));
  const steps = groups.map(stepOf);
  const last = intervals.findLast(({ offered }) => offered > 0)?.t ?? 0;
  const first = Math.max(warm, Math.min(START_SECONDS, Math.floor(last / 2)));
  const isPaced = (t: number) => t >= first && t < last;
  // With the silence before it.
  const lengths = new Map(intervals.map(({ t }, i) => [t, t - (intervals[i - 1]?.t ?? warm - 1)]));
  return {
    stepSeconds,
    steps: steps.length,
    latency: new LatencyOverTime(steps),
    withLatency: steps.filter(({ upTo }) => upTo.length > 0).length,
    leftOut: intervals.filter(({ sent, hdrHistogram }) => sent > 0 && hdrHistogram === null).length,
    counts: {
      attempts: sums(({ offered, retried }) => offered + retried),
      failed: sums(({ failed }) => failed),
      throttled: sums(({ throttled }) => throttled),
      retried: sums(({ retried }) => retried),
    },
    paced: {
      offered: sums(({ t, offered }) => (isPaced(t) ? offered : 0)),
      sent: sums(({ t, sent }) => (isPaced(t) ? sent : 0)),
      seconds: sums(({ t }) => (isPaced(t) ? lengths.get(t)! : 0)),
    },
  };
}

function stepOf(group: readonly IntervalReport[]): Step {
  const counts = new Map<number, number>();
  let sumUs = 0;
  for (const { t, hdrHistogram } of group) {
    if (hdrHistogram === null) continue;
    const buckets = bucketsAt(t, hdrHistogram);
    sumUs += buckets.sumUs;
    for (let i = 0; i < buckets.indexes.length; i++) {
      const index = buckets.indexes[i]!;
      counts.set(index, (counts.get(index) ?? 0) + buckets.counts[i]!);
    }
  }
  const indexes = Int32Array.from(counts.keys()).sort();
  let seen = 0;
  const upTo = Float64Array.from(indexes, (index) => {
    seen += counts.get(index)!;
    return seen;
  });
  return { indexes, upTo, sumUs };
}

function bucketsAt(t: number, text: string) {
  try {
    return bucketsOf(text);
  } catch (error) {
    throw new Error(`the histogram of second ${t} cannot be read: ${messageOf(error)}`);
  }
}
