import { ServiceError } from './service-error.js';

/** What the service says of requests whose form is not that of their shape; its types are Java's. */

/** @param message none where the body as a whole cannot be read: the service says nothing more then */
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
 * @param wanted what the shape has there
 * @param text where a string was found
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

/** A number as the whole one of 32 bits that all of the service's integers are: beyond them it is the last one. */
export function readInteger(value: number): number {
  if (Number.isNaN(value)) throw serializationError();
  return Math.min(INTEGER_MAX, Math.max(-INTEGER_MAX - 1, Math.trunc(value)));
}
