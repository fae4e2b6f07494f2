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

/** Whether the target may hold the records of a request that was handed over and failed. */
export function leavesDoubt({ kind, code, mayBeStored = false }: Failure): boolean {
  return kind === 'unreachable' ? !NOT_DELIVERED.has(code) : mayBeStored;
}
