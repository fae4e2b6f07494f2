/**
 * What a failure asks for.
 * - throttled: slow down, then ask again
 * - retriable: ask again after a pause
 * - permanent: this record (or every record of the request) will never be taken
 * - fatal: no request like it will be taken (unknown stream, no permission): the run ends
 * - unreachable: nothing was answered; whether the request was carried out is unknown
 */
export type FailureKind = 'throttled' | 'retriable' | 'permanent' | 'fatal' | 'unreachable';

export interface Failure {
  readonly kind: FailureKind;
  /** The service's error code, or the system's (ECONNREFUSED, …). */
  readonly code: string;
  readonly message: string;
  /**
   * The target responded, but not with a refusal of its own: it may have stored what it failed at. Unreachable targets
   * are judged by the code instead.
   */
  readonly mayBeStored?: boolean;
}
