import type { Failure } from '../core/failure.js';

/** One record on its way out: ranges of a buffer that holds many, so that sending it copies and decodes nothing. */
export interface OutgoingRecord {
  /** What the ranges point into. */
  readonly source: Buffer;
  readonly dataStart: number;
  readonly dataEnd: number;
  /** The partition key, in UTF-8; empty only for targets that take records without a key. */
  readonly keyStart: number;
  readonly keyEnd: number;
  /**
   * Kinesis: the digits of the explicit hash key. Kafka: the headers, a JSON object. The end is 0 for a record without.
   */
  readonly attributesStart: number;
  readonly attributesEnd: number;
  /** When it was recorded, epoch milliseconds; NaN where that is unknown. */
  readonly recordedAtMs: number;
}

export interface RecordFailure extends Failure {
  /** The record's place in the batch. */
  readonly index: number;
  /** The shard that refused it, where the service says which. */
  readonly shardId: string | undefined;
}

/** What the service answered to one batch. */
export interface SendResult {
  /** Whether the request was handed to the socket at all. */
  readonly offered: boolean;
  /** When it was (ms, core/clock); else when that was begun. */
  readonly offeredAtMs: number;
  /** When the answer was complete, or the request given up. */
  readonly endedAtMs: number;
  /** Why the batch was refused as a whole; undefined when each record has its own result. */
  readonly refusal: Failure | undefined;
  /** Records refused one by one, in batch order. All others were accepted, unless there is a refusal. */
  readonly failures: readonly RecordFailure[];
  /** The shard that took each record, where the service says so; empty when it does not. */
  readonly shardIds: readonly (string | undefined)[];
}

/** Where batches go. What the service answers is data: `send` never rejects, an exception out of it is a bug. */
export interface Target {
  /** Whether what is sent again is known to it, and never stored twice. */
  readonly recognisesResends: boolean;
  /**
   * Gets ready to send, so that the first records do not pay for it. Whatever goes wrong is left for `send` to meet.
   */
  warmUp(): Promise<void>;
  /**
   * @param handedOver called once, when the request goes to the socket; not at all when it never came to that
   * @param shardId    the shard that all of the batch is for, where batches are gathered by shard
   */
  send(
    batch: readonly OutgoingRecord[],
    handedOver: (atMs: number) => void,
    shardId: string | undefined,
  ): Promise<SendResult>;
  close(): void;
}
