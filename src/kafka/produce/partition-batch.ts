import { nowMs } from '../../core/clock.js';
import type { Failure } from '../../core/failure.js';
import type { OutgoingRecord, SendResult } from '../../send/target.js';

/** A partition's batch on its way: taken or refused as a whole. */
export class PartitionBatch {
  readonly partition: number;
  readonly records: readonly OutgoingRecord[];
  readonly result: Promise<SendResult>;
  readonly #handedOver: (atMs: number) => void;
  readonly #startedAtMs = nowMs();
  #handedAtMs: number | undefined;
  #resolve: (result: SendResult) => void = () => {};
  #reject: (error: unknown) => void = () => {};

  constructor(partition: number, records: readonly OutgoingRecord[], handedOver: (atMs: number) => void) {
    this.partition = partition;
    this.records = records;
    this.#handedOver = handedOver;
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  handed(atMs: number): void {
    this.#handedAtMs = atMs;
    this.#handedOver(atMs);
  }

  settle(refusal: Failure | undefined): void {
    const handed = this.#handedAtMs !== undefined;
    const handedAtMs = this.#handedAtMs ?? this.#startedAtMs;
    this.#resolve({ handed, handedAtMs, endedAtMs: nowMs(), refusal, failures: [], shardIds: [] });
  }

  /** What went wrong is a bug. */
  crash(error: unknown): void {
    this.#reject(error);
  }
}
