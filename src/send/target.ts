/** One record on its way out. */
export interface OutgoingRecord {
  readonly key: string;
  readonly data: Uint8Array;
}

/**
 * What a failure asks for.
 * - throttled: slow down, then send it again
 * - retriable: send it again after a pause
 * - permanent: this record (or every record of the request) will never be taken
 * - fatal: no record of this run will be taken (unknown stream, no permission): the run ends
 * - unreachable: nothing was answered; whether the records were taken is unknown
 */
export type FailureKind = 'throttled' | 'retriable' | 'permanent' | 'fatal' | 'unreachable';

export interface Failure {
  readonly kind: FailureKind;
  /** The service's error code, or the system's (ECONNREFUSED, …). */
  readonly code: string;
  readonly message: string;
}

export interface RecordFailure extends Failure {
  /** The record's place in the batch. */
  readonly index: number;
  /** The shard that refused it, where the service says which. */
  readonly shardId: string | undefined;
}

/** What the service answered to one batch. */
export interface SendResult {
  /** When the request was handed to the socket (ms, core/clock). */
  readonly handedAtMs: number;
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
  /** Gets ready to send, so that the first records do not pay for it. Whatever goes wrong is left for `send` to meet. */
  warmUp(): Promise<void>;
  /** @param handedOver called once, when the request goes to the socket; not at all when it never came to that */
  send(batch: readonly OutgoingRecord[], handedOver: (atMs: number) => void): Promise<SendResult>;
  close(): void;
}
