import { base64Fault } from './base64.js';
import { ServiceError } from './service-error.js';
import type { ListShape, MapShape, Shape, StructureShape } from './shape.js';

/** The wire format `application/x-amz-json-1.1`: how requests are read, by their shapes, and errors written. */

export type JsonObject = Record<string, unknown>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Reads a request. What its shape does not name is left alone, null is absent, and a timestamp becomes a Date.
 * Throws a SerializationException for broken JSON and for values of a wrong type. Constraints are not checked here.
 */
export function readJson(shape: StructureShape, body: string): JsonObject {
  let request: unknown;
  try {
    request = JSON.parse(body);
  } catch {
    throw serializationError('The body of the request is not valid JSON.');
  }
  return readStructure(shape, request);
}

function readStructure(shape: StructureShape, value: unknown): JsonObject {
  if (Array.isArray(value)) throw serializationError('Start of list found where not expected');
  if (!isJsonObject(value)) throw serializationError('Expected null');
  // In place: a request holds hundreds of records, and this object is nobody else's.
  for (const { name, shape: member } of shape.fields) {
    const field = value[name];
    if (field !== undefined) value[name] = field === null ? undefined : readValue(member, field);
  }
  return value;
}

function readValue(shape: Shape, value: unknown): unknown {
  switch (shape.kind) {
    case 'string':
      return typeof value === 'string' ? value : refuse(value, 'an String');
    case 'blob':
      return typeof value === 'string' ? readBlob(value) : refuse(value, 'a Blob');
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : refuse(value, 'an Integer');
    case 'boolean':
      return typeof value === 'boolean' ? value : refuse(value, 'an Boolean');
    case 'timestamp':
      return typeof value === 'number' ? readTimestamp(value) : refuse(value, 'a Timestamp');
    case 'list':
      return readList(shape, value);
    case 'map':
      return readMap(shape, value);
    case 'structure':
      return readStructure(shape, value);
  }
}

function readBlob(text: string): Buffer {
  const fault = base64Fault(text);
  if (fault !== undefined) throw serializationError(`'${text}' can not be converted to a Blob: ${fault}`);
  return Buffer.from(text, 'base64');
}

/** @param seconds since 1970, with fractions */
function readTimestamp(seconds: number): Date {
  const time = new Date(Math.round(seconds * 1000));
  if (Number.isNaN(time.getTime())) throw serializationError(`'${seconds}' can not be converted to a Timestamp`);
  return time;
}

function readList(shape: ListShape, value: unknown): readonly unknown[] {
  if (isJsonObject(value)) throw serializationError('Start of structure or map found where not expected.');
  if (!Array.isArray(value)) throw serializationError('Expected list or null');
  const members: unknown[] = value;
  for (let i = 0; i < members.length; i++) members[i] = readValue(shape.member, members[i]);
  return members;
}

function readMap(shape: MapShape, value: unknown): JsonObject {
  if (Array.isArray(value)) throw serializationError('Start of list found where not expected');
  if (!isJsonObject(value)) throw serializationError('Expected map or null');
  return Object.fromEntries(Object.entries(value).map(([key, text]) => [key, readValue(shape.value, text)]));
}

/** The words are those of the service, whose types are Java's. */
function refuse(value: unknown, wanted: string): never {
  if (Array.isArray(value)) throw serializationError('Start of list found where not expected');
  if (typeof value === 'object') throw serializationError('Start of structure or map found where not expected.');
  const names: Record<string, string> = { string: 'java.lang.String', number: 'java.math.BigDecimal' };
  throw serializationError(`class ${names[typeof value] ?? 'java.lang.Boolean'} can not be converted to ${wanted}`);
}

function serializationError(message: string): ServiceError {
  return new ServiceError('SerializationException', message);
}

/** The body of an error. The service writes a SerializationException's message with a capital M. */
export function writeJsonError(error: ServiceError): string {
  const message = error.type === 'SerializationException' ? 'Message' : 'message';
  return JSON.stringify({ __type: error.type, [message]: error.message });
}
