import type { Position } from '../core/stream-record.js';
import type { ShardPage } from '../kinesis/read/readable-stream.js';
import type { Retrier } from './retrier.js';

/** The inputs of a reader of one shard. */
export interface ShardReading {
  readonly shardId: string;
  readonly from: Position;
  readonly retrier: Retrier;
  readonly signal: AbortSignal;
  /** The current limit on the size of a page, bytes. */
  readonly pageBytesMax: () => number;
  /** The reader calls this once its position is fixed, so that all records written from then on will be read. */
  readonly positioned: () => void;
  /** The reader may call this before its first page if the shard has no records from the position on. */
  readonly empty: (() => void) | undefined;
  /** The reader calls this if records are gone: those from sequence number `from` up to, but not including, `to`. */
  readonly lost: (from: number, to: number) => void;
}

/** A page of a shard. */
export interface ReadPage extends ShardPage {
  /** True for the last page of a shard that was split or merged. */
  readonly ended: boolean;
  /** True for the last page that the tail wants. */
  readonly isEnough?: boolean;
}

/** Reads a shard page by page up to its end. Rethrows errors that retrying does not fix. */
export type ShardReader = (reading: ShardReading) => AsyncGenerator<ReadPage, void, void>;
