/**
 * How to react to a failure.
 * - throttled: slow down, then send again
 * - retriable: send again after a pause
 * - permanent: give up the record (or every record of the request): the target will never accept it
 * - fatal: end the run: the target will accept none of its requests (unknown stream, no permission)
 * - unreachable: send again; there was no response, so the target may have stored the records
 */
export type FailureKind = 'throttled' | 'retriable' | 'permanent' | 'fatal' | 'unreachable';

export interface Failure {
  readonly kind: FailureKind;
  /** The service's error code, or the system's (ECONNREFUSED, …). */
  readonly code: string;
  readonly message: string;
  /**
   * The target responded, but not with a clear refusal: it may have stored the records. For unreachable targets, the
   * code decides this instead.
   */
  readonly mayBeStored?: boolean;
}
