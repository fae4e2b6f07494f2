import { randomBytes, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { OPERATIONS } from './actions/index.js';
import { type Caller, callerOf } from './protocol/caller.js';
import { readJson, writeJsonError } from './protocol/json.js';
import { ServiceError } from './protocol/service-error.js';
import type { Input, StructureShape } from './protocol/shape.js';
import { validate } from './protocol/validation.js';
import type { World } from './store/world.js';

export interface ServerSettings {
  readonly world: World;
  /** Who calls where a request's credentials do not tell. */
  readonly caller: Caller;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

const CONTENT_TYPE = 'application/x-amz-json-1.1';
const TARGET_PREFIX = 'Kinesis_20131202.';
const HEALTH_PATH = '/_kload/health';

/** The largest valid request holds 10 MiB of data and keys, which base64 and JSON make 15 MB at most. */
const BODY_BYTES_MAX = 16 * 1024 * 1024;

/** Clients keep idle connections for up to a minute: one that the server ends first may meet a request on its way. */
const TIMEOUTS = { keepAliveTimeout: 75_000, headersTimeout: 20_000, requestTimeout: 120_000 };

/** The HTTP server, not listening yet. Every request gets an answer; errors of the service are answers, too. */
export function createKinesisServer(settings: ServerSettings): Server {
  return createServer(TIMEOUTS, (request, response) => {
    if (request.method === 'GET' && request.url === HEALTH_PATH) {
      request.resume();
      send(response, { status: 200, body: '{"status":"ok"}' });
      return;
    }
    readBody(request, (body) => send(response, body === undefined ? tooLarge() : answer(request, body, settings)));
  });
}

/** Calls back once: with the whole body, or with undefined as soon as it is too large. A broken request never calls back. */
function readBody(request: IncomingMessage, done: (body: Buffer | undefined) => void): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    const before = bytes;
    bytes += chunk.length;
    if (bytes <= BODY_BYTES_MAX) {
      chunks.push(chunk);
    } else if (before <= BODY_BYTES_MAX) {
      // What still comes is read and dropped, so that the client gets to read the answer.
      chunks.length = 0;
      done(undefined);
    }
  });
  request.on('end', () => {
    if (bytes <= BODY_BYTES_MAX) done(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks));
  });
  request.on('error', () => {});
}

function answer(request: IncomingMessage, body: Buffer, settings: ServerSettings): Answer {
  try {
    return { status: 200, body: perform(request, body, settings) };
  } catch (error) {
    const refusal = error instanceof ServiceError ? error : new ServiceError('InternalFailure', String(error), 500);
    return { status: refusal.status, body: writeJsonError(refusal) };
  }
}

/** The body of the answer; empty for an operation without output. Throws ServiceErrors. */
function perform(request: IncomingMessage, body: Buffer, { world, caller, now }: ServerSettings): string {
  const { authorization } = request.headers;
  if (authorization === undefined) {
    throw new ServiceError('MissingAuthenticationTokenException', 'Missing Authentication Token', 403);
  }
  const target = String(request.headers['x-amz-target'] ?? '');
  const operation = target.startsWith(TARGET_PREFIX) ? OPERATIONS.get(target.slice(TARGET_PREFIX.length)) : undefined;
  if (request.method !== 'POST' || operation === undefined) {
    throw new ServiceError('UnknownOperationException', `Unknown operation: ${request.method} ${target}`);
  }
  const call = { world, caller: callerOf(authorization, caller), now: Math.floor(now()) };
  const output = operation((shape) => readInput(shape, body), call);
  return output === undefined ? '' : JSON.stringify(output);
}

function readInput<S extends StructureShape>(shape: S, body: Buffer): Input<S> {
  const request = readJson(shape, body.toString());
  validate(shape, request);
  // Read by the shape and validated against it, the request is what the shape says.
  return request as Input<S>;
}

function tooLarge(): Answer {
  const error = new ServiceError('RequestEntityTooLargeException', 'Request exceeds the maximum size', 413);
  return { status: error.status, body: writeJsonError(error) };
}

function send(response: ServerResponse, { status, body }: Answer): void {
  if (status === 413) response.setHeader('Connection', 'close');
  response.writeHead(status, {
    'x-amzn-RequestId': randomUUID(),
    'x-amz-id-2': randomBytes(54).toString('base64'),
    'Content-Type': CONTENT_TYPE,
    'Content-Length': Buffer.byteLength(body),
  });
  response.end(body);
}
