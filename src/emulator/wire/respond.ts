import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { Connections } from './connections.js';
import type { Reply, WireAnswer } from './exchange.js';
import { extendedRequestId } from './request-ids.js';
import type { Connection } from './unread.js';

export type Request = IncomingMessage | Http2ServerRequest;

/** Node's answer of HTTP/1.1 or of an HTTP/2 stream: what is used here is the same in both. */
export type Response = ServerResponse | Http2ServerResponse;

/** Sends the reply. Resolves, and never rejects, when all of it was handed to the connection or the client has left. */
export function respond(
  response: Response,
  requestId: string,
  reply: Reply,
  connections: Connections,
): Promise<void> | undefined {
  if ('sever' in reply) {
    connections.sever(socketOf(response), reply.sever);
    return undefined;
  }
  if (hasLeft(response)) {
    // Nobody to answer: what would have gone on ends before it begins.
    if (isLasting(reply.body))
      void reply.body[Symbol.asyncIterator]()
        .return?.()
        .then(undefined, () => {});
    return undefined;
  }
  const { body } = reply;
  if (isLasting(body)) {
    writeHead(response, requestId, reply, {});
    return pour(body, response, connections);
  }
  const length = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
  writeHead(response, requestId, reply, { 'Content-Length': length });
  response.end(body);
  holdUntilRead(response, length, connections);
  return undefined;
}

/** Most answers of HTTP/1.1 are taken by the system at once. */
function holdUntilRead(response: Response, bytes: number, { unread }: Connections): void {
  const connection = connectionOf(response);
  if (connection === undefined || (response as ServerResponse).writableLength === 0) return;
  response.once('close', unread.hold(connection, bytes));
}

/** Undefined: the client has left. */
export function connectionOf(response: Response): Connection | undefined {
  if ('stream' in response) return response.stream.session;
  // An answer that waits for others before it has no socket yet; its request has.
  return response.req.socket;
}

function isLasting(body: WireAnswer['body']): body is AsyncIterable<Buffer> {
  return typeof body !== 'string' && !Buffer.isBuffer(body);
}

/** Writing to who has left is an error that nobody waits for. */
function hasLeft(response: Response): boolean {
  if ('stream' in response) return response.stream.destroyed;
  // An answer behind others is not destroyed with the socket that it has yet to get.
  return response.destroyed || response.req.socket.destroyed;
}

function socketOf(response: Response) {
  return 'stream' in response ? response.stream.session?.socket : response.socket;
}

function writeHead(
  response: Response,
  requestId: string,
  { status, contentType, headers, isLast, isPreflight }: WireAnswer,
  length: { readonly 'Content-Length'?: number },
): void {
  // One call for both kinds, whose types do not meet.
  (response as ServerResponse).writeHead(status, {
    'x-amzn-RequestId': requestId,
    ...(isPreflight === true ? {} : { 'x-amz-id-2': extendedRequestId() }),
    ...(contentType === undefined ? {} : { 'Content-Type': contentType }),
    ...length,
    ...headers,
    // HTTP/2 has no such header: its sessions go on.
    ...(isLast === true && !('stream' in response) ? { Connection: 'close' } : {}),
  });
}

/** Writes chunk by chunk, no faster than the client reads. Who leaves ends the chunks, also while one is waited for. */
async function pour(chunks: AsyncIterable<Buffer>, response: Response, connections: Connections): Promise<void> {
  const writable = response as ServerResponse;
  const iterator = chunks[Symbol.asyncIterator]();
  let isGone = false;
  writable.on('error', () => {});
  writable.once('close', () => {
    isGone = true;
    void iterator.return?.().then(undefined, () => {});
  });
  try {
    while (!isGone) {
      const next = await iterator.next();
      if (isGone || next.done === true) break;
      if (writable.write(next.value)) continue;
      const connection = connectionOf(response);
      const release = connection && connections.unread.hold(connection, next.value.length);
      await drainedOrClosed(writable);
      release?.();
    }
    writable.end();
  } catch {
    // What goes wrong in the middle can only be told by an end that is none.
    connections.sever(socketOf(response), 'reset');
  }
}

function drainedOrClosed(writable: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      writable.off('drain', done);
      writable.off('close', done);
      resolve();
    };
    writable.on('drain', done);
    writable.on('close', done);
  });
}
