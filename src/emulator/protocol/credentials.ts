import type { IncomingHttpHeaders } from 'node:http';
import { ServiceError } from './service-error.js';

/** A request's signature and its parameters, from the Authorization header or, if it is presigned, from the URL. */
export interface Credentials {
  /** 'AWS4-HMAC-SHA256' */
  readonly algorithm: string;
  /** '<access key>/<date>/<region>/<service>/aws4_request' */
  readonly credential: string;
  readonly signature: string;
  /** Header names, as written in the request. */
  readonly signedHeaders: readonly string[];
  /** '20260101T000000Z', if it is valid. */
  readonly date: string;
  readonly securityToken: string | undefined;
  /** The lifetime of a presigned request in seconds, if it has one. */
  readonly expires: string | undefined;
}

const QUERY_PARAMETERS = [
  'X-Amz-Algorithm',
  'X-Amz-Credential',
  'X-Amz-Signature',
  'X-Amz-SignedHeaders',
  'X-Amz-Date',
] as const;

/** Throws the service's error if the signature is missing or incomplete. Does not verify it. */
export function readCredentials(headers: IncomingHttpHeaders, url: string): Credentials {
  const { authorization } = headers;
  const query = url.includes('?') ? new URLSearchParams(url.slice(url.indexOf('?'))) : undefined;
  const isInUrl = query?.has('X-Amz-Algorithm') === true;
  if (authorization !== undefined && isInUrl) {
    throw new ServiceError(
      'InvalidSignatureException',
      "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.",
    );
  }
  if (authorization !== undefined) return fromHeader(authorization, headers);
  if (query !== undefined && isInUrl) return fromQuery(query);
  throw new ServiceError('MissingAuthenticationTokenException', 'Missing Authentication Token');
}

function fromHeader(authorization: string, headers: IncomingHttpHeaders): Credentials {
  const words = authorization.split(/[, ]+/);
  const parameter = (name: string): string => {
    const word = words.find((word) => word.startsWith(name) && word[name.length] === '=');
    return word === undefined ? '' : word.slice(name.length + 1);
  };
  const credential = parameter('Credential');
  const signature = parameter('Signature');
  const signedHeaders = parameter('SignedHeaders');
  const date = text(headers['x-amz-date']) ?? headers.date ?? '';
  let missing = '';
  if (credential === '') missing += "Authorization header requires 'Credential' parameter. ";
  if (signature === '') missing += "Authorization header requires 'Signature' parameter. ";
  if (signedHeaders === '') missing += "Authorization header requires 'SignedHeaders' parameter. ";
  if (date === '') {
    missing += "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ";
  }
  if (missing !== '') {
    throw new ServiceError('IncompleteSignatureException', `${missing}Authorization=${authorization}`);
  }
  return {
    algorithm: words[0] ?? '',
    credential,
    signature,
    signedHeaders: signedHeaders.split(';'),
    date,
    securityToken: text(headers['x-amz-security-token']),
    expires: undefined,
  };
}

function fromQuery(query: URLSearchParams): Credentials {
  const missing = QUERY_PARAMETERS.filter((name) => !query.get(name));
  if (missing.length > 0) {
    const listed = missing.map((name) => `AWS query-string parameters must include '${name}'. `).join('');
    throw new ServiceError('IncompleteSignatureException', `${listed}Re-examine the query-string parameters.`);
  }
  const value = (name: (typeof QUERY_PARAMETERS)[number]): string => query.get(name) ?? '';
  return {
    algorithm: value('X-Amz-Algorithm'),
    credential: value('X-Amz-Credential'),
    signature: value('X-Amz-Signature'),
    signedHeaders: value('X-Amz-SignedHeaders').split(';'),
    date: value('X-Amz-Date'),
    securityToken: query.get('X-Amz-Security-Token') ?? undefined,
    expires: query.get('X-Amz-Expires') ?? undefined,
  };
}

function text(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header.join(',') : header;
}
