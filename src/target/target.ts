import type { Failure } from '../core/failure.js';

/** A record to send: ranges of a buffer that holds many records, so that nothing is copied or decoded for it. */
export interface OutgoingRecord {
  /** The buffer that the ranges are in. */
  readonly source: Buffer;
  readonly dataStart: number;
  readonly dataEnd: number;
  /** The partition key, in UTF-8. It is empty only if the target accepts records without a key. */
  readonly keyStart: number;
  readonly keyEnd: number;
  /**
   * Kinesis: the digits of the explicit hash key. Kafka: the headers, a JSON object. The end is 0 if there are none.
   */
  readonly attributesStart: number;
  readonly attributesEnd: number;
  /** When it was recorded, in epoch milliseconds; NaN if that is unknown. */
  readonly recordedAtMs: number;
}

export interface RecordFailure extends Failure {
  /** The record's index in the batch. */
  readonly index: number;
  /** The shard that refused it, if the service reports it. */
  readonly shardId: string | undefined;
}

/** The result of sending one batch. Times are on the clock of `system/clock`. */
export interface SendResult {
  /** Whether the request was written to a socket. */
  readonly offered: boolean;
  /** When it was written. If it was not: when `send` was called. */
  readonly offeredAtMs: number;
  /** When the response was complete, or the request was given up. */
  readonly endedAtMs: number;
  /** Why the batch was refused as a whole; undefined if each record has its own result. */
  readonly refusal: Failure | undefined;
  /** Records that were refused one by one, in batch order. Without a `refusal`, all others were accepted. */
  readonly failures: readonly RecordFailure[];
  /** The shard that accepted each record, by its index in the batch; empty if the service does not report shards. */
  readonly shardIds: readonly (string | undefined)[];
}

/** Sends batches. Errors of the service or the network are part of the result. If `send` rejects, that is a bug. */
export interface Target {
  /** Whether the target recognises records that are sent again, and never stores them twice. */
  readonly recognisesResends: boolean;
  /**
   * Gets ready to send, so that the first records need not wait for it. Does not reject: `send` meets any error again.
   */
  warmUp(): Promise<void>;
  /**
   * @param onOffered called once, when the request is first written to a socket; not called if it never is
   * @param shardId    the shard of all records of the batch; undefined if batches hold records of any shards
   */
  send(
    batch: readonly OutgoingRecord[],
    onOffered: (atMs: number) => void,
    shardId: string | undefined,
  ): Promise<SendResult>;
  close(): void;
}
