/** One record that was refused. */
export interface Refused {
  /** The record's place in the batch. */
  readonly index: number;
  readonly code: string;
  readonly message: string;
}

/** What the service said of each record of a batch. */
export interface Results {
  /** The shard that took each record; undefined where it was refused. As many as there are results. */
  readonly shardIds: (string | undefined)[];
  /** In batch order. */
  readonly refused: Refused[];
}

/** One result as it was read: null and a missing member are the same. */
export interface ResultMembers {
  /** Of the sequence number. */
  readonly numberLength: number | undefined;
  readonly shardId: string | undefined;
  readonly code: string | undefined;
  readonly message: string | undefined;
}

/**
 * Adds a result that is well-formed: either a sequence number and a shard, or an error code. Nothing in a response with
 * any other is believed: what was damaged there may have been damaged elsewhere.
 *
 * @throws SyntaxError
 */
export function addResult(
  { shardIds, refused }: Results,
  { numberLength, shardId, code, message }: ResultMembers,
): void {
  if (code && numberLength === undefined) {
    refused.push({ index: shardIds.length, code, message: message ?? '' });
    shardIds.push(undefined);
  } else if (code === undefined && numberLength && shardId) {
    shardIds.push(shardId);
  } else {
    throw new SyntaxError(`result ${shardIds.length + 1} has neither a sequence number and a shard nor an error code`);
  }
}

/**
 * @param failedCount FailedRecordCount; undefined where the response has none
 * @throws SyntaxError where it is another number than that of the refused records
 */
export function checkFailedCount({ refused }: Results, failedCount: number | undefined): void {
  if (failedCount === undefined || failedCount === refused.length) return;
  throw new SyntaxError(`FailedRecordCount is ${failedCount}, but ${refused.length} results have an error code`);
}
