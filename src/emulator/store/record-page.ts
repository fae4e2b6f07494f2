import type { Segment } from './segment.js';
import type { ShardSequence } from './sequence-number.js';

/** Consecutive records of one segment. */
export interface RecordSpan {
  readonly segment: Segment;
  /** Position of the first record. */
  readonly from: number;
  /** Position after the last record. */
  readonly end: number;
}

export interface StoredRecord {
  readonly sequenceNumber: string;
  /** Epoch milliseconds. */
  readonly atMs: number;
  readonly key: string;
  readonly data: Buffer;
}

/** Consecutive records of one shard, not copied. The page stays valid after the shard has dropped the records. */
export class RecordPage {
  readonly spans: readonly RecordSpan[];
  readonly sequence: ShardSequence;
  readonly count: number;
  /** Size of all keys and data. */
  readonly bytes: number;

  constructor(spans: readonly RecordSpan[], sequence: ShardSequence) {
    this.spans = spans;
    this.sequence = sequence;
    this.count = spans.reduce((sum, { from, end }) => sum + end - from, 0);
    this.bytes = spans.reduce((sum, { segment, from, end }) => sum + segment.packed(from, end).length, 0);
  }

  /** When the last record arrived, epoch milliseconds. The page must not be empty. */
  get lastAtMs(): number {
    const { segment, end } = this.spans.at(-1)!;
    return segment.atMs(end - 1);
  }

  /** Makes an object for each record. */
  *[Symbol.iterator](): Iterator<StoredRecord> {
    for (const { segment, from, end } of this.spans) {
      for (let position = from; position < end; position++) {
        const atMs = segment.atMs(position);
        const sequenceNumber = this.sequence.at(position, Math.floor(atMs / 1000));
        yield { sequenceNumber, atMs, key: segment.key(position), data: segment.data(position) };
      }
    }
  }
}
