import type { IncomingHttpHeaders } from 'node:http';

/** The canonical form of a request in AWS Signature Version 4, which client and service sign. */
export function canonicalRequest(
  method: string,
  url: string,
  headers: IncomingHttpHeaders,
  signedHeaders: readonly string[],
  payloadHash: string,
): string {
  const at = url.indexOf('?');
  const path = at < 0 ? url : url.slice(0, at);
  const names = signedHeaders.map((name) => name.toLowerCase()).sort();
  return [
    method,
    canonicalPath(path),
    at < 0 ? '' : canonicalQuery(url.slice(at + 1)),
    ...names.map((name) => `${name}:${canonicalValue(headerOf(headers, name))}`),
    '',
    names.join(';'),
    payloadHash,
  ].join('\n');
}

/** The path with its dots resolved and each segment escaped once more. */
function canonicalPath(path: string): string {
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(escapeStrictly(segment));
  }
  const isFolder = path.endsWith('/') && segments.length > 0;
  return `/${segments.join('/')}${isFolder ? '/' : ''}`;
}

/** The query, sorted, without the signature. */
function canonicalQuery(query: string): string {
  return query
    .split('&')
    .filter((pair) => pair !== '' && !pair.startsWith('X-Amz-Signature='))
    .map((pair) => {
      const at = pair.indexOf('=');
      const [name, value] = at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
      return [reescape(name), reescape(value)] as const;
    })
    .sort(([nameA, valueA], [nameB, valueB]) => compare(nameA, nameB) || compare(valueA, valueB))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** HTTP/2 has `:authority` instead of Host. */
function headerOf(headers: IncomingHttpHeaders, name: string): string {
  const value = headers[name] ?? (name === 'host' ? headers[':authority'] : undefined);
  return Array.isArray(value) ? value.join(',') : (value ?? '');
}

function canonicalValue(value: string): string {
  return value.trim().replaceAll(/\s+/g, ' ');
}

function reescape(text: string): string {
  try {
    return escapeStrictly(decodeURIComponent(text));
  } catch {
    // Left as it is: a text with broken escapes does not match the client's signature anyway.
    return text;
  }
}

/** Escapes everything but RFC 3986's unreserved characters. */
function escapeStrictly(text: string): string {
  const escaped = (character: string) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, escaped);
}
