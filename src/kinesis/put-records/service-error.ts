import { CborError, CborItems, MAP, TEXT } from '../../bytes/cbor-items.js';
import type { Answer } from './response-parser.js';

const SHOWN_MAX = 200;

/** No JSON begins with a byte from here on, and all CBOR that is a map does. */
const CBOR_FROM = 0x80;

/** The name of an error behind its namespace, if any, and before an address. */
const CODE = /^(?:[^#,:]*#)?([A-Za-z][\w.]*)(?:[,:#].*)?$/s;

/**
 * An error that the service answered, as the SDK throws it: its code as the name, the status beside it. There are services
 * that write JSON whatever they are asked in.
 *
 * @param label of the format that was asked for
 */
export function serviceError({ status, headers, body }: Answer, label: string): Error {
  const content = contentOf(body);
  if (typeof content !== 'object' || content === null) return unreadable(status, body, `the response is not ${label}`);
  const { __type, message, Message } = content as Record<string, unknown>;
  const code = Object.entries(content).find(([name]) => name.toLowerCase() === 'code')?.[1];
  const name = codeIn(__type ?? code ?? headers.get('x-amzn-errortype'));
  const facts = { $metadata: { httpStatusCode: status }, $response: { statusCode: status } };
  return Object.assign(new Error(String(message ?? Message ?? 'UnknownError')), { name, ...facts });
}

/**
 * A response from a proxy or a load balancer in front of the service, or a damaged one.
 *
 * @param reason what is wrong with it
 */
export function unreadable(status: number, body: Buffer, reason: string): Error {
  const text = body.toString().replaceAll(/\p{Cc}+/gu, ' ');
  const shown = text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text;
  return Object.assign(new SyntaxError(`${reason}: ${shown}`), { $response: { statusCode: status } });
}

/** Tells CBOR from JSON; whether it is any good is another question. */
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

/** The members of a map in CBOR that are texts. */
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
 * 'com.amazonaws.kinesis#LimitExceededException:http://…' is LimitExceededException; a gateway's `"code":504` is no
 * code.
 */
function codeIn(value: unknown): string {
  return (typeof value === 'string' && CODE.exec(value)?.[1]) || 'Unknown';
}
