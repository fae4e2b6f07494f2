import { ServiceError } from '../protocol/service-error.js';
import { type Shard, shardIdOf, shardIndexOf } from '../store/shard.js';
import type { Stream } from '../store/stream.js';

/** What the operations that split and merge shards check alike. */

/** Throws a ResourceNotFoundException, in other words than where a shard is read. */
export function shardToReshard(stream: Stream, shardId: string): Shard {
  const index = shardIndexOf(shardId);
  const shard = stream.shards.find((candidate) => candidate.index === index);
  if (shard !== undefined) return shard;
  const id = index === undefined ? shardId : shardIdOf(index);
  // A stream that is being created has no shards to be found yet: what is wrong is its state.
  if (stream.status === 'CREATING') stream.requireActive();
  throw new ServiceError('ResourceNotFoundException', `Could not find shard ${id} in ${stream.description}.`);
}

/** Throws an InvalidArgumentException for a shard that is closed. */
export function requireOpen(shard: Shard, stream: Stream): void {
  if (shard.isOpen) return;
  throw new ServiceError(
    'InvalidArgumentException',
    `Shard ${shard.id} in ${stream.description} has already been merged or split, ` +
      'and thus is not eligible for merging or splitting.',
  );
}

/** Throws a ValidationException for a stream that decides about its shards itself. */
export function requireProvisioned(stream: Stream): void {
  if (stream.state.mode === 'PROVISIONED') return;
  throw new ServiceError(
    'ValidationException',
    `Request is invalid. Stream ${stream.name} under account ${stream.account} is in On-Demand mode.`,
  );
}
