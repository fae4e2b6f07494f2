import type { MessagePort } from 'node:worker_threads';
import type { Failure } from '../../core/failure.js';
import type { EmptiedPack, FromWorker } from '../between/messages.js';
import type { PackedRecords } from '../between/packed-records.js';
import type { DeadLetterLines } from './dead-letter-lines.js';
import type { PendingRecord } from './pending-record.js';

/**
 * The worker reports settled records to the main thread once it has this many, or this many bytes of emptied packs.
 * A message costs 30 us here, and waking up costs the main thread more than handling the message.
 */
const RECORDS = 4096;
const BYTES = 1024 * 1024;

/** Reports to the main thread what the worker has settled: records, emptied packs and dead letters. */
export class SettledReports {
  readonly #port: MessagePort;
  readonly #deadLetters: DeadLetterLines | undefined;
  /** Records that were settled before the last report. */
  #reported = 0;
  #emptied: EmptiedPack[] = [];
  #emptiedBytes = 0;

  /** @param deadLetters undefined if the user asked for none */
  constructor(port: MessagePort, deadLetters: DeadLetterLines | undefined) {
    this.#port = port;
    this.#deadLetters = deadLetters;
  }

  /** A record was given up. */
  failed(record: PendingRecord, failure: Failure): void {
    this.#deadLetters?.add(record, failure);
    if (this.#deadLetters?.full) this.reportDeadLetters();
  }

  /** All records of a pack are settled. */
  emptied({ buffer, capacity, numbered }: PackedRecords): void {
    this.#emptied.push({ buffer, capacity, numbered });
    this.#emptiedBytes += buffer.byteLength;
  }

  /**
   * Reports dead letters. Reports the rest if there is enough of it, or if the worker holds no more records.
   *
   * @param settled records that were settled since the worker started
   * @param held    records that the worker holds
   */
  report(settled: number, held: number): void {
    // Dead letters go first, so that they are written before more records are dispatched.
    this.reportDeadLetters();
    const count = settled - this.#reported;
    if (count < RECORDS && this.#emptiedBytes < BYTES && held > 0) return;
    const message: FromWorker = { type: 'released', count, emptied: this.#emptied };
    const buffers = this.#emptied.map(({ buffer }) => buffer);
    this.#port.postMessage(message, buffers);
    this.#reported = settled;
    this.#emptied = [];
    this.#emptiedBytes = 0;
  }

  reportDeadLetters(): void {
    const lines = this.#deadLetters?.take();
    if (lines === undefined) return;
    const message: FromWorker = { type: 'dead-letters', lines };
    this.#port.postMessage(message);
  }
}
