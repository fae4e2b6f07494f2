import { messageOf } from '../../core/errors.js';
import type { Failure, FailureKind } from '../../core/failure.js';
import { CredentialsError, isCredentialsError } from '../client/credentials.js';

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

/** Errors that any further request of this run would meet as well. */
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

/** The SDK's names for an error response without an error code (Unknown) and for a body that it can't parse. */
const UNTYPED = new Set(['Unknown', 'SyntaxError']);

/** Statuses of gateways: a timeout (408), a rate limit (429), or a connection that the client closed first (499). */
const RETRIABLE_STATUSES = new Set([408, 429, 499]);
/** Statuses that do not mean that the service refused the request. */
const UNCERTAIN_STATUSES = new Set([408, 499]);

/** Thrown if the service does not understand the format of the requests, so that all further ones would fail too. */
export class WireError extends Error {
  /** The same property as on the SDK's errors. */
  readonly $metadata: { readonly httpStatusCode: number };

  /** @param name an error code of the service, or an HTTP status */
  constructor(name: string, status: number, message: string) {
    super(message);
    this.name = name;
    this.$metadata = { httpStatusCode: status };
  }
}

/** Classifies the error code of one record in a PutRecords response. */
export function recordFailureKind(code: string): FailureKind {
  return THROTTLED.has(code) ? 'throttled' : 'retriable';
}

/**
 * Classifies an error from the SDK or from PutRecordsClient. Rethrows an error that is neither an error response, nor a
 * missing response, nor missing credentials: that is a bug.
 */
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

/** Only an error code of the service with a matching status proves that it did not apply the request. */
function responseFailure(error: unknown, name: string, status: number, message: string): Failure {
  const isTyped = !UNTYPED.has(name);
  const isRefusal = isTyped && status >= 400 && status < 500 && !UNCERTAIN_STATUSES.has(status);
  const failure = (kind: FailureKind, code: string): Failure =>
    isRefusal || THROTTLED.has(name) ? { kind, code, message } : { kind, code, message, mayBeStored: true };
  if (error instanceof WireError || FATAL.has(name)) return failure('fatal', name);
  if (THROTTLED.has(name)) return failure('throttled', name);
  if (status < 400) return failure('retriable', 'UnreadableResponse');
  const code = isTyped ? name : `HTTP ${status}`;
  const isRetriable = status >= 500 || RETRIABLE_STATUSES.has(status) || (status === 400 && !isTyped);
  return failure(isRetriable ? 'retriable' : 'permanent', code);
}

interface ErrorFacts {
  readonly name: string;
  /** A code of the operating system or of Node, such as ECONNREFUSED. */
  readonly code: string | undefined;
  /** The HTTP status, if there was a response. */
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
