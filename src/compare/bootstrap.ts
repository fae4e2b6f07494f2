import { randomFrom } from '../bytes/random.js';
import type { CompareInterval } from '../core/comparison.js';
import type { Block, RunSeconds } from './seconds.js';

/** A block's length, in multiples of the time for which seconds stay alike: such blocks are nearly independent. */
const BLOCK_TIMES = 5;
/** The fewest blocks of a run, and the fewest seconds of a block: fewer say too little about how much they vary. */
const BLOCKS_MIN = 6;
const BLOCK_SECONDS_MIN = 10;
/** The time for which seconds are alike is found too short, the more so the shorter the run. Found by simulation. */
const ALIKE_MARGIN = 1.5;
const ALIKE_GROWTH_MAX = 4;
/** The two-sided 95 % point of the normal distribution. */
const NORMAL_95 = 1.96;
const LEVEL = 0.95;

/** A figure of a run that is compared. */
export interface Measure {
  /** Of the blocks of a run; NaN: they have none. */
  readonly of: (run: RunSeconds, blocks: readonly Block[]) => number;
  /** By how much each step moves it, in any unit: how the steps depend on each other is found from this. */
  readonly influence: (run: RunSeconds) => Float64Array;
  /** Whether its difference counts, and not its ratio. */
  readonly isShare: boolean;
}

export interface Sides<T> {
  readonly base: T;
  readonly new: T;
}

export interface Bootstrap {
  readonly blockSeconds: number;
  /** What each side needs at least; undefined: both have it. */
  readonly neededSeconds: number | undefined;
  /** For each measure, of the ratio or of the difference; null: it cannot be told. */
  readonly intervals: readonly (CompareInterval | null)[];
}

/**
 * How far the measures of two runs may differ by chance: each run is resampled from blocks of its own seconds (moving
 * blocks). Records of a second share their fate, and so do seconds that follow each other, so neither are drawn alone.
 *
 * The intervals are simultaneous: between equal systems, 95 of 100 comparisons show no difference in any measure. They
 * allow for few blocks as batch means do: Student's t with 1.5 degrees for each block but one, and 1 / (1 - block /
 * run) for the variance (Meketon and Schmeiser). Where blocks are short beside the time for which seconds are alike,
 * the intervals are wider by what does not show between blocks, so that a large change is found in a short run, too.
 */
export function bootstrap(
  runs: Sides<RunSeconds>,
  measures: readonly Measure[],
  { seed, resamples }: { readonly seed: number; readonly resamples: number },
): Bootstrap {
  const { stepSeconds } = runs.base;
  const shortest = Math.min(runs.base.withLatency || runs.base.steps, runs.new.withLatency || runs.new.steps);
  const blockStepsMin = Math.ceil(BLOCK_SECONDS_MIN / stepSeconds);
  if (shortest < BLOCKS_MIN * blockStepsMin) {
    const neededSeconds = BLOCKS_MIN * blockStepsMin * stepSeconds;
    return { blockSeconds: blockStepsMin * stepSeconds, neededSeconds, intervals: measures.map(() => null) };
  }
  // The measure that stays alike for the longest decides: in a noisy one, the same is harder to see.
  const alike = Math.max(1, ...measures.map((measure) => alikeSteps(runs, measure)));
  const blockSteps = Math.min(
    Math.max(blockStepsMin, Math.ceil(BLOCK_TIMES * alike)),
    Math.floor(shortest / BLOCKS_MIN),
  );
  const shown = varianceShown(blockSteps, alike);
  const spreads = spreadsOf(runs, measures, { blockSteps, seed, resamples });
  const limit = Math.max(NORMAL_95, simultaneousLimit(spreads, resamples));
  const share = blockSteps / Math.min(runs.base.steps, runs.new.steps);
  const intervals = measures.map((measure, i) => {
    const { sd, freedom } = spreads[i]!;
    const degrees = 1.5 * (1 / share - 1) * freedom;
    return intervalOf(runs, measure, (studentFrom(limit, degrees) / Math.sqrt((1 - share) * shown)) * sd);
  });
  return { blockSeconds: blockSteps * stepSeconds, neededSeconds: undefined, intervals };
}

function spreadsOf(
  runs: Sides<RunSeconds>,
  measures: readonly Measure[],
  { blockSteps, seed, resamples }: { blockSteps: number; seed: number; resamples: number },
): Spread[] {
  const random = randomFrom(seed);
  const drawn = measures.map(() => ({ base: new Float64Array(resamples), new: new Float64Array(resamples) }));
  for (let i = 0; i < resamples; i++) {
    for (const side of ['base', 'new'] as const) {
      const blocks = draw(runs[side].steps, blockSteps, random);
      for (const [at, { of, isShare }] of measures.entries()) {
        const value = of(runs[side], blocks);
        drawn[at]![side][i] = isShare ? value : Math.log(value);
      }
    }
  }
  return drawn.map((sides) => spreadOf(sides));
}

