import type { Failure } from '../core/failure.js';

/** Codes that say that a request never reached anybody; TimeoutError is that of connecting. */
const NOT_DELIVERED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'TimeoutError',
]);

/** Kafka: the leader has the batch, and not all who should. */
const TAKEN_BY_SOME = new Set(['REQUEST_TIMED_OUT', 'NOT_ENOUGH_REPLICAS_AFTER_APPEND']);

/**
 * Whether the stream may have taken what was handed over and failed so: nobody answered a request that was on its way, the answer could not be
 * read, or it is that of somebody before the service, who may have passed the request on.
 */
export function leavesDoubt({ kind, code }: Failure): boolean {
  if (kind === 'unreachable') return !NOT_DELIVERED.has(code);
  return code === 'UnreadableAnswer' || TAKEN_BY_SOME.has(code) || /^HTTP 5/.test(code);
}
