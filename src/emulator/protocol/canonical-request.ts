import type { IncomingHttpHeaders } from 'node:http';

/** A request in the one form that both sides sign, whatever happened to it on its way. */

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

/** Escaped once more than it came, with its dots resolved. */
function canonicalPath(path: string): string {
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(escapeStrictly(segment));
  }
  const isFolder = path.endsWith('/') && segments.length > 0;
  return `/${segments.join('/')}${isFolder ? '/' : ''}`;
}

/** Sorted, without the signature itself. */
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

/** HTTP/2 names the host in a field of its own. */
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
    // What is not escaped properly is taken as it stands; it will not be what the client signed.
    return text;
  }
}

/** Leaves only what RFC 3986 calls unreserved. */
function escapeStrictly(text: string): string {
  const escaped = (character: string) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, escaped);
}
