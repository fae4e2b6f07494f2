import type { Operation } from '../actions/operation.js';
import { OPERATIONS } from '../actions/operations.js';
import { type Credentials, readCredentials } from '../protocol/credentials.js';
import { CBOR_FORMAT, type Format, formatOf, JSON_FORMAT, mediaType } from '../protocol/format.js';
import { parseJson } from '../protocol/json.js';
import { serializationError } from '../protocol/serialization-error.js';
import { ServiceError } from '../protocol/service-error.js';
import type { WireRequest, WireResponse } from './exchange.js';

/** A request for an operation that exists. */
export interface Admission {
  /** 'PutRecords' */
  readonly name: string;
  readonly operation: Operation;
}

const TARGET_PREFIX = 'Kinesis_20131202.';
/** The largest body of any request but PutRecord and PutRecords: the longest token has 1 MiB. */
const SMALL_BODY_BYTES_MAX = 2 * 1024 * 1024;
/** The content type of an older protocol: the service still responds in it, but only with errors. */
const FORMER_TYPE = 'application/json';

/** The format for errors, even if the request itself is in no known format. */
export function errorFormatOf({ headers, body }: WireRequest): Format {
  const format = formatOf(headers['content-type'] ?? '');
  if (body.length === 0) return format === JSON_FORMAT ? JSON_FORMAT : CBOR_FORMAT;
  return format ?? JSON_FORMAT;
}

/**
 * Finds the operation of a request, with the service's checks in its order. Throws a ServiceError for errors that are
 * written in the request's format. Returns the response for a request that is not in the service's protocol.
 */
export function admit({ method, headers, body }: WireRequest): Admission | WireResponse {
  if (method !== 'POST') return undetermined();
  const name = operationNameOf(headers);
  const operation = OPERATIONS.get(name);
  if (body.length === 0) throw operation === undefined ? unknownOperation() : serializationError();
  const contentType = headers['content-type'] ?? '';
  if (formatOf(contentType) === undefined) {
    if (mediaType(contentType) === FORMER_TYPE) return formerResponse(body);
    if (!/^[^.]+\.[^.]/.test(targetOf(headers))) return undetermined();
    return { status: 404, contentType: undefined, body: writeXmlError('UnknownOperationException') };
  }
  if (operation === undefined) throw unknownOperation();
  if (body.length > SMALL_BODY_BYTES_MAX && !name.startsWith('PutRecord')) throw tooLarge();
  return { name, operation };
}

/** The operation that a request names; undefined if it does not exist. */
export function namedOperation({ headers }: WireRequest): string | undefined {
  const name = operationNameOf(headers);
  return OPERATIONS.has(name) ? name : undefined;
}

/** As in the service, a body that is not JSON is reported before a missing signature. */
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

function undetermined(): WireResponse {
  const message = 'Unable to determine service/operation name to be authorized';
  return { status: 403, contentType: undefined, body: writeXmlError('AccessDeniedException', message) };
}

export function tooLarge(): ServiceError {
  return new ServiceError('RequestEntityTooLargeException', 'Request exceeds the maximum size', 413);
}

function unknownOperation(): ServiceError {
  return new ServiceError('UnknownOperationException', '');
}

function formerResponse(body: Buffer): WireResponse {
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

/** The body of the response to a request in neither format. */
function writeXmlError(type: string, message?: string): string {
  if (message === undefined) return `<${type}/>\n`;
  return `<${type}>\n  <Message>${message}</Message>\n</${type}>\n`;
}
