import type { ReshardStep, ShardState } from './stream-state.js';

/**
 * How UpdateShardCount gets to a number of equal open shards, as in the service: a sweep from the lowest hash key
 * splits each shard that a new boundary falls into, and merges the pieces of each new range.
 */

/** A shard that is open now, or that a step of the plan will create. */
interface Planned {
  readonly index: number;
  readonly start: bigint;
  readonly end: bigint;
}

/** Boundaries no further apart than a new shard's width / 2^ROUNDING_BITS differ only by rounding. */
const ROUNDING_BITS = 64n;

/**
 * The steps from the open shards to `target` equal ones. None if that many are open already, even if they are not
 * equal.
 * @param shards all shards of the stream, sorted by index
 */
export function planShardCount(shards: readonly ShardState[], target: number): ReshardStep[] {
  const open = shards
    .filter(({ closedAtMs }) => closedAtMs === undefined)
    .map(({ index, range }): Planned => ({ index, start: BigInt(range[0]), end: BigInt(range[1]) }))
    .sort((a, b) => (a.start < b.start ? -1 : 1));
  const steps: ReshardStep[] = [];
  if (open.length === target) return steps;
  let nextIndex = shards.at(-1)!.index + 1;
  const split = ({ index, start, end }: Planned, at: bigint): [Planned, Planned] => {
    steps.push({ type: 'split', shard: index, at: String(at) });
    return [
      { index: nextIndex++, start, end: at - 1n },
      { index: nextIndex++, start: at, end },
    ];
  };
  const merge = (low: Planned, high: Planned): Planned => {
    steps.push({ type: 'merge', shards: [low.index, high.index] });
    return { index: nextIndex++, start: low.start, end: high.end };
  };
  let at = 0;
  for (const rangeEnd of rangeEnds(open, target)) {
    let merged: Planned | undefined;
    while (merged === undefined || merged.end < rangeEnd) {
      let piece = open[at]!;
      if (piece.end > rangeEnd) [piece, open[at]] = split(piece, rangeEnd + 1n);
      else at++;
      merged = merged === undefined ? piece : merge(merged, piece);
    }
  }
  return steps;
}

/** The last hash key of each of `count` equal ranges. If an open shard ends there but for rounding, its end is used. */
function rangeEnds(open: readonly Planned[], count: number): bigint[] {
  const whole = open.at(-1)!.end + 1n;
  const rounding = (whole / BigInt(count)) >> ROUNDING_BITS;
  let at = 0;
  return Array.from({ length: count }, (_, i) => {
    const end = (whole * BigInt(i + 1)) / BigInt(count) - 1n;
    while (open[at]!.end < end - rounding) at++;
    const existing = open[at]!.end;
    return existing <= end + rounding ? existing : end;
  });
}
