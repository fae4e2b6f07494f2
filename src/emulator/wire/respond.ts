import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { Connections } from './connections.js';
import type { Reply, WireResponse } from './exchange.js';
import { extendedRequestId } from './request-ids.js';
import type { Connection } from './unread.js';

export type Request = IncomingMessage | Http2ServerRequest;

/** Node's response for HTTP/1.1 or an HTTP/2 stream. The methods used here are the same in both. */
export type Response = ServerResponse | Http2ServerResponse;

/** Sends the reply. Resolves when all of it was written to the connection or the client has left; never rejects. */
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
    // A streamed body ends before it begins.
    if (isStreamed(reply.body))
      void reply.body[Symbol.asyncIterator]()
        .return?.()
        .then(undefined, () => {});
    return undefined;
  }
  const { body } = reply;
  if (isStreamed(body)) {
    writeHead(response, requestId, reply, {});
    return writeChunks(body, response, connections);
  }
  const length = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
  writeHead(response, requestId, reply, { 'Content-Length': length });
  response.end(body);
  holdUntilRead(response, length, connections);
  return undefined;
}

/** Counts the response as unread until it is sent. The system takes most HTTP/1.1 responses at once. */
function holdUntilRead(response: Response, bytes: number, { unread }: Connections): void {
  const connection = connectionOf(response);
  if (connection === undefined || (response as ServerResponse).writableLength === 0) return;
  response.once('close', unread.hold(connection, bytes));
}

/** Undefined if the client has left. */
export function connectionOf(response: Response): Connection | undefined {
  if ('stream' in response) return response.stream.session;
  // A pipelined response that waits for earlier ones has no socket yet; its request has.
  return response.req.socket;
}

function isStreamed(body: WireResponse['body']): body is AsyncIterable<Buffer> {
  return typeof body !== 'string' && !Buffer.isBuffer(body);
}

/** True if the client has left: writing to it would emit an error. */
function hasLeft(response: Response): boolean {
  if ('stream' in response) return response.stream.destroyed;
  // A pipelined response that has no socket yet is not destroyed with the socket.
  return response.destroyed || response.req.socket.destroyed;
}

function socketOf(response: Response) {
  return 'stream' in response ? response.stream.session?.socket : response.socket;
}

function writeHead(
  response: Response,
  requestId: string,
  { status, contentType, headers, isLast, isPreflight }: WireResponse,
  length: { readonly 'Content-Length'?: number },
): void {
  // One call for both kinds: their types of writeHead are incompatible.
  (response as ServerResponse).writeHead(status, {
    'x-amzn-RequestId': requestId,
    ...(isPreflight === true ? {} : { 'x-amz-id-2': extendedRequestId() }),
    ...(contentType === undefined ? {} : { 'Content-Type': contentType }),
    ...length,
    ...headers,
    // HTTP/2 has no such header: its session stays open.
    ...(isLast === true && !('stream' in response) ? { Connection: 'close' } : {}),
  });
}

/** Writes chunks no faster than the client reads. Ends the chunks when the client leaves, even while one is awaited. */
async function writeChunks(chunks: AsyncIterable<Buffer>, response: Response, connections: Connections): Promise<void> {
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
    // Headers are already sent, so the only way to signal an error is to reset the connection.
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
