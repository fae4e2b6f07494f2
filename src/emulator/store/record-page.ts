import type { Segment } from './segment.js';
import type { ShardSequence } from './sequence-number.js';

/** Consecutive records of one segment: from a position up to another. */
export interface RecordSpan {
  readonly segment: Segment;
  readonly from: number;
  readonly end: number;
}

export interface StoredRecord {
  readonly sequenceNumber: string;
  /** Epoch milliseconds. */
  readonly atMs: number;
  readonly key: string;
  readonly data: Buffer;
}

/** Consecutive records of one shard, where they lie: it stays what it is, also when they have left the shard's memory. */
export class RecordPage {
  readonly spans: readonly RecordSpan[];
  readonly sequence: ShardSequence;
  readonly count: number;
  /** Of data and keys. */
  readonly bytes: number;

  constructor(spans: readonly RecordSpan[], sequence: ShardSequence) {
    this.spans = spans;
    this.sequence = sequence;
    this.count = spans.reduce((sum, { from, end }) => sum + end - from, 0);
    this.bytes = spans.reduce((sum, { segment, from, end }) => sum + segment.packed(from, end).length, 0);
  }

  /** When the last record arrived, epoch milliseconds; there is one. */
  get lastAtMs(): number {
    const { segment, end } = this.spans.at(-1)!;
    return segment.atMs(end - 1);
  }

  /** An object a record. */
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
