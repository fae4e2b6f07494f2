import type { Position, ReadableStream, ShardPage } from '../kinesis/readable-stream.js';
import type { Patience } from './patience.js';

/** What a reader of one shard works with. */
export interface ShardReading {
  readonly stream: ReadableStream;
  readonly shardId: string;
  readonly from: Position;
  readonly patience: Patience;
  readonly signal: AbortSignal;
  /** What a page should weigh at most now, bytes. */
  readonly pageBytesMax: () => number;
  /** Called once, when the service has taken note of the position: what is written from now on will be read. */
  readonly positioned: () => void;
  /**
   * May be called before the first page: the shard holds nothing from the position on. Undefined: nobody waits to
   * hear of that.
   */
  readonly empty: (() => void) | undefined;
}

/** A page of a shard; with `ended` it is its last. */
export interface ReadPage extends ShardPage {
  readonly ended: boolean;
}

/** Reads a shard to its end, for as long as pages are asked for. What cannot be mended is thrown, as it came. */
export type ShardReader = (reading: ShardReading) => AsyncGenerator<ReadPage, void, void>;
