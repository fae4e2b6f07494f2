import { base64Fault } from './base64.js';
import { type Found, readInteger, serializationError, wrongType } from './serialization-error.js';
import type { ServiceError } from './service-error.js';
import type { ListShape, MapShape, Shape, StructureShape } from './shape.js';

/** The wire format `application/x-amz-json-1.1`: how requests are read, by their shapes, and errors written. */

export type JsonObject = Record<string, unknown>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Reads a request. What its shape does not name is left out, null is absent, and a timestamp becomes a Date.
 * Throws a SerializationException for broken JSON and for values of a wrong type. Constraints are not checked here.
 */
export function readJson(shape: StructureShape, body: string): JsonObject {
  let request: unknown;
  try {
    request = JSON.parse(body);
  } catch {
    throw serializationError();
  }
  return readStructure(shape, request);
}

function readStructure(shape: StructureShape, value: unknown): JsonObject {
  if (!isJsonObject(value)) throw wrongType('structure', found(value));
  // In place: a request holds hundreds of records, and this object is nobody else's.
  for (const name of Object.keys(value)) {
    const field = shape.fields.find((known) => known.name === name);
    // What nobody has looked at may be anything: it must not reach an operation.
    if (field === undefined) delete value[name];
    else value[name] = readValue(field.shape, value[name]);
  }
  return value;
}

function readValue(shape: Shape, value: unknown): unknown {
  if (value === null) return undefined;
  switch (shape.kind) {
    case 'string':
      return typeof value === 'string' ? value : refuse(shape, value);
    case 'blob':
      return typeof value === 'string' ? readBlob(value) : refuse(shape, value);
    case 'integer':
      return typeof value === 'number' ? readInteger(value) : refuse(shape, value);
    case 'boolean':
      return typeof value === 'boolean' ? value : refuse(shape, value);
    case 'timestamp':
      return typeof value === 'number' ? readTimestamp(value) : refuse(shape, value);
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
  if (Number.isNaN(time.getTime()))
    throw serializationError(`'${seconds}' can not be converted to milliseconds since epoch`);
  return time;
}

function readList(shape: ListShape, value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) return refuse(shape, value);
  const members: unknown[] = value;
  for (let i = 0; i < members.length; i++) members[i] = readValue(shape.member, members[i]);
  return members;
}

function readMap(shape: MapShape, value: unknown): JsonObject {
  if (!isJsonObject(value)) return refuse(shape, value);
  return Object.fromEntries(Object.entries(value).map(([key, text]) => [key, readValue(shape.value, text)]));
}

function refuse(shape: Shape, value: unknown): never {
  throw wrongType(shape.kind, found(value), typeof value === 'string' ? value : '');
}

function found(value: unknown): Found {
  if (Array.isArray(value)) return 'list';
  if (typeof value === 'string') return 'string';
  if (typeof value === 'number') return 'number';
  return typeof value === 'boolean' || value === null ? 'boolean' : 'map';
}

/** The body of an error. The service writes a SerializationException's message with a capital M, and none where it has none. */
export function writeJsonError(error: ServiceError): string {
  return JSON.stringify(errorOutput(error));
}

/** An error as it is written in any format. */
export function errorOutput({ type, message }: ServiceError): Readonly<Record<string, string>> {
  if (message === '') return { __type: type };
  return { __type: type, [type === 'SerializationException' ? 'Message' : 'message']: message };
}
