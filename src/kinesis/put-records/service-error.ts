import type { Answer } from './answer-parser.js';

const SHOWN_MAX = 200;

/** An error that the service answered, as the SDK throws it: its code as the name, the status beside it. */
export function serviceError({ status, headers, body }: Answer): Error {
  const text = body.toString();
  const facts = { $metadata: { httpStatusCode: status }, $response: { statusCode: status } };
  const content = text === '' ? {} : parsed(text);
  if (typeof content !== 'object' || content === null) return unreadable(status, text);
  const { __type, message, Message } = content as Record<string, unknown>;
  const code = Object.entries(content).find(([name]) => name.toLowerCase() === 'code')?.[1];
  const name = codeIn(__type ?? code ?? headers.get('x-amzn-errortype') ?? 'Unknown');
  return Object.assign(new Error(String(message ?? Message ?? 'UnknownError')), { name, ...facts });
}

/** An answer that somebody before the service gave (a proxy, a load balancer), or that was damaged. */
export function unreadable(status: number, text: string): Error {
  const shown = text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text;
  return Object.assign(new SyntaxError(`the answer is no JSON: ${shown}`), { $response: { statusCode: status } });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** 'com.amazonaws.kinesis#LimitExceededException:http://…' is LimitExceededException. */
function codeIn(value: unknown): string {
  const [code = ''] = String(value).split(/[,:]/);
  return code.includes('#') ? code.split('#')[1]! : code;
}
