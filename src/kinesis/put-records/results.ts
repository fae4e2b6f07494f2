/** One refused record. */
export interface Refused {
  /** The record's index in the batch. */
  readonly index: number;
  readonly code: string;
  readonly message: string;
}

/** The service's results for the records of a batch. */
export interface Results {
  /** One entry per result: the shard that stored the record, or undefined if it was refused. */
  readonly shardIds: (string | undefined)[];
  /** In batch order. */
  readonly refused: Refused[];
}

/** The members of one result; undefined for a member that is null or missing. */
export interface ResultMembers {
  /** The length of the sequence number. */
  readonly numberLength: number | undefined;
  readonly shardId: string | undefined;
  readonly code: string | undefined;
  readonly message: string | undefined;
}

/**
 * Adds a result, which must have either a sequence number and a shard, or an error code. One malformed result makes the
 * whole response unusable, because other parts of it may be damaged too.
 *
 * @throws SyntaxError for a malformed result
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
 * @param failedCount FailedRecordCount; undefined if the response does not have it
 * @throws SyntaxError if it is not the number of refused records
 */
export function checkFailedCount({ refused }: Results, failedCount: number | undefined): void {
  if (failedCount === undefined || failedCount === refused.length) return;
  throw new SyntaxError(`FailedRecordCount is ${failedCount}, but ${refused.length} results have an error code`);
}
