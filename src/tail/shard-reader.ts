import type { Position } from '../core/stream-record.js';
import type { ShardPage } from '../kinesis/read/readable-stream.js';
import type { Patience } from './patience.js';

/** What a reader of one shard works with. */
export interface ShardReading {
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
  /** Records between these sequence numbers are not there any more: from the first on, up to but without the second. */
  readonly lost: (from: number, to: number) => void;
}

/** A page of a shard. */
export interface ReadPage extends ShardPage {
  /** It is the last, because the shard was split or merged. */
  readonly ended: boolean;
  /** It is the last that is wanted. */
  readonly isEnough?: boolean;
}

/** Reads a shard to its end, for as long as pages are asked for. What cannot be mended is thrown, as it came. */
export type ShardReader = (reading: ShardReading) => AsyncGenerator<ReadPage, void, void>;
