import { BACKSLASH, CLOSE_BRACKET, COMMA, OPEN_BRACE, OPEN_BRACKET, QUOTE } from '../../bytes/ascii.js';
import { base64Fault } from './base64.js';
import { type Found, readInteger, serializationError, wrongType } from './serialization-error.js';
import type { ServiceError } from './service-error.js';
import type { ListShape, MapShape, Shape, StructureShape } from './shape.js';

/** The wire format `application/x-amz-json-1.1`: reads requests by their shapes, writes errors. */

export type JsonObject = Record<string, unknown>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Reads a request. Drops members that its shape does not name; null counts as absent; a timestamp becomes a Date.
 * Throws a SerializationException for broken JSON and for values of a wrong type. Does not check the shape's
 * constraints.
 */
export function readJson(shape: StructureShape, body: Buffer): JsonObject {
  return readStructure(shape, parseJson(body));
}

/** Parses a client's body. Throws a SerializationException for broken JSON, and for too many values or levels. */
export function parseJson(body: Buffer): unknown {
  checkBounds(body);
  try {
    return JSON.parse(body.toString());
  } catch {
    throw serializationError();
  }
}

/** The most levels of nesting. Shapes have a few only. */
const DEPTH_MAX = 64;
/**
 * The most values in a body. A PutRecords of 500 records has about 2,000; millions would block the event loop for
 * seconds.
 */
const VALUES_MAX = 65_536;

const CLOSE_BRACE = 0x7d;

/** Counts values and levels. Does not check the syntax: the parser does. */
function checkBounds(body: Buffer): void {
  // Every value takes at least one byte.
  if (body.length <= VALUES_MAX) return;
  let depth = 0;
  let values = 0;
  for (let at = 0; at < body.length; at++) {
    const byte = body[at]!;
    if (byte === QUOTE) {
      at = endOfString(body, at + 1);
    } else if (byte === COMMA) {
      values++;
    } else if (byte === OPEN_BRACKET || byte === OPEN_BRACE) {
      values++;
      depth++;
    } else if (byte === CLOSE_BRACKET || byte === CLOSE_BRACE) {
      depth--;
    }
    if (values > VALUES_MAX || depth > DEPTH_MAX) throw serializationError();
  }
}

/** The position of the string's closing quote; the end of the body if it has none. */
function endOfString(body: Buffer, from: number): number {
  let at = from;
  while (at < body.length && body[at] !== QUOTE) at += body[at] === BACKSLASH ? 2 : 1;
  return at;
}

function readStructure(shape: StructureShape, value: unknown): JsonObject {
  if (!isJsonObject(value)) throw wrongType('structure', found(value));
  // Changed in place, which is fast for hundreds of records. Nothing else refers to this object.
  for (const name of Object.keys(value)) {
    const field = shape.fields.find((known) => known.name === name);
    // Unchecked values must not reach an operation.
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

/**
 * The body of an error, in any format. As in the service, a SerializationException has 'Message' with a capital M, and
 * an error without a message has no such member.
 */
export function errorOutput({ type, message }: ServiceError): Readonly<Record<string, string>> {
  if (message === '') return { __type: type };
  return { __type: type, [type === 'SerializationException' ? 'Message' : 'message']: message };
}
