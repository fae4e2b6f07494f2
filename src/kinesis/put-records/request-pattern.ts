import assert from 'node:assert';
import { randomUUID } from 'node:crypto';
import { type Identity, isSameIdentity, type KinesisConnection } from '../client/connection.js';
import { hostOf } from '../client/proxy.js';
import type { Origin } from './connection.js';
import { type SampleCall, type SdkRequest, sdkRequest } from './sdk-request.js';
import { amzDate, type SigningScope, SigV4, sha256Hex } from './sigv4.js';

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=(.+)\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request, SignedHeaders=([^,]+), /;

/** The headers, besides the signature, that each request has its own values for. */
const OWN_HEADERS = ['content-length', 'x-amz-date', 'x-amz-content-sha256', 'amz-sdk-invocation-id'] as const;
type OwnHeader = (typeof OWN_HEADERS)[number];
type OwnHeaders = Record<OwnHeader, string>;

/** A constant piece of the canonical request, and the request's own header whose value follows it. */
interface CanonicalPart {
  readonly text: string;
  readonly own: OwnHeader;
}

/** An upper bound on the size of a request's own header lines, without the authorization that is counted separately. */
const OWN_BYTES_MAX = 512;

/**
 * The pattern of all requests of one operation to one stream: their endpoint and headers, taken from a request that the
 * SDK made. This class makes the parts that differ between requests, in 4 us instead of the SDK's millisecond. A
 * pattern is valid for one identity.
 */
export class RequestPattern {
  readonly origin: Origin;
  readonly identity: Identity;
  /** An upper bound on the size of a head. */
  readonly headBytesMax: number;
  /** The header lines that are the same for all requests. */
  readonly #headBegin: string;
  readonly #canonicalParts: readonly CanonicalPart[];
  readonly #signedHeaders: string;
  readonly #signer: SigV4;

  private constructor(request: SdkRequest, identity: Identity, scope: SigningScope, signedHeaders: string) {
    const { protocol, port, method, path, query = {}, headers } = request;
    const secure = protocol === 'https:';
    this.origin = { secure, host: hostOf(request), port: port ?? (secure ? 443 : 80) };
    this.identity = identity;
    const canonicalQuery = canonicalQueryOf(query);
    const lines = [`${method} ${path}${canonicalQuery === '' ? '' : `?${canonicalQuery}`} HTTP/1.1`];
    for (const [name, value] of Object.entries(headers)) {
      if (name !== 'authorization' && !isOwn(name)) lines.push(`${name}: ${value}`);
    }
    this.#headBegin = `${lines.join('\r\n')}\r\nconnection: keep-alive\r\n`;
    this.headBytesMax = Buffer.byteLength(this.#headBegin) + OWN_BYTES_MAX + request.headers.authorization!.length;
    this.#canonicalParts = canonicalPartsOf(
      `${method}\n${canonicalPathOf(path)}\n${canonicalQuery}\n`,
      headers,
      signedHeaders,
    );
    this.#signedHeaders = signedHeaders;
    this.#signer = new SigV4(scope);
  }

  /** @throws the SDK's errors, for example for a bad endpoint */
  static async take(connection: KinesisConnection, identity: Identity, sample: SampleCall): Promise<RequestPattern> {
    const request = await sdkRequest(connection, identity, sample);
    const found = AUTHORIZATION.exec(request.headers.authorization ?? '');
    assert(found !== null, 'the SDK signs by Signature Version 4');
    const [, accessKeyId = '', region = '', service = '', signedHeaders = ''] = found;
    const { secretAccessKey } = identity;
    const pattern = new RequestPattern(
      request,
      identity,
      { accessKeyId, secretAccessKey, region, service },
      signedHeaders,
    );
    // The SDK's own request, signed here, must get the same signature. Otherwise the service would refuse every
    // request.
    const same = pattern.#headWith(request.headers as OwnHeaders).endsWith(`${request.headers.authorization}\r\n\r\n`);
    assert(same, 'kload signs as the SDK does');
    return pattern;
  }

  isFor(identity: Identity): boolean {
    return isSameIdentity(identity, this.identity);
  }

  /**
   * Returns the signed head of a request with this body.
   *
   * @param epochMs the time by the service's clock, epoch milliseconds
   */
  head(body: Uint8Array, epochMs: number): string {
    return this.#headWith({
      'content-length': String(body.length),
      'x-amz-date': amzDate(epochMs),
      'x-amz-content-sha256': sha256Hex(body),
      'amz-sdk-invocation-id': randomUUID(),
    });
  }

  #headWith(own: OwnHeaders): string {
    let canonical = '';
    for (const part of this.#canonicalParts) canonical += part.text + own[part.own];
    const authorization = this.#signer.authorization(canonical, this.#signedHeaders, own['x-amz-date']);
    let head = this.#headBegin;
    for (const name of OWN_HEADERS) head += `${name}: ${own[name]}\r\n`;
    return `${head}authorization: ${authorization}\r\n\r\n`;
  }
}

function isOwn(name: string): name is OwnHeader {
  return (OWN_HEADERS as readonly string[]).includes(name);
}

/** Splits the canonical request, which ends with the hash of the body. */
function canonicalPartsOf(begin: string, headers: SdkRequest['headers'], signedHeaders: string): CanonicalPart[] {
  const parts: CanonicalPart[] = [];
  let text = begin;
  for (const name of signedHeaders.split(';')) {
    text += `${name}:`;
    if (isOwn(name)) {
      parts.push({ text, own: name });
      text = '\n';
    } else {
      text += `${canonicalValueOf(headers[name] ?? '')}\n`;
    }
  }
  return [...parts, { text: `${text}\n${signedHeaders}\n`, own: 'x-amz-content-sha256' }];
}

function canonicalValueOf(value: string): string {
  return value
    .replaceAll(/[\r\n]/g, ' ')
    .replaceAll(/[ \t]+/g, ' ')
    .replaceAll(/^ | $/g, '');
}

/** Removes empty, `.` and `..` segments, and encodes the already encoded path once more. */
function canonicalPathOf(path: string): string {
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(encoded(segment));
  }
  return segments.length === 0 ? '/' : `/${segments.join('/')}${path.endsWith('/') ? '/' : ''}`;
}

function canonicalQueryOf(query: Readonly<Record<string, string | string[] | null>>): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    [value ?? ''].flat().map((one) => `${encoded(name)}=${encoded(one)}`),
  );
  return pairs.sort().join('&');
}

function encoded(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
