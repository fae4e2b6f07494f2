import type { Reply, WireRequest, WireResponse } from './exchange.js';

/** The headers of cross-origin resource sharing (CORS). */

const EXPOSED = 'x-amzn-RequestId,x-amzn-ErrorType,x-amz-request-id,x-amz-id-2,x-amzn-ErrorMessage,Date';
const PREFLIGHT_SECONDS = '172800';

/** The response to a browser's preflight request. Undefined if the request is not a preflight. */
export function preflightResponse({ method, headers }: WireRequest): WireResponse | undefined {
  if (method !== 'OPTIONS' || headers.origin === undefined) return undefined;
  const allowed = {
    'Access-Control-Allow-Headers': headers['access-control-request-headers'],
    'Access-Control-Allow-Methods': headers['access-control-request-method'],
  };
  const named = Object.entries(allowed).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  const responseHeaders = { 'Access-Control-Max-Age': PREFLIGHT_SECONDS, ...Object.fromEntries(named) };
  return { status: 200, contentType: undefined, isPreflight: true, headers: responseHeaders, body: '' };
}

/** The reply with the headers that let a page of this origin read it. */
export function forOrigin(origin: string, reply: Reply): Reply {
  if ('sever' in reply) return reply;
  const headers = {
    'Access-Control-Expose-Headers': EXPOSED,
    ...reply.headers,
    'Access-Control-Allow-Origin': origin,
    Vary: 'Origin',
  };
  return { ...reply, headers };
}
