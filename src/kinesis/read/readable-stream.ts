import type { Failure } from '../../core/failure.js';
import type { Position, StreamRecord } from '../../core/stream-record.js';

/** A stream as something that is read: what a tail needs of the service, in plain data. */
export interface ReadableStream {
  /**
   * The shards of the stream, closed ones too.
   *
   * @param endedAfterMs leaves out shards that were closed before (epoch milliseconds)
   */
  listShards(endedAfterMs: number | undefined): Promise<readonly ListedShard[]>;
  shardIterator(shardId: string, position: Position): Promise<string>;
  /** @param countMax records in the answer at most, up to 10,000 */
  getRecords(shardId: string, iterator: string, countMax: number): Promise<PolledPage>;
  /** Opens a subscription; it ends after five minutes, or when the signal says so. Whatever breaks it is thrown out of it. */
  subscribe(
    shardId: string,
    position: Position,
    consumerArn: string,
    signal: AbortSignal,
  ): Promise<AsyncIterable<PushedPage>>;
  /** What an error out of one of these means. Throws what is a bug. */
  failureOf(error: unknown): Failure;
  /** What an error out of one of these means to the user: a KloadError, where it is no bug. */
  explain(error: unknown): unknown;
}

export interface ListedShard {
  readonly id: string;
  /** The shards whose split or merge made it; they may have left retention. */
  readonly parents: readonly string[];
  /** It takes no more records. */
  readonly closed: boolean;
}

/** Some records of one shard, in their order. */
export interface ShardPage {
  readonly records: readonly StreamRecord[];
  /** How old the first record is that is not here yet; 0: there is none. */
  readonly behindMs: number;
  /** Of a shard that is at its end: what it was split or merged into, as far as the service says. */
  readonly children: readonly ChildShard[];
}

export interface ChildShard {
  readonly id: string;
  readonly parents: readonly string[];
}

export interface PolledPage extends ShardPage {
  /** The iterator to go on with; undefined at the end of a shard that was closed. */
  readonly next: string | undefined;
}

export interface PushedPage extends ShardPage {
  /** The sequence number to go on after; undefined at the end of a shard that was closed. */
  readonly continuation: string | undefined;
}
