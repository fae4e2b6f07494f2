import type { RecordFaults, StoredFaults } from '../faults/faults.js';
import type { Result } from '../protocol/output.js';
import type { Exchange, Outcome, Severed } from './exchange.js';

/** What a fault does to a request, unless it refuses it. */
export interface InjectedFault {
  /** Ends the connection 'before' the request is handled, or 'after', so that its response is lost. */
  readonly severed?: Severed & { readonly when: 'before' | 'after' };
  /** Fails single records of a PutRecords. */
  readonly records?: RecordFaults | undefined;
  /** Damages records that were stored. */
  readonly stored?: StoredFaults | undefined;
}

/**
 * Calls to other parts of the emulator while a request is handled, in this order. A hook that is absent costs nothing;
 * a hook that need not wait returns no promise.
 */
export interface Hooks {
  /** Injects faults. Throws the ServiceError that refuses the request; a promise delays it. */
  readonly fault?: (exchange: Exchange) => Promise<InjectedFault | undefined> | InjectedFault | undefined;
  /** After the operation: the response waits until the write that it acknowledges is durable. */
  readonly durable?: (exchange: Exchange, output: Result) => Promise<void> | undefined;
  /** When the response is ready, for logs and metrics: also for requests refused before their operation was known. */
  readonly done?: (exchange: Pick<Exchange, 'request'> & Partial<Exchange>, outcome: Outcome) => void;
}
