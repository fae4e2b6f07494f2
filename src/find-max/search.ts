import type { Purpose } from '../core/find-max.js';

/** A rate that was tried. */
export interface Trial {
  readonly rps: number;
  readonly purpose: Purpose;
  readonly held: boolean;
}

/** Where the search begins, and by which factor it climbs. */
export interface SearchSettings {
  readonly start: number;
  readonly step: number;
}

/** The rate to try next, or the end of the search. */
export type Next =
  | { readonly rps: number; readonly purpose: Purpose }
  /** The highest rate that held; undefined: none did. */
  | { readonly rps: number | undefined; readonly confirmed: boolean };

/** A rate that held and one that broke are near enough to each other. */
const NEAR = 1.03;
const TRIALS_MAX = 100;
/** The lowest rate that is tried. */
const RPS_MIN = 1;

/**
 * What to try after the trials so far: climb until a rate breaks, halve the range between it and the highest rate that
 * held, and confirm the result. A rate that breaks is tried once more. A result that breaks when it is held for longer
 * had lived on a burst that the target allows: the search then confirms lower rates, one after the other.
 */
export function nextTrial(trials: readonly Trial[], { start, step }: SearchSettings): Next {
  const last = trials.at(-1);
  if (last === undefined) return { rps: start, purpose: 'climb' };
  const high = lowestBroken(trials);
  const known = bestOf(trials);
  if (last.purpose === 'confirm' && last.held) return { rps: last.rps, confirmed: true };
  if (trials.length >= TRIALS_MAX) return { rps: known, confirmed: false };
  if (!last.held && !brokeTwice(trials, trials.length - 1)) return { rps: last.rps, purpose: last.purpose };
  if (high === Number.POSITIVE_INFINITY) return { rps: rounded(last.rps * step), purpose: 'climb' };
  if (last.purpose === 'confirm') return lower(high / NEAR, 'confirm');
  if (known === undefined) return lower(high / step, 'descend');
  const middle = rounded(Math.sqrt(known * high));
  if (high / known <= NEAR || middle <= known || middle >= high) return { rps: known, purpose: 'confirm' };
  return { rps: middle, purpose: 'narrow' };
}

/** The highest rate that held, below all that broke; undefined: none did. */
export function bestOf(trials: readonly Trial[]): number | undefined {
  const high = lowestBroken(trials);
  const best = Math.max(...trials.filter(({ held, rps }) => held && rps < high).map(({ rps }) => rps));
  return Number.isFinite(best) ? best : undefined;
}

/** Infinity: none broke. */
function lowestBroken(trials: readonly Trial[]): number {
  return Math.min(...trials.filter((_, i) => brokeTwice(trials, i)).map(({ rps }) => rps));
}

/** Whether a trial and the one before it broke at the same rate. A pause of the machine may break one at any rate. */
function brokeTwice(trials: readonly Trial[], i: number): boolean {
  const [before, { rps, purpose, held }] = [trials[i - 1], trials[i]!];
  return !held && before?.held === false && before.rps === rps && before.purpose === purpose;
}

function lower(rps: number, purpose: Purpose): Next {
  return rps < RPS_MIN ? { rps: undefined, confirmed: false } : { rps: rounded(rps), purpose };
}

/** Rates that people like to read, exact to a thousandth. */
function rounded(rps: number): number {
  return Number(rps.toPrecision(4));
}
