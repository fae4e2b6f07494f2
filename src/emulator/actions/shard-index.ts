import { ServiceError } from '../protocol/service-error.js';
import { shardIndexOf } from '../store/shard.js';
import type { Stream } from '../store/stream.js';

/** The index in a shard's id, of a shard that need not be there. Throws a ResourceNotFoundException where it has none. */
export function shardIndex(stream: Stream, shardId: string): number {
  const index = shardIndexOf(shardId);
  if (index !== undefined) return index;
  throw new ServiceError('ResourceNotFoundException', `Could not find shard ${shardId} in ${stream.description}.`);
}
