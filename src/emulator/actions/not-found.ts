import { resourceNotFound, type ServiceError } from '../protocol/service-error.js';
import { shardIndexOf } from '../store/shard.js';
import type { Stream } from '../store/stream.js';

/** Streams, shards and consumers that several operations may fail to find. */

export function streamNotFound({ name, account }: Stream): ServiceError {
  return resourceNotFound(`Stream ${name} under account ${account} not found.`);
}

/** @param consumer its name or ARN, as written in the request */
export function consumerNotFound(consumer: string, account: string): ServiceError {
  return resourceNotFound(`Consumer ${consumer}, account ${account} not found.`);
}

export function shardNotFound(shardId: string, stream: Stream): ServiceError {
  return resourceNotFound(`Could not find shard ${shardId} in ${stream.description}.`);
}

/** The index in a shard's id; the shard need not exist. Throws a ResourceNotFoundException if the id has no index. */
export function shardIndex(stream: Stream, shardId: string): number {
  const index = shardIndexOf(shardId);
  if (index === undefined) throw shardNotFound(shardId, stream);
  return index;
}

/**
 * Throws a ResourceNotFoundException if the stream was created at another time: the request then names an earlier
 * stream of the same name. Compares whole seconds, since some clients drop the milliseconds.
 */
export function requireCreatedAt(stream: Stream, created: Date | undefined): void {
  const seconds = (ms: number) => Math.floor(ms / 1000);
  if (created !== undefined && seconds(created.getTime()) !== seconds(stream.state.createdAtMs)) {
    throw streamNotFound(stream);
  }
}
