import type { Stage } from '../core/schedule-mode.js';

/** Sums of floating-point numbers that miss a whole number by less than this share are that whole number. */
const ROUNDING_ERROR = 1e-14;

/**
 * A rate over time, and its integral: how much is due before a moment, and when an amount is due. Both are exact where
 * floating-point numbers can be: amounts are computed from the start of a stage, never added up record by record.
 */
export class Profile {
  readonly #stages: readonly Stage[];
  /** When each stage begins, and the last one ends. */
  readonly #startMs: Float64Array;
  /** How much is due before each stage, and in all. */
  readonly #before: Float64Array;
  readonly #total: number;
  /** When the last stage ends; Infinity: never. */
  readonly endMs: number;
  /** The stage that was asked for last. The next question is mostly about the same one. */
  #recent = 0;

  constructor(stages: readonly Stage[]) {
    this.#stages = stages;
    this.#startMs = new Float64Array(stages.length + 1);
    this.#before = new Float64Array(stages.length + 1);
    for (const [i, stage] of stages.entries()) {
      this.#startMs[i + 1] = this.#startMs[i]! + stage.durationMs;
      this.#before[i + 1] = snapped(this.#before[i]! + amountIn(stage, stage.durationMs));
    }
    this.#total = this.#before[stages.length]!;
    this.endMs = this.#startMs[stages.length]!;
  }

  /** How much is due before a moment. */
  amountBy(ms: number): number {
    if (ms <= 0) return 0;
    if (ms >= this.endMs) return this.#total;
    const at = this.#last(this.#startMs, ms);
    return this.#before[at]! + amountIn(this.#stages[at]!, ms - this.#startMs[at]!);
  }

  /** When it is due, after `amount` was due before it; Infinity: the stages ask for no more than that. */
  whenDue(amount: number): number {
    if (amount >= this.#total) return Number.POSITIVE_INFINITY;
    // The last stage that begins with this amount: those before it, if any, ask for nothing.
    const at = this.#last(this.#before, amount);
    const stage = this.#stages[at]!;
    const startMs = this.#startMs[at]!;
    const endMs = this.#startMs[at + 1]!;
    const done = amount - this.#before[at]!;
    if (stage.fromRps === stage.toRps) return Math.min(startMs + (done * 1000) / stage.fromRps, endMs);
    if (stage.fromRps < stage.toRps) return Math.min(startMs + rampMs(stage.fromRps, slope(stage), done), endMs);
    // From its end, a falling rate rises. Its last records would be lost in a difference of large numbers.
    return Math.max(startMs, endMs - rampMs(stage.toRps, -slope(stage), this.#before[at + 1]! - amount));
  }

  /** The rate at a moment, a second. */
  rateAt(ms: number): number {
    const at = this.#last(this.#startMs, Math.max(0, Math.min(ms, this.endMs)));
    const stage = this.#stages[Math.min(at, this.#stages.length - 1)]!;
    return rateIn(stage, Math.min(Math.max(0, ms) - this.#startMs[at]!, stage.durationMs));
  }

  /** The highest rate between two moments; 0 if there is no time between them. */
  peakBetween(fromMs: number, toMs: number): number {
    let peak = 0;
    for (const [i, stage] of this.#stages.entries()) {
      const from = Math.max(fromMs, this.#startMs[i]!) - this.#startMs[i]!;
      const to = Math.min(toMs, this.#startMs[i + 1]!) - this.#startMs[i]!;
      if (from < to) peak = Math.max(peak, rateIn(stage, from), rateIn(stage, to));
    }
    return peak;
  }

  /** What is left from a moment on, as a profile of its own; undefined: nothing. */
  from(ms: number): Profile | undefined {
    if (ms >= this.endMs) return undefined;
    const at = this.#last(this.#startMs, Math.max(0, ms));
    const stage = this.#stages[at]!;
    const doneMs = Math.max(0, ms - this.#startMs[at]!);
    const rest = { ...stage, fromRps: rateIn(stage, doneMs), durationMs: stage.durationMs - doneMs };
    return new Profile([rest, ...this.#stages.slice(at + 1)]);
  }

  /** The last stage whose value in `starts` is at most `value`. */
  #last(starts: Float64Array, value: number): number {
    const last = this.#stages.length - 1;
    const recent = this.#recent;
    if (starts[recent]! <= value && (recent === last || value < starts[recent + 1]!)) return recent;
    let low = 0;
    let high = last;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle]! <= value) low = middle;
      else high = middle - 1;
    }
    this.#recent = low;
    return low;
  }
}

function snapped(amount: number): number {
  const whole = Math.round(amount);
  return Math.abs(amount - whole) <= Math.max(1e-9, whole * ROUNDING_ERROR) ? whole : amount;
}

/** How much the rate changes in a second, per second. */
function slope({ fromRps, toRps, durationMs }: Stage): number {
  return ((toRps - fromRps) * 1000) / durationMs;
}

function rateIn(stage: Stage, ms: number): number {
  const { fromRps, toRps, durationMs } = stage;
  return fromRps === toRps ? fromRps : fromRps + (toRps - fromRps) * (ms / durationMs);
}

/** How much is due in the first `ms` of a stage: the mean of the rates at both ends, times the time. */
function amountIn(stage: Stage, ms: number): number {
  return ((stage.fromRps + rateIn(stage, ms)) * ms) / 2000;
}

/** How long it takes for `amount` to come due if the rate rises from `rps` by `slope` a second. */
function rampMs(rps: number, slope: number, amount: number): number {
  // The usual form of the quadratic formula would subtract nearly equal numbers. From a rate of 0 on, it is 0 at first.
  return amount <= 0 ? 0 : (2000 * amount) / (rps + Math.sqrt(rps * rps + 2 * slope * amount));
}