function draw(steps: number, blockSteps: number, random: () => number): Block[] {
  return Array.from({ length: Math.ceil(steps / blockSteps) }, () => {
    const from = Math.floor(random() * (steps - blockSteps + 1));
    return { from, to: from + blockSteps };
  });
}

/**
 * Over how many steps a measure stays on one side of its mean: the integrated autocorrelation time, 1 + 2 * (the sum of
 * the autocorrelations), up to the first lag that is five times as long (Sokal). As the mean is the run's own, each of
 * these autocorrelations is too low by about time / run, which is put right.
 */
function alikeSteps(runs: Sides<RunSeconds>, { influence }: Measure): number {
  const series = [influence(runs.base), influence(runs.new)];
  const covariance = (lag: number): number => series.reduce((sum, values) => sum + covarianceAt(values, lag), 0);
  const variance = covariance(0);
  if (!(variance > 0)) return 1;
  const lags = Math.min(...series.map(({ length }) => length)) - 1;
  let time = 1;
  let lag = 1;
  for (; lag <= lags; lag++) {
    time += (2 * covariance(lag)) / variance;
    if (lag >= BLOCK_TIMES * time) break;
  }
  const missing = (ALIKE_MARGIN * (2 * lag + 1)) / (lags + 1);
  return Math.max(1, time / Math.max(1 / ALIKE_GROWTH_MAX, 1 - missing));
}

/**
 * The part of the variance that shows between blocks: neighbors have something in common, as in an autoregressive
 * process of the first order. 0.85 for blocks of five times, and nearly block / time for short ones.
 */
function varianceShown(blockSteps: number, alike: number): number {
  const times = (2 * blockSteps) / (ALIKE_MARGIN * alike);
  return 1 - (1 - Math.exp(-times)) / times;
}

/** The series has a mean of zero. */
function covarianceAt(values: Float64Array, lag: number): number {
  let sum = 0;
  for (let i = lag; i < values.length; i++) sum += values[i]! * values[i - lag]!;
  return sum / values.length;
}

interface Spread {
  /** Of the difference between the sides; NaN: some resamples have no value. */
  readonly sd: number;
  /** From 1, if one side alone varies, to 2, if both vary alike (Welch). */
  readonly freedom: number;
  /** How far each resample's difference lies from the mean, in standard deviations. */
  readonly distances: Float64Array;
}

function spreadOf(sides: Sides<Float64Array>): Spread {
  const base = varianceOf(sides.base);
  const changed = varianceOf(sides.new);
  const sum = base.variance + changed.variance;
  const sd = Math.sqrt(sum);
  const freedom = sum > 0 ? sum ** 2 / (base.variance ** 2 + changed.variance ** 2) : 2;
  const distances = sides.base.map((value, i) =>
    sd > 0 ? Math.abs(sides.new[i]! - changed.mean - (value - base.mean)) / sd : 0,
  );
  return { sd, freedom, distances };
}

function varianceOf(values: Float64Array): { mean: number; variance: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  // Equal values may have a mean that is not exactly equal to them.
  return { mean, variance: variance < 1e-20 ? 0 : variance };
}

/** How many standard deviations hold all measures of a resample at once, in 95 of 100 resamples. */
function simultaneousLimit(spreads: readonly Spread[], resamples: number): number {
  const known = spreads.filter(({ sd }) => sd > 0);
  const farthest = Float64Array.from({ length: resamples }, (_, i) =>
    known.reduce((max, { distances }) => Math.max(max, distances[i]!), 0),
  ).sort();
  return farthest[Math.ceil(LEVEL * resamples) - 1] ?? 0;
}

/** Student's t with the same probability as a normal deviate (Cornish and Fisher). */
function studentFrom(z: number, degrees: number): number {
  const first = (z ** 3 + z) / 4;
  const second = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96;
  const third = (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384;
  return z + first / degrees + second / degrees ** 2 + third / degrees ** 3;
}

/** Percentiles are exact to this share, or to a microsecond. */
const RESOLUTION = 1 / 1000;
const RESOLUTION_MS = 1 / 1000;

/** @param reach how far the interval reaches to each side, in the measure's own scale */
function intervalOf(runs: Sides<RunSeconds>, { of, isShare }: Measure, reach: number): CompareInterval | null {
  const whole = (run: RunSeconds): number => of(run, [{ from: 0, to: run.steps }]);
  const base = whole(runs.base);
  const changed = whole(runs.new);
  if (isShare) {
    const low = changed - base - reach;
    return Number.isNaN(low) ? null : { low, high: changed - base + reach };
  }
  const ratio = changed / base;
  const factor = Math.exp(reach) + Math.max(RESOLUTION, RESOLUTION_MS / Math.min(base, changed));
  return Number.isFinite(ratio * factor) && ratio > 0 ? { low: ratio / factor, high: ratio * factor } : null;
}
