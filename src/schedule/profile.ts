import type { Stage } from '../core/schedule-mode.js';

/** Sums of floating-point numbers that miss a whole number by less than this share are that whole number. */
const ROUNDING_ERROR = 1e-14;

/** A stage at its place in a profile. */
interface Part extends Stage {
  readonly startMs: number;
  readonly endMs: number;
  /** How much is due before it, and before its end. */
  readonly before: number;
  readonly after: number;
}

/**
 * A rate over time, and its integral: how much is due before a moment, and when an amount is due. Both are exact where
 * floating-point numbers can be: amounts are computed from the start of a stage, never added up record by record.
 */
export class Profile {
  /** In order; never empty. */
  readonly #parts: readonly Part[];
  readonly #last: Part;
  /** The part of the last record: the next one is mostly due in it, too. */
  #recent: Part;

  /** @param stages at least one */
  constructor(stages: readonly Stage[]) {
    const parts: Part[] = [];
    for (const stage of stages) {
      const { endMs: startMs = 0, after: before = 0 } = parts.at(-1) ?? {};
      const after = snapped(before + amountIn(stage, stage.durationMs));
      parts.push({ ...stage, startMs, endMs: startMs + stage.durationMs, before, after });
    }
    this.#parts = parts;
    this.#last = parts.at(-1)!;
    this.#recent = parts[0]!;
  }

  /** When the last stage ends; Infinity: never. */
  get endMs(): number {
    return this.#last.endMs;
  }

  /** How much is due before a moment. */
  amountBy(ms: number): number {
    if (ms <= 0) return 0;
    if (ms >= this.endMs) return this.#last.after;
    const part = this.#parts[this.#indexOf('startMs', ms)]!;
    return part.before + amountIn(part, ms - part.startMs);
  }

  /** When it is due, after `amount` was due before it; Infinity: the stages ask for no more than that. */
  whenDue(amount: number): number {
    if (amount < this.#recent.before || amount >= this.#recent.after) {
      if (amount >= this.#last.after) return Number.POSITIVE_INFINITY;
      // The last part that begins with this amount: those before it, if any, ask for nothing.
      this.#recent = this.#parts[this.#indexOf('before', amount)]!;
    }
    const { startMs, endMs, before, after, fromRps, toRps } = this.#recent;
    if (fromRps === toRps) return Math.min(startMs + ((amount - before) * 1000) / fromRps, endMs);
    if (fromRps < toRps) return Math.min(startMs + rampMs(fromRps, slope(this.#recent), amount - before), endMs);
    // From its end, a falling rate rises. Its last records would be lost in a difference of large numbers.
    return Math.max(startMs, endMs - rampMs(toRps, -slope(this.#recent), after - amount));
  }

  /** The rate at a moment, a second. */
  rateAt(ms: number): number {
    const part = this.#parts[this.#indexOf('startMs', Math.max(0, ms))]!;
    return rateIn(part, Math.min(Math.max(0, ms) - part.startMs, part.durationMs));
  }

  /** The highest rate between two moments; 0 if there is no time between them. */
  peakBetween(fromMs: number, toMs: number): number {
    let peak = 0;
    for (const part of this.#parts) {
      const from = Math.max(fromMs, part.startMs) - part.startMs;
      const to = Math.min(toMs, part.endMs) - part.startMs;
      if (from < to) peak = Math.max(peak, rateIn(part, from), rateIn(part, to));
    }
    return peak;
  }

  /** What is left from a moment on, as a profile of its own; undefined: nothing. */
  from(ms: number): Profile | undefined {
    if (ms >= this.endMs) return undefined;
    const at = this.#indexOf('startMs', Math.max(0, ms));
    const part = this.#parts[at]!;
    const doneMs = Math.max(0, ms - part.startMs);
    const rest = { ...part, fromRps: rateIn(part, doneMs), durationMs: part.durationMs - doneMs };
    return new Profile([rest, ...this.#parts.slice(at + 1)]);
  }

  /** The last part whose `key` is at most `value`; 0 if there is none. */
  #indexOf(key: 'startMs' | 'before', value: number): number {
    let low = 0;
    let high = this.#parts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#parts[middle]![key] <= value) low = middle;
      else high = middle - 1;
    }
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
