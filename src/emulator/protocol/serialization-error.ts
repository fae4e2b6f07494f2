import { ServiceError } from './service-error.js';

/**
 * The service's error for a request that does not have the form of its shape. Messages name Java's types.
 * @param message empty if the body cannot be read at all, as in the service
 */
export function serializationError(message = ''): ServiceError {
  return new ServiceError('SerializationException', message);
}

export type Found = 'list' | 'map' | 'string' | 'number' | 'boolean' | 'blob';

const JAVA_NAMES = {
  string: 'java.lang.String',
  number: 'com.amazon.coral.value.json.numbers.TruncatingBigNumber',
  boolean: 'java.lang.Boolean',
  blob: 'java.nio.HeapByteBuffer',
} as const;

const WANTED = {
  string: 'an String',
  blob: 'a Blob',
  integer: 'an Integer',
  boolean: 'an Boolean',
  timestamp: 'milliseconds since epoch',
} as const;

/**
 * @param wanted the kind of the shape
 * @param text the value, if a string was found
 */
export function wrongType(
  wanted: keyof typeof WANTED | 'list' | 'map' | 'structure',
  found: Found,
  text = '',
): ServiceError {
  if (found === 'list') return serializationError('Start of list found where not expected');
  if (found === 'map') return serializationError('Start of structure or map found where not expected.');
  if (wanted === 'list') return serializationError('Expected list or null');
  if (wanted === 'map') return serializationError('Expected map or null');
  if (wanted === 'structure') return serializationError('Expected null');
  if (wanted === 'boolean' && found === 'string') {
    return serializationError(`'${text.toUpperCase()}' can not be converted to an Boolean`);
  }
  return serializationError(`class ${JAVA_NAMES[found]} can not be converted to ${WANTED[wanted]}`);
}

const INTEGER_MAX = 2 ** 31 - 1;

/** Truncates a number to a whole one and clamps it to 32 bits, like all integers of the service. */
export function readInteger(value: number): number {
  if (Number.isNaN(value)) throw serializationError();
  return Math.min(INTEGER_MAX, Math.max(-INTEGER_MAX - 1, Math.trunc(value)));
}
