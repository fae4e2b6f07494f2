import { invalidArgument, validationFailed } from '../protocol/service-error.js';
import { type Shard, shardIdOf, shardIndexOf } from '../store/shard.js';
import type { Stream } from '../store/stream.js';
import { shardNotFound } from './not-found.js';

/** Checks shared by the operations that split and merge shards. */

/** Throws a ResourceNotFoundException; its message differs from the one for reads, as in the service. */
export function shardToReshard(stream: Stream, shardId: string): Shard {
  const index = shardIndexOf(shardId);
  const shard = stream.shards.find((candidate) => candidate.index === index);
  if (shard !== undefined) return shard;
  const id = index === undefined ? shardId : shardIdOf(index);
  // A stream that is CREATING has no shards yet: report its state, not the shard.
  if (stream.status === 'CREATING') stream.requireActive();
  throw shardNotFound(id, stream);
}

/** Throws an InvalidArgumentException if the shard is closed. */
export function requireOpen(shard: Shard, stream: Stream): void {
  if (shard.isOpen) return;
  throw invalidArgument(
    `Shard ${shard.id} in ${stream.description} has already been merged or split, ` +
      'and thus is not eligible for merging or splitting.',
  );
}

/** Throws a ValidationException for an on-demand stream, which scales itself. */
export function requireProvisioned(stream: Stream): void {
  if (stream.state.mode === 'PROVISIONED') return;
  throw validationFailed(
    `Request is invalid. Stream ${stream.name} under account ${stream.account} is in On-Demand mode.`,
  );
}
