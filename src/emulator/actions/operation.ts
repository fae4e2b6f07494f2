import type { Subscriptions } from '../fan-out/subscriptions.js';
import type { RecordFaults, StoredFaults } from '../faults/faults.js';
import type { Caller } from '../protocol/caller.js';
import type { FormatName } from '../protocol/format.js';
import type { Result } from '../protocol/output.js';
import { ServiceError } from '../protocol/service-error.js';
import type { Input, StructureShape } from '../protocol/shape.js';
import type { Accounts, StreamReference } from '../store/accounts.js';

/** What an operation gets besides the request itself. */
export interface Call {
  readonly accounts: Accounts;
  readonly subscriptions: Subscriptions;
  readonly caller: Caller;
  /** When the request is handled: epoch milliseconds, whole. */
  readonly now: number;
  /** Fails single records of a PutRecords. */
  readonly recordFaults?: RecordFaults | undefined;
  /** Damages records that were stored. */
  readonly storedFaults?: StoredFaults | undefined;
}

/** Reads the usual form of a request's body, faster than by its shape. Returns undefined for any other form. */
type QuickRead<Quick> = (body: Buffer) => Quick | undefined;

/**
 * Reads a request: by `quick`, if it is given and understands the body, otherwise by its shape. Throws a ServiceError
 * if the request does not fit its shape.
 */
export type ReadInput = <S extends StructureShape, Quick extends StreamReference = never>(
  shape: S,
  quick?: Readonly<Record<FormatName, QuickRead<Quick>>>,
) => Input<S> | Quick;

/**
 * Throws a DryRunOperationException if the request asks only whether it would succeed. Call it after all checks, before
 * anything is read or written.
 */
export function endDryRun({ DryRun: isDryRun }: { readonly DryRun?: boolean | undefined }): void {
  if (isDryRun !== true) return;
  throw new ServiceError(
    'DryRunOperationException',
    'The request was rejected because the DryRun parameter was specified.',
  );
}

/** An operation of the service. */
export interface Operation {
  /** The members of its requests, with their constraints. */
  readonly input: StructureShape;
  /** How much of it is emulated: its row in the reference. */
  readonly emulated: string;
  /** Reads and handles one request. The response to undefined has an empty body. Throws ServiceErrors. */
  readonly run: (read: ReadInput, call: Call) => Result;
}

/** An operation whose requests are read by their shape. */
export function operation<S extends StructureShape>(
  definition: Pick<Operation, 'emulated'> & { input: S; run: (input: Input<S>, call: Call) => Result },
): Operation {
  return { ...definition, run: (read, call) => definition.run(read(definition.input), call) };
}
