import type { Failure } from '../../core/failure.js';
import { nowMs } from '../../system/clock.js';
import type { OutgoingRecord, SendResult } from '../../target/target.js';

/** A batch being sent to one partition. The broker accepts or refuses it as a whole. */
export class PartitionBatch {
  readonly partition: number;
  readonly records: readonly OutgoingRecord[];
  readonly result: Promise<SendResult>;
  readonly #onOffered: (atMs: number) => void;
  readonly #startedAtMs = nowMs();
  #offeredAtMs: number | undefined;
  #resolve: (result: SendResult) => void = () => {};
  #reject: (error: unknown) => void = () => {};

  constructor(partition: number, records: readonly OutgoingRecord[], onOffered: (atMs: number) => void) {
    this.partition = partition;
    this.records = records;
    this.#onOffered = onOffered;
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  offered(atMs: number): void {
    this.#offeredAtMs = atMs;
    this.#onOffered(atMs);
  }

  settle(refusal: Failure | undefined): void {
    const offered = this.#offeredAtMs !== undefined;
    const offeredAtMs = this.#offeredAtMs ?? this.#startedAtMs;
    this.#resolve({ offered, offeredAtMs, endedAtMs: nowMs(), refusal, failures: [], shardIds: [] });
  }

  /** Rejects `result`: the error is a bug in kload. */
  crash(error: unknown): void {
    this.#reject(error);
  }
}
