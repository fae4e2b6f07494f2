import type { MessagePort } from 'node:worker_threads';
import type { BatchLimits } from '../../core/limits.js';
import type { Snapshot } from '../../core/snapshot.js';
import type { MadeRecords } from '../../generate/record-maker.js';
import type { TargetConfig } from '../../target/kind.js';

/** What a worker gets once, when its task starts. */
export interface SenderTask {
  readonly workerId: number;
  /** The number of workers of the run. */
  readonly workers: number;
  /** The channel to the main thread. */
  readonly port: MessagePort;
  readonly target: TargetConfig;
  readonly limits: BatchLimits;
  /** What each record adds to a batch, in addition to its data and key. */
  readonly recordOverheadBytes: number;
  readonly lingerMs: number;
  /** Whether the records of each key are sent in order. */
  readonly ordered: boolean;
  readonly requestsInFlightMax: number;
  readonly maxAttempts: number | undefined;
  /** Whether a schedule sets the rate. The worker then warms up its code first, to be on time from the first record. */
  readonly isTimed: boolean;
  /** Whether other loads in the thread go first: this one has no intended times, and they have. */
  readonly yields: boolean;
  /** What the worker makes the records from; undefined if it receives them. */
  readonly made: MadeRecords | undefined;
  /** Whether the worker reports failed records as dead letters. */
  readonly deadLetters: boolean;
}

/** The buffer of a pack (PackedRecords) whose records are all settled. It can be filled again. */
export interface EmptiedPack {
  readonly buffer: ArrayBuffer;
  readonly capacity: number;
  readonly numbered: boolean;
}

export type ToWorker =
  /** The run begins at this moment of the shared clock. Comes before all records. */
  | { readonly type: 'begin'; readonly startMs: number }
  /** Records to send (PackedRecords). The buffer comes back with `released` once all of them are settled. */
  | {
      readonly type: 'records';
      readonly buffer: ArrayBuffer;
      readonly capacity: number;
      readonly count: number;
      readonly hasAttributes: boolean;
      readonly numbered: boolean;
    }
  /** Asks which of the records before this message are not settled. Sent only if records are numbered. */
  | { readonly type: 'list-unsettled' }
  /** No request is sent until the run resumes. Requests in flight are settled. */
  | { readonly type: 'pause' }
  /**
   * The pause was this long, so waiting records are due this much later. Comes after all records from before the pause.
   */
  | { readonly type: 'resume'; readonly pausedMs: number }
  /** No more records will come: send those that are held, then end the task. */
  | { readonly type: 'finish' }
  /** End the task at once. Records that are held stay unsent. */
  | { readonly type: 'abandon' };

export type FromWorker =
  | { readonly type: 'ready' }
  /** The number of records settled, and the packs emptied, since the last such message. */
  | { readonly type: 'released'; readonly count: number; readonly emptied: readonly EmptiedPack[] }
  /** The ordinals of unsettled records, sorted. A snapshot of the same moment comes before it. */
  | { readonly type: 'unsettled'; readonly ordinals: Float64Array }
  | { readonly type: 'snapshot'; readonly snapshot: Snapshot }
  /** Records that were given up, as lines of NDJSON. */
  | { readonly type: 'dead-letters'; readonly lines: Uint8Array }
  /** The target will not accept any record of this run. */
  | { readonly type: 'fatal'; readonly code: string; readonly message: string }
  /** A record that does not fit its schema was made: the worker sends nothing more. */
  | { readonly type: 'unfit'; readonly message: string }
  /** The last message. */
  | { readonly type: 'done'; readonly result: SenderResult };

/** The result of a worker's task. */
export interface SenderResult {
  /** The last snapshot: nothing happened after it. */
  readonly snapshot: Snapshot;
  readonly received: number;
  /** Records that the worker received and did not settle. */
  readonly unsent: number;
  /** How many of the unsent records the stream may hold nevertheless. */
  readonly unsentInDoubt: number;
  /** The ordinals of the unsent records, sorted, if records are numbered. */
  readonly unsettled: Float64Array;
}
