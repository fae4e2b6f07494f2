import { messageOf } from '../../core/errors.js';
import type { Failure, FailureKind } from '../../core/failure.js';
import { CredentialsError, isCredentialsError } from '../client/credentials.js';
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

/** The SDK's name for an error response that does not say what it is; SyntaxError is that for a body it can't read. */
const UNTYPED = new Set(['Unknown', 'SyntaxError']);

/**
 * A gateway gave up waiting for the client (408), for the service (499: the client gave up first), or limits the rate
 * (429).
 */
const RETRIABLE_STATUSES = new Set([408, 429, 499]);
/** The service does not say these of a request that it refused. */
const UNCERTAIN_STATUSES = new Set([408, 499]);

/** Codes of single records in a PutRecords answer. */
export function recordFailureKind(code: string): FailureKind {
  return THROTTLED.has(code) ? 'throttled' : 'retriable';
}

/** What an error out of the SDK means for the batch. Throws what is no answer, no missing answer and no missing credential: that is a bug. */
export function failureOf(error: unknown): Failure {
  const { name, code, status } = factsOf(error);
  const message = messageOf(error);
  if (error instanceof CredentialsError && error.isTransient) return { kind: 'unreachable', code: name, message };
  if (isCredentialsError(error)) return { kind: 'fatal', code: name, message };
  if (status !== undefined) return responseFailure(error, name, status, message);
  if (THROTTLED.has(name)) return { kind: 'throttled', code: name, message };
  if (FATAL.has(name)) return { kind: 'fatal', code: name, message };
  if (code !== undefined) return { kind: 'unreachable', code, message };
  if (name === 'TimeoutError' || name === 'AbortError') return { kind: 'unreachable', code: name, message };
  throw error;
}

/** Only a refusal with the service's own code, and a status that fits, rules out that the request was carried out. */
function responseFailure(error: unknown, name: string, status: number, message: string): Failure {
  const isTyped = !UNTYPED.has(name);
  const isRefusal = isTyped && status >= 400 && status < 500 && !UNCERTAIN_STATUSES.has(status);
  const failure = (kind: FailureKind, code: string): Failure =>
    isRefusal || THROTTLED.has(name) ? { kind, code, message } : { kind, code, message, mayBeStored: true };
  if (error instanceof WireError || FATAL.has(name)) return failure('fatal', name);
  if (THROTTLED.has(name)) return failure('throttled', name);
  if (status < 400) return failure('retriable', 'UnreadableAnswer');
  const code = isTyped ? name : `HTTP ${status}`;
  const isRetriable = status >= 500 || RETRIABLE_STATUSES.has(status) || (status === 400 && !isTyped);
  return failure(isRetriable ? 'retriable' : 'permanent', code);
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
