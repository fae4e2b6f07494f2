import type { CompareInterval } from '../core/comparison.js';

/** What the two tails of the test may hold together. */
const ALPHA = 0.05;

/**
 * How far the runs of two sides differ: the test of Mann and Whitney, turned into an interval (Hodges and Lehmann).
 * Each run is one observation, so the interval covers what varies between runs as well as within them.
 *
 * @returns the median of the differences of all pairs, and the interval; null: so few runs cannot reach 95 %
 */
export function shiftBetween(
  base: readonly number[],
  changed: readonly number[],
): { readonly middle: number; readonly interval: CompareInterval | null } {
  const differences = Float64Array.from(changed.flatMap((to) => base.map((from) => to - from))).sort();
  const skipped = pairsBeyond(base.length, changed.length);
  const interval = skipped === undefined ? null : { low: differences[skipped]!, high: differences.at(-1 - skipped)! };
  return { middle: medianOf([...differences]), interval };
}

export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  return (sorted[Math.ceil(half) - 1]! + sorted[Math.floor(half)]!) / 2;
}

/** Whether this number of runs a side can show a difference at all. */
export function areEnough(base: number, changed: number): boolean {
  return pairsBeyond(base, changed) !== undefined;
}

/**
 * The largest u so that, between equal systems, at most u of all pairs of runs are in the other order in at most 2.5 %
 * of all cases. undefined: even none is more likely than that.
 */
function pairsBeyond(base: number, changed: number): number | undefined {
  const ways = waysByPairs(base, changed);
  const all = ways.reduce((sum, n) => sum + n, 0);
  let seen = 0;
  let u = -1;
  while (u + 1 < ways.length && (seen + ways[u + 1]!) / all <= ALPHA / 2) seen += ways[++u]!;
  return u < 0 ? undefined : u;
}

/** In how many of the orders of all runs exactly u pairs have the new run first, for each u. */
function waysByPairs(base: number, changed: number): Float64Array {
  // The runs of the base are placed one by one; each has 0 to `changed` new runs before it, never fewer than the last.
  let byLimit: Float64Array[] = Array.from({ length: changed + 1 }, () => Float64Array.of(1));
  for (let placed = 1; placed <= base; placed++) {
    const next: Float64Array[] = [];
    for (let limit = 0; limit <= changed; limit++) {
      const ways = new Float64Array(placed * changed + 1);
      for (const [u, n] of (next[limit - 1] ?? []).entries()) ways[u]! += n;
      for (const [u, n] of byLimit[limit]!.entries()) ways[u + limit]! += n;
      next.push(ways);
    }
    byLimit = next;
  }
  return byLimit[changed]!;
}
