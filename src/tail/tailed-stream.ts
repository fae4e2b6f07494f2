import type { Failure } from '../core/failure.js';
import type { ListedShard } from '../kinesis/read/readable-stream.js';
import type { ShardReader } from './shard-reader.js';

/** What a tail asks a stream, or a topic, for beside its records. */
export interface TailedStream {
  /** @param endedAfterMs leaves out shards that were closed before (epoch milliseconds) */
  listShards(endedAfterMs: number | undefined): Promise<readonly ListedShard[]>;
  /** What an error out of it means. Throws what is a bug. */
  failureOf(error: unknown): Failure;
  /** What an error out of it means to the user: a KloadError, where it is no bug. */
  explain(error: unknown): unknown | Promise<unknown>;
}

/** A stream, or a topic, that was looked at. */
export interface OpenSource {
  readonly stream: TailedStream;
  readonly readShard: ShardReader;
  /** What it is and where: 'orders in us-east-1'. */
  readonly place: string;
  /** How it is read, to be said after from where; '' where there is no more to say. */
  readonly manner: string;
  /** How often it is looked for shards that nothing tells of; undefined: not at all. */
  readonly relistEveryMs: number | undefined;
  /** Lets go of what is read, and afterwards of what was needed for that. */
  close(): Promise<void>;
}
