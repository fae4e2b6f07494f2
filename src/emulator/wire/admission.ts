import type { Operation } from '../actions/operation.js';
import { OPERATIONS } from '../actions/operations.js';
import { type Credentials, readCredentials } from '../protocol/credentials.js';
import { CBOR_FORMAT, type Format, formatOf, JSON_FORMAT, mediaType } from '../protocol/format.js';
import { parseJson } from '../protocol/json.js';
import { serializationError } from '../protocol/serialization-error.js';
import { ServiceError } from '../protocol/service-error.js';
import { writeXmlError } from '../protocol/xml-error.js';
import type { WireAnswer, WireRequest } from './exchange.js';

/** A request that is one of the service's, of an operation that it has. */
export interface Admission {
  /** 'PutRecords' */
  readonly name: string;
  readonly operation: Operation;
}

const TARGET_PREFIX = 'Kinesis_20131202.';
/** Only records take more: the longest token has 1 MiB. */
const SMALL_BODY_BYTES_MAX = 2 * 1024 * 1024;
/** Of an older protocol, which the service still answers in, and serves nothing by. */
const FORMER_TYPE = 'application/json';

/** In what errors are written, also where the request is in no format that there is. */
export function errorFormatOf({ headers, body }: WireRequest): Format {
  const format = formatOf(headers['content-type'] ?? '');
  if (body.length === 0) return format === JSON_FORMAT ? JSON_FORMAT : CBOR_FORMAT;
  return format ?? JSON_FORMAT;
}

/**
 * Finds out what a request asks for, in the order in which the service looks at it. What comes in a form that is not the
 * service's gets an answer in another form, which is returned; what can be told in a format is thrown.
 */
export function admit({ method, headers, body }: WireRequest): Admission | WireAnswer {
  if (method !== 'POST') return undetermined();
  const name = operationNameOf(headers);
  const operation = OPERATIONS.get(name);
  if (body.length === 0) throw operation === undefined ? unknownOperation() : serializationError();
  const contentType = headers['content-type'] ?? '';
  if (formatOf(contentType) === undefined) {
    if (mediaType(contentType) === FORMER_TYPE) return formerAnswer(body);
    if (!/^[^.]+\.[^.]/.test(targetOf(headers))) return undetermined();
    return { status: 404, contentType: undefined, body: writeXmlError('UnknownOperationException') };
  }
  if (operation === undefined) throw unknownOperation();
  if (body.length > SMALL_BODY_BYTES_MAX && !name.startsWith('PutRecord')) throw tooLarge();
  return { name, operation };
}

/** The operation that a request names; undefined where there is none of that name. */
export function namedOperation({ headers }: WireRequest): string | undefined {
  const name = operationNameOf(headers);
  return OPERATIONS.has(name) ? name : undefined;
}

/** A body that cannot be read is told before a signature that is missing. */
export function credentialsOf({ headers, url, body }: WireRequest, format: Format): Credentials {
  try {
    return readCredentials(headers, url);
  } catch (error) {
    if (format === JSON_FORMAT && !isJson(body)) throw serializationError();
    throw error;
  }
}

function targetOf(headers: WireRequest['headers']): string {
  return String(headers['x-amz-target'] ?? '');
}

function operationNameOf(headers: WireRequest['headers']): string {
  const target = targetOf(headers);
  return target.startsWith(TARGET_PREFIX) ? target.slice(TARGET_PREFIX.length) : '';
}

function undetermined(): WireAnswer {
  const message = 'Unable to determine service/operation name to be authorized';
  return { status: 403, contentType: undefined, body: writeXmlError('AccessDeniedException', message) };
}

export function tooLarge(): ServiceError {
  return new ServiceError('RequestEntityTooLargeException', 'Request exceeds the maximum size', 413);
}

function unknownOperation(): ServiceError {
  return new ServiceError('UnknownOperationException', '');
}

function formerAnswer(body: Buffer): WireAnswer {
  const [status, error] = isJson(body) ? [404, 'UnknownOperationException'] : [400, 'SerializationException'];
  const output = { __type: `com.amazon.coral.service#${error}` };
  return { status, contentType: FORMER_TYPE, body: JSON.stringify({ Output: output, Version: '1.0' }) };
}

function isJson(body: Buffer): boolean {
  try {
    const value = parseJson(body);
    return typeof value === 'object' && value !== null;
  } catch {
    return false;
  }
}
