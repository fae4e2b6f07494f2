import { invalidArgument } from '../protocol/service-error.js';
import { type Input, oneOf, structure } from '../protocol/shape.js';
import { SHARD_ID, TIMESTAMP } from '../protocol/shapes.js';
import type { Shard } from '../store/shard.js';
import type { Stream } from '../store/stream.js';

/** The ShardFilter of ListShards. */

export const SHARD_FILTER = structure(
  {
    Type: oneOf(
      'AFTER_SHARD_ID',
      'AT_TRIM_HORIZON',
      'FROM_TRIM_HORIZON',
      'AT_LATEST',
      'AT_TIMESTAMP',
      'FROM_TIMESTAMP',
    ),
    ShardId: SHARD_ID,
    Timestamp: TIMESTAMP,
  },
  ['Type'],
);

type ShardFilterInput = Input<typeof SHARD_FILTER>;

export interface ShardFilter {
  readonly type: ShardFilterInput['Type'];
  /** Epoch milliseconds, for the types that need a time. */
  readonly atMs: number;
}

/** Throws an InvalidArgumentException if the filter lacks a member that its type needs. */
export function shardFilter(filter: ShardFilterInput | undefined): ShardFilter {
  if (filter === undefined) return { type: 'FROM_TRIM_HORIZON', atMs: 0 };
  const { Type: type, ShardId: shardId, Timestamp: timestamp } = filter;
  if (type === 'AFTER_SHARD_ID' && shardId === undefined) {
    throw invalidArgument('ShardId must be provided when the type is AFTER_SHARD_ID.');
  }
  if ((type === 'AT_TIMESTAMP' || type === 'FROM_TIMESTAMP') && timestamp === undefined) {
    throw invalidArgument(`Timestamp must be provided when the type is ${type}.`);
  }
  return { type, atMs: timestamp?.getTime() ?? 0 };
}

/** The stream's shards that pass the filter, by index. AFTER_SHARD_ID passes all: the caller skips to the start. */
export function shardsOf(stream: Stream, { type, atMs }: ShardFilter, now: number): readonly Shard[] {
  const { shards } = stream;
  switch (type) {
    case 'AFTER_SHARD_ID':
    case 'FROM_TRIM_HORIZON':
      return shards;
    case 'AT_TRIM_HORIZON':
      return shards.filter((shard) => isOldest(shard, stream));
    case 'AT_LATEST':
      return shards.filter(({ isOpen }) => isOpen);
    case 'AT_TIMESTAMP':
      if (atMs < horizonMs(stream, now)) return shards.filter((shard) => isOldest(shard, stream));
      return shards.filter((shard) => shard.state.createdAtMs <= atMs && isOpenAfter(shard, atMs));
    case 'FROM_TIMESTAMP':
      return shards.filter((shard) => isOpenAfter(shard, atMs));
  }
}

/** True if the shard was open at the trim horizon: its parent has left retention. */
function isOldest({ state }: Shard, stream: Stream): boolean {
  return state.parent === undefined || !stream.hasShard(state.parent);
}

function isOpenAfter({ state }: Shard, atMs: number): boolean {
  return state.closedAtMs === undefined || state.closedAtMs >= atMs;
}

/** The trim horizon, epoch milliseconds. */
function horizonMs(stream: Stream, now: number): number {
  return Math.max(stream.state.createdAtMs, now - stream.retentionMs);
}
