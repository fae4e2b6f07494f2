import { isJsonObject, type JsonObject } from './json.js';
import { type ServiceError, validationFailed } from './service-error.js';
import {
  type BlobShape,
  type IntegerShape,
  type ListShape,
  type MapShape,
  type MapText,
  patternSource,
  type Shape,
  type StringShape,
  type StructureShape,
} from './shape.js';

/** The most violations that the service names. */
const VIOLATIONS_MAX = 10;
/** The most members of a list or map in a message. */
const PRINTED_MAX = 1000;
/** How a message prints a record, the only structure in lists of requests. */
const RECORD_TEXT = 'com.amazonaws.kinesis.v20131202.PutRecordsRequestEntry@c965e310';

/**
 * Checks the constraints of a shape. The request's types must be right already.
 * Throws a ValidationException that names the violations, with the service's message.
 */
export function validate(shape: StructureShape, request: JsonObject): void {
  const found: string[] = [];
  checkMembers(shape, request, '', found);
  if (found.length === 0) return;
  throw validationError(found.slice(0, VIOLATIONS_MAX));
}

/** True if a value of the right type satisfies the constraints of its shape. */
export function isValid(shape: Shape, value: unknown): boolean {
  const found: string[] = [];
  check(shape, value, '', found);
  return found.length === 0;
}

export function validationError(violations: readonly string[]): ServiceError {
  const count = `${violations.length} validation error${violations.length > 1 ? 's' : ''}`;
  return validationFailed(`${count} detected: ${violations.join('; ')}`);
}

/** @param value as printed by the service, with quotes */
export function violation(value: string, path: string, constraint: string): string {
  return `Value ${value} at '${path}' failed to satisfy constraint: ${constraint}`;
}

/** How the service's messages print a blob: a Java buffer. */
export function blobText(bytes: number): string {
  return `'java.nio.HeapByteBuffer[pos=0 lim=${bytes} cap=${bytes}]'`;
}

function check(shape: Shape, value: unknown, path: string, found: string[]): void {
  switch (shape.kind) {
    case 'string':
      if (typeof value === 'string') checkText(shape, value, path, found);
      break;
    case 'blob':
      if (Buffer.isBuffer(value)) checkBlob(shape, value, path, found);
      break;
    case 'integer':
      if (typeof value === 'number') checkInteger(shape, value, path, found);
      break;
    case 'list':
      if (Array.isArray(value)) checkList(shape, value, path, found);
      break;
    case 'map':
      if (isJsonObject(value)) checkMap(shape, value, path, found);
      break;
    case 'structure':
      if (isJsonObject(value)) checkMembers(shape, value, `${path}.`, found);
  }
}

function checkMembers(shape: StructureShape, value: JsonObject, prefix: string, found: string[]): void {
  for (const field of shape.fields) {
    const path = prefix + field.path;
    const member = value[field.name];
    if (member !== undefined) check(field.shape, member, path, found);
    else if (field.required) found.push(violation('null', path, 'Member must not be null'));
  }
}

function checkText(shape: StringShape, text: string, path: string, found: string[]): void {
  const { min, max, pattern, values } = shape;
  const fail = (constraint: string) => found.push(violation(`'${text}'`, path, constraint));
  // Patterns with several `.*` are slow for long texts. A text that is far too long is refused for its length anyway.
  const isTestable = max === undefined || text.length <= 2 * max;
  if (pattern !== undefined && isTestable && !pattern.test(text)) {
    fail(`Member must satisfy regular expression pattern: ${patternSource(pattern)}`);
  }
  if (min !== undefined && text.length < min) fail(atLeast('length', min));
  if (max !== undefined && isLongerThan(text, max)) fail(atMost('length', max));
  if (values !== undefined && !values.includes(text)) {
    fail(`Member must satisfy enum value set: [${values.join(', ')}]`);
  }
}

function checkInteger({ min, max }: IntegerShape, value: number, path: string, found: string[]): void {
  if (min !== undefined && value < min) found.push(violation(`'${value}'`, path, atLeast('value', min)));
  if (max !== undefined && value > max) found.push(violation(`'${value}'`, path, atMost('value', max)));
}

function checkBlob({ max }: BlobShape, { length }: Buffer, path: string, found: string[]): void {
  if (length > max) found.push(violation(blobText(length), path, atMost('length', max)));
}

function checkList(shape: ListShape, members: readonly unknown[], path: string, found: string[]): void {
  checkCount(shape, members.length, () => listText(shape, members), path, found);
  for (let i = 0; i < members.length && found.length < VIOLATIONS_MAX; i++) {
    checkPresent(shape.member, members[i], `${path}.${i + 1}.member`, found);
  }
}

function checkMap(shape: MapShape, value: JsonObject, path: string, found: string[]): void {
  const entries = Object.entries(value);
  const fail = (constraint: string) => found.push(violation(mapText(entries), path, constraint));
  checkCount(shape, entries.length, () => mapText(entries), path, found);
  const values = entries.map(([, text]) => text).filter((text) => typeof text === 'string');
  const keysFit = entries.every(([key]) => fits(shape.key, key));
  if (!keysFit) fail(`Map keys must satisfy constraint: ${lengths(shape.key)}`);
  if (!values.every((text) => fits(shape.value, text)))
    fail(`Map value must satisfy constraint: ${lengths(shape.value)}`);
  for (const [key, text] of entries) {
    if (found.length >= VIOLATIONS_MAX) return;
    if (text === undefined) found.push(violation('null', `${path}.${key}.member`, 'Member must not be null'));
  }
}

/** The service names the limits on keys, and those on values, once for the whole map. */
function lengths({ min, max }: MapText): string {
  return `[${atMost('length', max)}, ${atLeast('length', min)}]`;
}

function fits({ min, max }: MapText, text: string): boolean {
  return text.length >= min && !isLongerThan(text, max);
}

function checkPresent(shape: Shape, value: unknown, path: string, found: string[]): void {
  if (value === undefined) found.push(violation('null', path, 'Member must not be null'));
  else check(shape, value, path, found);
}

function checkCount(
  shape: ListShape | MapShape,
  count: number,
  value: () => string,
  path: string,
  found: string[],
): void {
  if (count < shape.min) found.push(violation(value(), path, atLeast('length', shape.min)));
  if (count > shape.max) found.push(violation(value(), path, atMost('length', shape.max)));
}

/** Prints a list as Java does. A structure is printed by its class and a hash, which is constant here. */
function listText({ member }: ListShape, members: readonly unknown[]): string {
  const printed = members
    .slice(0, PRINTED_MAX)
    .map((value) => (member.kind === 'structure' ? RECORD_TEXT : String(value)));
  return `'[${printed.join(', ')}${members.length > PRINTED_MAX ? ', ...' : ''}]'`;
}

function mapText(entries: readonly (readonly [string, unknown])[]): string {
  const printed = entries.slice(0, PRINTED_MAX).map(([key, value]) => `${key}=${String(value)}`);
  return `'{${printed.join(', ')}${entries.length > PRINTED_MAX ? ', ...' : ''}}'`;
}

function atLeast(what: 'length' | 'value', min: number): string {
  return `Member must have ${what} greater than or equal to ${min}`;
}

function atMost(what: 'length' | 'value', max: number): string {
  return `Member must have ${what} less than or equal to ${max}`;
}

/** Lengths count characters (code points), not UTF-16 code units. */
function isLongerThan(text: string, max: number): boolean {
  if (text.length <= max) return false;
  if (text.length > 2 * max) return true;
  return [...text].length > max;
}
