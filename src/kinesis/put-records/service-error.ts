import { CborError, CborItems, MAP, TEXT } from '../../bytes/cbor-items.js';
import type { HttpResponse } from './response-parser.js';

const SHOWN_MAX = 200;

/** A map in CBOR begins with a byte from here on, and JSON never does. */
const CBOR_FROM = 0x80;

/** Matches an error's name between an optional namespace and an optional URL. */
const CODE = /^(?:[^#,:]*#)?([A-Za-z][\w.]*)(?:[,:#].*)?$/s;

/**
 * Reads an error response into an error like the SDK's: the error code is its name. Reads JSON and CBOR, because some
 * services respond in JSON to requests in CBOR.
 *
 * @param label names the format of the request in the message
 */
export function serviceError({ status, headers, body }: HttpResponse, label: string): Error {
  const content = contentOf(body);
  if (typeof content !== 'object' || content === null) return unreadable(status, body, `the response is not ${label}`);
  const { __type, message, Message } = content as Record<string, unknown>;
  const code = Object.entries(content).find(([name]) => name.toLowerCase() === 'code')?.[1];
  const name = codeIn(__type ?? code ?? headers.get('x-amzn-errortype'));
  const facts = { $metadata: { httpStatusCode: status }, $response: { statusCode: status } };
  return Object.assign(new Error(String(message ?? Message ?? 'UnknownError')), { name, ...facts });
}

/**
 * Makes the error for a response that can't be parsed: one from a proxy or a load balancer, or a damaged one.
 *
 * @param reason the problem with the response
 */
export function unreadable(status: number, body: Buffer, reason: string): Error {
  const text = body.toString().replaceAll(/\p{Cc}+/gu, ' ');
  const shown = text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text;
  return Object.assign(new SyntaxError(`${reason}: ${shown}`), { $response: { statusCode: status } });
}

/** Tells CBOR from JSON, without checking that either is well-formed. */
function isCbor(body: Buffer): boolean {
  return body.length > 0 && body[0]! >= CBOR_FROM;
}

function contentOf(body: Buffer): unknown {
  if (body.length === 0) return {};
  try {
    return isCbor(body) ? textsIn(body) : JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}

/** Reads the text members of a CBOR map. */
function textsIn(body: Buffer): Record<string, string> {
  const items = new CborItems(body, 0, body.length);
  const texts: [string, string][] = [];
  const text = () => {
    items.string(TEXT);
    return body.toString('utf8', items.start, items.end);
  };
  const members = items.enter(MAP);
  for (let read = 0; items.more(members, read); read++) {
    const name = text();
    if (items.peek() === TEXT) texts.push([name, text()]);
    else items.skip();
  }
  if (!items.ended) throw new CborError();
  return Object.fromEntries(texts);
}

/**
 * Extracts LimitExceededException from 'com.amazonaws.kinesis#LimitExceededException:http://…'. A number, such as a
 * gateway's `"code":504`, is not an error code.
 */
function codeIn(value: unknown): string {
  return (typeof value === 'string' && CODE.exec(value)?.[1]) || 'Unknown';
}
