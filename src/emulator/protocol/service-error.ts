/** The errors of the service that the emulator returns, by their names on the wire. */
export type ErrorType =
  | 'AccessDeniedException'
  | 'DryRunOperationException'
  | 'ExpiredIteratorException'
  | 'ExpiredNextTokenException'
  | 'IncompleteSignatureException'
  | 'InternalFailure'
  | 'InvalidArgumentException'
  | 'InvalidSignatureException'
  | 'KMSNotFoundException'
  | 'LimitExceededException'
  | 'MissingAuthenticationTokenException'
  | 'ProvisionedThroughputExceededException'
  | 'RequestEntityTooLargeException'
  | 'ResourceInUseException'
  | 'ResourceNotFoundException'
  | 'SerializationException'
  | 'ServiceUnavailable'
  | 'ThrottlingException'
  | 'UnknownOperationException'
  | 'UnrecognizedClientException'
  | 'ValidationException';

/** A request that the service refuses. Thrown anywhere while a request is handled, it becomes the response. */
export class ServiceError extends Error {
  readonly type: ErrorType;
  /** The HTTP status. */
  readonly status: number;

  constructor(type: ErrorType, message: string, status = 400) {
    super(message);
    this.name = 'ServiceError';
    this.type = type;
    this.status = status;
  }
}

/** The errors that many operations return. */
export const invalidArgument = (message: string) => new ServiceError('InvalidArgumentException', message);
export const limitExceeded = (message: string) => new ServiceError('LimitExceededException', message);
export const resourceInUse = (message: string) => new ServiceError('ResourceInUseException', message);
export const resourceNotFound = (message: string) => new ServiceError('ResourceNotFoundException', message);
export const throughputExceeded = (message: string) =>
  new ServiceError('ProvisionedThroughputExceededException', message);
export const validationFailed = (message: string) => new ServiceError('ValidationException', message);
