import type { Reply, WireAnswer, WireRequest } from './exchange.js';

/** What a browser wants to see before a page of another origin may send a request, or read its response. */

const EXPOSED = 'x-amzn-RequestId,x-amzn-ErrorType,x-amz-request-id,x-amz-id-2,x-amzn-ErrorMessage,Date';
const PREFLIGHT_SECONDS = '172800';

/** The response to a browser that asks whether a page may send a request. Undefined: that is not the question. */
export function answerPreflight({ method, headers }: WireRequest): WireAnswer | undefined {
  if (method !== 'OPTIONS' || headers.origin === undefined) return undefined;
  const allowed = {
    'Access-Control-Allow-Headers': headers['access-control-request-headers'],
    'Access-Control-Allow-Methods': headers['access-control-request-method'],
  };
  const named = Object.entries(allowed).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  const answer = { 'Access-Control-Max-Age': PREFLIGHT_SECONDS, ...Object.fromEntries(named) };
  return { status: 200, contentType: undefined, isPreflight: true, headers: answer, body: '' };
}

/** The reply as a page of this origin may read it. */
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
