import { isJsonObject, type JsonObject } from './json.js';
import { ServiceError } from './service-error.js';
import {
  type BlobShape,
  type IntegerShape,
  type ListShape,
  type MapShape,
  patternSource,
  type Shape,
  type StringShape,
  type StructureShape,
} from './shape.js';

/**
 * Checks a request whose types are right against the constraints of its shape.
 * Throws a ValidationException that names all violations, in the service's words.
 */
export function validate(shape: StructureShape, request: JsonObject): void {
  const found: string[] = [];
  checkMembers(shape, request, '', found);
  if (found.length === 0) return;
  throw validationError(found);
}

/** Whether a request whose types are right keeps to the constraints of its shape. */
export function isValid(shape: StructureShape, request: JsonObject): boolean {
  const found: string[] = [];
  checkMembers(shape, request, '', found);
  return found.length === 0;
}

export function validationError(violations: readonly string[]): ServiceError {
  const count = `${violations.length} validation error${violations.length > 1 ? 's' : ''}`;
  return new ServiceError('ValidationException', `${count} detected: ${violations.join('; ')}`);
}

/** @param value as the service prints it, with its quotes */
export function violation(value: string, path: string, constraint: string): string {
  return `Value ${value} at '${path}' failed to satisfy constraint: ${constraint}`;
}

/** Java's way to print a buffer: what stands for a blob in the service's messages. */
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
  if (pattern !== undefined && !pattern.test(text)) {
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
  checkCount(shape, members.length, `'[${members.length} members]'`, path, found);
  for (let i = 0; i < members.length; i++) check(shape.member, members[i], `${path}.${i + 1}.member`, found);
}

function checkMap(shape: MapShape, value: JsonObject, path: string, found: string[]): void {
  const entries = Object.entries(value);
  checkCount(shape, entries.length, `'{${entries.length} entries}'`, path, found);
  for (const [key, text] of entries) {
    check(shape.key, key, `${path}.key`, found);
    check(shape.value, text, `${path}.${key}.member`, found);
  }
}

function checkCount(shape: ListShape | MapShape, count: number, value: string, path: string, found: string[]): void {
  if (count < shape.min) found.push(violation(value, path, atLeast('length', shape.min)));
  if (count > shape.max) found.push(violation(value, path, atMost('length', shape.max)));
}

function atLeast(what: 'length' | 'value', min: number): string {
  return `Member must have ${what} greater than or equal to ${min}`;
}

function atMost(what: 'length' | 'value', max: number): string {
  return `Member must have ${what} less than or equal to ${max}`;
}

/** Lengths count characters, not the two halves that JavaScript makes of some. */
function isLongerThan(text: string, max: number): boolean {
  if (text.length <= max) return false;
  if (text.length > 2 * max) return true;
  return [...text].length > max;
}
