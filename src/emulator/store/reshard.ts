import type { ReshardStep, ShardState, StreamState } from './stream-state.js';

/**
 * Applies the steps to the stream's shards in order. Each one closes its parents and appends its children.
 * @param atMs        epoch milliseconds
 * @param endPosition returns the position after the last record of a shard
 */
export function reshard(
  { shards }: StreamState,
  steps: readonly ReshardStep[],
  atMs: number,
  endPosition: (index: number) => number,
): void {
  const open = new Map(shards.filter(isOpen).map((shard) => [shard.index, shard]));
  for (const step of steps) {
    const parents = (step.type === 'split' ? [step.shard] : step.shards).map((index) => {
      const parent = open.get(index);
      if (parent === undefined) throw new Error(`shard ${index} should be open`);
      return parent;
    });
    for (const parent of parents) {
      parent.closedAtMs = atMs;
      parent.endPosition = endPosition(parent.index);
      open.delete(parent.index);
    }
    const epochSeconds = Math.max(Math.floor(atMs / 1000), ...parents.map((parent) => parent.epochSeconds)) + 1;
    const [parent, adjacentParent] = parents.map(({ index }) => index);
    for (const range of childRanges(step, parents)) {
      const index = shards.at(-1)!.index + 1;
      const child = { index, range, createdAtMs: atMs, epochSeconds, parent, adjacentParent };
      shards.push(child);
      open.set(index, child);
    }
  }
}

function isOpen({ closedAtMs }: ShardState): boolean {
  return closedAtMs === undefined;
}

function childRanges(step: ReshardStep, parents: readonly ShardState[]): ShardState['range'][] {
  const [low, high] = parents.map(({ range }) => range);
  if (step.type === 'merge') return [[low![0], high![1]]];
  return [
    [low![0], String(BigInt(step.at) - 1n)],
    [step.at, low![1]],
  ];
}
