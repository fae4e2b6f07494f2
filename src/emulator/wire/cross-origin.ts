import type { IncomingHttpHeaders } from 'node:http';
import type { Reply, WireAnswer, WireRequest } from './exchange.js';

/** What browsers need to be told before pages of any origin may use the service. */

const EXPOSED = 'x-amzn-RequestId,x-amzn-ErrorType,x-amz-request-id,x-amz-id-2,x-amzn-ErrorMessage,Date';
const PREFLIGHT_SECONDS = '172800';

/** The answer to who asks whether a request may be made. Undefined: it is not that question. */
export function answerPreflight({ method, headers }: WireRequest): WireAnswer | undefined {
  if (method !== 'OPTIONS' || headers.origin === undefined) return undefined;
  const allowed = {
    'Access-Control-Allow-Headers': headers['access-control-request-headers'],
    'Access-Control-Allow-Methods': headers['access-control-request-method'],
  };
  const named = Object.entries(allowed).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  const always = { 'Access-Control-Allow-Origin': '*', 'Access-Control-Max-Age': PREFLIGHT_SECONDS };
  const answer = { ...always, ...Object.fromEntries(named) };
  return { status: 200, contentType: undefined, isPreflight: true, headers: answer, body: '' };
}

/** The reply as a page may read it. */
export function forOrigin({ origin }: IncomingHttpHeaders, reply: Reply): Reply {
  if (origin === undefined || 'sever' in reply) return reply;
  const headers = {
    'Access-Control-Expose-Headers': EXPOSED,
    ...reply.headers,
    'Access-Control-Allow-Origin': '*',
  };
  return { ...reply, headers };
}
