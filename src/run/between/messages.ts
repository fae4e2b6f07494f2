import type { MessagePort } from 'node:worker_threads';
import type { BatchLimits } from '../../core/limits.js';
import type { Snapshot } from '../../core/snapshot.js';
import type { TargetConfig } from '../../target/kind.js';

/** What a worker is given once, when its task begins. */
export interface SenderTask {
  readonly workerId: number;
  /** How many workers the run has. */
  readonly workers: number;
  /** The coordinator's messages come in here, the worker's go out. */
  readonly port: MessagePort;
  readonly target: TargetConfig;
  readonly limits: BatchLimits;
  /** What a record counts in a batch beside its data and key. */
  readonly recordOverheadBytes: number;
  readonly lingerMs: number;
  /** Whether the records of a key are sent one after the other. */
  readonly ordered: boolean;
  readonly requestsInFlightMax: number;
  readonly maxAttempts: number | undefined;
  /** Whether the worker is to be at full speed from its first record on: it takes a part of a second to get there. */
  readonly rehearse: boolean;
  /** Whether failed records are to be told with their bytes. */
  readonly deadLetters: boolean;
}

/** What a pack's records lay in, each of which is sent or failed: it can be filled again (PackedRecords). */
export interface EmptiedPack {
  readonly buffer: ArrayBuffer;
  readonly capacity: number;
  readonly numbered: boolean;
}

export type ToWorker =
  /** The run begins at this moment of the shared clock; comes before all records. */
  | { readonly type: 'begin'; readonly startMs: number }
  /** Records to send (PackedRecords). The buffer comes back with `released` when each of them is sent or failed. */
  | {
      readonly type: 'records';
      readonly buffer: ArrayBuffer;
      readonly capacity: number;
      readonly count: number;
      readonly hasAttributes: boolean;
      readonly numbered: boolean;
    }
  /** Say which records of those that came before this are not settled: asked where these are numbered. */
  | { readonly type: 'list-unsettled' }
  /** Nothing is handed over until the run resumes; what is in flight is still settled. */
  | { readonly type: 'pause' }
  /**
   * The schedule stood still for this long: what waited is due as much later. Follows all records from before the
   * pause.
   */
  | { readonly type: 'resume'; readonly pausedMs: number }
  /** No more records will come: send what is held, then end the task. */
  | { readonly type: 'finish' }
  /** End the task at once; what is held stays unsent. */
  | { readonly type: 'abandon' };

export type FromWorker =
  | { readonly type: 'ready' }
  /** So many records were sent or failed, and these packs emptied, since it was told last. */
  | { readonly type: 'released'; readonly count: number; readonly emptied: readonly EmptiedPack[] }
  /** The ordinals of the records that are neither sent nor failed, in order; a snapshot of the same moment goes before it. */
  | { readonly type: 'unsettled'; readonly ordinals: Float64Array }
  | { readonly type: 'snapshot'; readonly snapshot: Snapshot }
  /** Records that were given up, as lines of NDJSON. */
  | { readonly type: 'dead-letters'; readonly lines: Uint8Array }
  /** No record of this run will be taken. */
  | { readonly type: 'fatal'; readonly code: string; readonly message: string }
  /** The last message of all. */
  | { readonly type: 'done'; readonly result: SenderResult };

/** What a worker's task ends with. */
export interface SenderResult {
  /** The last snapshot: nothing happened after it. */
  readonly snapshot: Snapshot;
  readonly received: number;
  /** Records that the worker received and neither sent nor failed. */
  readonly unsent: number;
  /** Of these, how many the stream may hold all the same. */
  readonly unsentInDoubt: number;
  /** The ordinals of the unsent, in order, where records are numbered. */
  readonly unsettled: Float64Array;
}
