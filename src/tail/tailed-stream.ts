import type { Failure } from '../core/failure.js';
import type { ListedShard } from '../kinesis/read/readable-stream.js';
import type { ShardReader } from './shard-reader.js';

/** The calls of a tail to a stream or a topic, except for reading records. */
export interface TailedStream {
  /** @param endedAfterMs leaves out shards that were closed before this time, epoch milliseconds */
  listShards(endedAfterMs: number | undefined): Promise<readonly ListedShard[]>;
  /** Classifies an error. Rethrows one that is a bug. */
  failureOf(error: unknown): Failure;
  /** Turns an error into a KloadError. Returns or rethrows one that is a bug. */
  explain(error: unknown): unknown | Promise<unknown>;
}

/** A stream or a topic that is ready to be read. */
export interface OpenSource {
  readonly stream: TailedStream;
  readonly readShard: ShardReader;
  /** Its name and location, for messages: 'orders in us-east-1'. */
  readonly location: string;
  /** How it is read, to be appended to a message: ', pushed to consumer-1', or ''. */
  readonly method: string;
  /** How often to list the shards again to find new ones; undefined: never. */
  readonly relistEveryMs: number | undefined;
  /** The topic's name, for the records' lines; undefined for a stream. */
  readonly topic: string | undefined;
  /** Closes the connections, and deregisters a consumer that kload registered. */
  close(): Promise<void>;
}

export interface OpenOptions {
  /** Whether to wait for new records. */
  readonly follow: boolean;
  readonly timeoutMs: number;
  /** Called with a line that says what kload is waiting for. */
  readonly onWait: (text: string) => void;
  readonly signal: AbortSignal;
}

/** Opens a stream or a topic. Throws a KloadError (target) for one that cannot be read. */
export type SourceOpener = (source: never, options: OpenOptions) => Promise<OpenSource>;
