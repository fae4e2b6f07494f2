import { messageOf } from '../core/errors.js';
import type { Failure, FailureKind } from '../core/failure.js';
import { isCredentialsError } from './client.js';
import { WireError } from './wire-error.js';

const THROTTLED = new Set([
  'ProvisionedThroughputExceededException',
  'LimitExceededException',
  'ThrottlingException',
  'Throttling',
  'RequestLimitExceeded',
  'TooManyRequestsException',
  'SlowDown',
  'KMSThrottlingException',
]);

/** Of these, the next request of this run would meet the same. */
const FATAL = new Set([
  'ResourceNotFoundException',
  'AccessDeniedException',
  'UnrecognizedClientException',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'SignatureDoesNotMatch',
  'IncompleteSignature',
  'IncompleteSignatureException',
  'MissingAuthenticationToken',
  'MissingAuthenticationTokenException',
  'ExpiredTokenException',
  'OptInRequired',
  'KMSAccessDeniedException',
  'KMSDisabledException',
  'KMSInvalidStateException',
  'KMSNotFoundException',
  'KMSOptInRequired',
]);

/** Codes of single records in a PutRecords answer. */
export function recordFailureKind(code: string): FailureKind {
  return THROTTLED.has(code) ? 'throttled' : 'retriable';
}

/** What an error out of the SDK means for the batch. Throws what is no answer, no missing answer and no missing credential: that is a bug. */
export function failureOf(error: unknown): Failure {
  const { name, code, status } = factsOf(error);
  const failure = (kind: FailureKind, shown = name): Failure => ({ kind, code: shown, message: messageOf(error) });
  if (isCredentialsError(error) || error instanceof WireError) return failure('fatal');
  if (THROTTLED.has(name)) return failure('throttled');
  if (FATAL.has(name)) return failure('fatal');
  // Somebody before the service (a proxy, a load balancer) answers in a form that the SDK can't read.
  const shown = error instanceof SyntaxError ? `HTTP ${status}` : name;
  if (status !== undefined && status >= 500) return failure('retriable', shown);
  if (status !== undefined && status >= 400) return failure('permanent', shown);
  if (status !== undefined) return failure('retriable', 'UnreadableAnswer');
  if (code !== undefined) return failure('unreachable', code);
  if (name === 'TimeoutError' || name === 'AbortError') return failure('unreachable', name);
  throw error;
}

interface ErrorFacts {
  readonly name: string;
  /** Of the operating system or of Node: ECONNREFUSED, …. */
  readonly code: string | undefined;
  /** Of HTTP, when there was an answer. */
  readonly status: number | undefined;
}

function factsOf(error: unknown): ErrorFacts {
  if (!(error instanceof Error)) return { name: 'Error', code: undefined, status: undefined };
  const { code, $metadata, $response } = error as Error & {
    code?: unknown;
    $metadata?: { httpStatusCode?: number };
    $response?: { statusCode?: number };
  };
  return {
    name: error.name,
    code: typeof code === 'string' ? code : undefined,
    status: $metadata?.httpStatusCode ?? $response?.statusCode,
  };
}
