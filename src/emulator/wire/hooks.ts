import type { RecordFaults } from '../faults/faults.js';
import type { Result } from '../protocol/output.js';
import type { Exchange, Outcome, Severed } from './exchange.js';

/** What is to become of a request. */
export interface Fate {
  /** 'before': nothing is done for it; 'after': it is done and its answer gets lost. */
  readonly severed?: Severed & { readonly when: 'before' | 'after' };
  /** Fails single records of a PutRecords. */
  readonly records?: RecordFaults | undefined;
}

/**
 * What other parts of the emulator hang into the way of a request, in the order of the way.
 * One that is left out costs nothing; one that has nothing to wait for does not return a promise.
 */
export interface Hooks {
  /** Faults on demand: throws the ServiceError that is to be the answer; a promise holds the request up. */
  readonly fault?: (exchange: Exchange) => Promise<Fate | undefined> | Fate | undefined;
  /** After the operation: the answer waits until what it tells of is safe. */
  readonly durable?: (exchange: Exchange, output: Result) => Promise<void> | undefined;
  /** When the answer is ready: for logs and metrics. Also for what was refused before it had an operation. */
  readonly done?: (exchange: Pick<Exchange, 'request'> & Partial<Exchange>, outcome: Outcome) => void;
}
