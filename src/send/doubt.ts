import type { Failure } from '../core/failure.js';

/**
 * Errors that show that a request never reached the target. TimeoutError: the connection was not established in time.
 */
const NOT_DELIVERED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'TimeoutError',
]);

/** Whether the target may hold the records of a request that was written and failed. */
export function leavesDoubt({ kind, code, mayBeStored = false }: Failure): boolean {
  return kind === 'unreachable' ? !NOT_DELIVERED.has(code) : mayBeStored;
}
