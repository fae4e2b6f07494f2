import type { ReshardStep, ShardState } from './stream-state.js';

/**
 * How UpdateShardCount gets from the open shards to a number of them, as the service does it: to scale up it splits every
 * shard in halves, as often as it takes, and then merges neighbours until the number is reached; to scale down it only
 * merges. What was even before is as even as can be after.
 */

/** A shard of the plan: one that is open now, or that a step makes. */
interface Planned {
  readonly index: number;
  readonly start: bigint;
  readonly end: bigint;
}

/** @param shards all of the stream's, by index */
export function planShardCount(shards: readonly ShardState[], target: number): ReshardStep[] {
  let open = shards
    .filter(({ closedAtMs }) => closedAtMs === undefined)
    .map(({ index, range }): Planned => ({ index, start: BigInt(range[0]), end: BigInt(range[1]) }))
    .sort((a, b) => (a.start < b.start ? -1 : 1));
  const steps: ReshardStep[] = [];
  let nextIndex = shards.at(-1)!.index + 1;
  while (open.length < target) {
    open = open.flatMap((shard) => {
      if (shard.start === shard.end) return [shard];
      const middle = shard.start + (shard.end - shard.start + 1n) / 2n;
      steps.push({ type: 'split', shard: shard.index, at: String(middle) });
      return [
        { index: nextIndex++, start: shard.start, end: middle - 1n },
        { index: nextIndex++, start: middle, end: shard.end },
      ];
    });
  }
  for (const group of evenGroups(open, target)) {
    let merged = group[0]!;
    for (const neighbour of group.slice(1)) {
      steps.push({ type: 'merge', shards: [merged.index, neighbour.index] });
      merged = { index: nextIndex++, start: merged.start, end: neighbour.end };
    }
  }
  return steps;
}

/** Groups of neighbours, `count` in all: each ends where a shard ends that is nearest to where an equal share would. */
function evenGroups(open: readonly Planned[], count: number): Planned[][] {
  const whole = open.at(-1)!.end + 1n;
  const groups: Planned[][] = [];
  let from = 0;
  for (let i = 1; i < count; i++) {
    const wanted = (whole * BigInt(i)) / BigInt(count);
    // Each of the groups to come needs a shard at least.
    const last = open.length - (count - i);
    let to = from + 1;
    while (to < last && distance(open[to]!.end + 1n, wanted) < distance(open[to - 1]!.end + 1n, wanted)) to++;
    groups.push(open.slice(from, to));
    from = to;
  }
  groups.push(open.slice(from));
  return groups;
}

function distance(a: bigint, b: bigint): bigint {
  return a < b ? b - a : a - b;
}
