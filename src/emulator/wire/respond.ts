import type { ServerResponse } from 'node:http';
import type { Http2ServerResponse } from 'node:http2';
import type { Reply, WireAnswer } from './exchange.js';
import { extendedRequestId } from './request-ids.js';

/** Node's answer of HTTP/1.1 or of an HTTP/2 stream: what is used here is the same in both. */
export type Response = ServerResponse | Http2ServerResponse;

/** Sends the reply. Resolves, and never rejects, when all of it was handed to the connection or the client has left. */
export function respond(response: Response, requestId: string, reply: Reply): Promise<void> | undefined {
  if ('sever' in reply) {
    sever(response, reply.sever);
    return undefined;
  }
  const { body } = reply;
  if (typeof body === 'string' || Buffer.isBuffer(body)) {
    const length = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
    writeHead(response, requestId, reply, { 'Content-Length': length });
    response.end(body);
    return undefined;
  }
  writeHead(response, requestId, reply, {});
  return pour(body, response);
}

function writeHead(
  response: Response,
  requestId: string,
  { status, contentType, headers }: WireAnswer,
  length: { readonly 'Content-Length'?: number },
): void {
  // One call for both kinds, whose types do not meet.
  (response as ServerResponse).writeHead(status, {
    'x-amzn-RequestId': requestId,
    'x-amz-id-2': extendedRequestId(),
    ...(contentType === undefined ? {} : { 'Content-Type': contentType }),
    ...length,
    ...headers,
  });
}

/** Writes chunk by chunk, no faster than the client reads. Who leaves ends the chunks. */
async function pour(chunks: AsyncIterable<Buffer>, response: Response): Promise<void> {
  const writable = response as ServerResponse;
  const iterator = chunks[Symbol.asyncIterator]();
  let isGone = writable.destroyed;
  const gone = new Promise<void>((resolve) => {
    writable.once('close', () => {
      isGone = true;
      resolve();
    });
  });
  // Also while the next chunk is waited for: it may be a long time.
  const left = gone.then(() => iterator.return?.()).then(undefined, () => {});
  try {
    while (!isGone) {
      const next = await Promise.race([iterator.next(), gone]);
      if (next === undefined || next.done === true) break;
      if (!writable.write(next.value)) await Promise.race([drained(writable), gone]);
    }
    writable.end();
  } catch {
    // What went wrong in the middle can only be told by an end that is none.
    sever(response, 'reset');
  }
  await left;
}

function drained(writable: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    writable.once('drain', () => resolve());
  });
}

function sever(response: Response, how: 'close' | 'reset'): void {
  if ('stream' in response) {
    response.stream.session?.destroy();
    return;
  }
  const { socket } = response;
  if (how === 'reset' && socket !== null && 'resetAndDestroy' in socket) socket.resetAndDestroy();
  else socket?.destroy();
}
