import type { Subscriptions } from '../fan-out/subscriptions.js';
import type { RecordFaults } from '../faults/faults.js';
import type { Caller } from '../protocol/caller.js';
import type { FormatName } from '../protocol/format.js';
import type { Result } from '../protocol/output.js';
import type { Input, StructureShape } from '../protocol/shape.js';
import type { Accounts, StreamReference } from '../store/accounts.js';

/** One request's surroundings. */
export interface Call {
  readonly accounts: Accounts;
  readonly subscriptions: Subscriptions;
  readonly caller: Caller;
  /** When the request is handled: epoch milliseconds, whole. */
  readonly now: number;
  /** Fails single records of a PutRecords. */
  readonly recordFaults?: RecordFaults | undefined;
}

/** Reads the body of a request faster than its shape does; what it returns undefined for is read by the shape. */
type QuickRead<Quick> = (body: Buffer) => Quick | undefined;

/** Reads the request by its shape, or, by its format, the quick way; throws a ServiceError where it does not fit. */
export type ReadInput = <S extends StructureShape, Quick extends StreamReference = never>(
  shape: S,
  quick?: Readonly<Record<FormatName, QuickRead<Quick>>>,
) => Input<S> | Quick;

/** An operation of the service. Without output the answer has an empty body. Throws ServiceErrors. */
export type Operation = (read: ReadInput, call: Call) => Result;

export function operation<S extends StructureShape>(shape: S, run: (input: Input<S>, call: Call) => Result): Operation {
  return (read, call) => run(read(shape), call);
}
