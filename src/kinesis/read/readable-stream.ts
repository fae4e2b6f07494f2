import type { Failure } from '../../core/failure.js';
import type { Position, StreamRecord } from '../../core/stream-record.js';

/** The calls that read a stream, in plain data instead of the SDK's types. */
export interface ReadableStream {
  /**
   * Lists the stream's shards, including closed ones.
   *
   * @param endedAfterMs leaves out shards that were closed before this time, epoch milliseconds
   */
  listShards(endedAfterMs: number | undefined): Promise<readonly ListedShard[]>;
  shardIterator(shardId: string, position: Position): Promise<string>;
  /** @param countMax the limit on records in the response, at most 10,000 */
  getRecords(shardId: string, iterator: string, countMax: number): Promise<PolledPage>;
  /** Opens a subscription. It ends after five minutes or when the signal aborts, and throws if it breaks. */
  subscribe(
    shardId: string,
    position: Position,
    consumerArn: string,
    signal: AbortSignal,
  ): Promise<AsyncIterable<PushedPage>>;
  /** Classifies an error from one of these calls. Rethrows an error that is a bug. */
  failureOf(error: unknown): Failure;
  /** Turns an error from one of these calls into a KloadError. Returns or rethrows an error that is a bug. */
  explain(error: unknown): unknown;
}

export interface ListedShard extends ChildShard {
  /** Closed shards accept no more records. */
  readonly closed: boolean;
}

/** Records of one shard, in order. */
export interface ShardPage {
  readonly records: readonly StreamRecord[];
  /** How far this page is behind the newest record of the shard; 0 if there are no more records. */
  readonly behindMs: number;
  /** At the end of a shard: the shards that it was split or merged into, if the service lists them. */
  readonly children: readonly ChildShard[];
}

export interface ChildShard {
  readonly id: string;
  /** The shards that were split or merged into this one. They may have left retention. */
  readonly parents: readonly string[];
}

export interface PolledPage extends ShardPage {
  /** The iterator for the next page; undefined at the end of a closed shard. */
  readonly next: string | undefined;
}

export interface PushedPage extends ShardPage {
  /** The sequence number to continue after; undefined at the end of a closed shard. */
  readonly continuation: string | undefined;
}
