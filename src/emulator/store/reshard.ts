import type { ReshardStep, ShardState, StreamState } from './stream-state.js';

/**
 * Does one step to the stream's shards: closes the parents and adds the children at the end.
 * @param atMs        epoch milliseconds
 * @param endPosition of a parent: the position after its last record
 */
export function reshard(
  state: StreamState,
  step: ReshardStep,
  atMs: number,
  endPosition: (index: number) => number,
): void {
  const parents = (step.type === 'split' ? [step.shard] : step.shards).map((index) => openShard(state, index));
  for (const parent of parents) {
    parent.closedAtMs = atMs;
    parent.endPosition = endPosition(parent.index);
  }
  const epochSeconds = Math.max(Math.floor(atMs / 1000), ...parents.map((parent) => parent.epochSeconds)) + 1;
  const [parent, adjacentParent] = parents.map(({ index }) => index);
  for (const range of childRanges(step, parents)) {
    const index = state.shards.at(-1)!.index + 1;
    state.shards.push({ index, range, createdAtMs: atMs, epochSeconds, parent, adjacentParent });
  }
}

function childRanges(step: ReshardStep, parents: readonly ShardState[]): ShardState['range'][] {
  if (step.type === 'split') {
    const [start, end] = parents[0]!.range;
    return [
      [start, String(BigInt(step.at) - 1n)],
      [step.at, end],
    ];
  }
  const [one, other] = parents.map(({ range }) => range);
  return [BigInt(one![0]) < BigInt(other![0]) ? [one![0], other![1]] : [other![0], one![1]]];
}

function openShard(state: StreamState, index: number): ShardState {
  const shard = state.shards.find((candidate) => candidate.index === index);
  if (shard === undefined || shard.closedAtMs !== undefined) throw new Error(`shard ${index} should be open`);
  return shard;
}
