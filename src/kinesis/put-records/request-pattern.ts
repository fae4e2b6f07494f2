import assert from 'node:assert';
import { randomUUID } from 'node:crypto';
import type { Identity, KinesisConnection } from '../client.js';
import type { Origin } from './connection.js';
import { type SdkRequest, sdkPutRecords } from './sdk-request.js';
import { amzDate, SigV4, sha256Hex } from './sigv4.js';

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=(.+)\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request, SignedHeaders=([^,]+), /;

/**
 * The pattern of all PutRecords requests to one stream, made by the SDK: where they go, and each header. What differs
 * from request to request (date, length, hash, id, signature) is made here, in microseconds instead of the SDK's
 * millisecond. Holds for one identity and is taken anew for another.
 */
export class RequestPattern {
  readonly origin: Origin;
  readonly identity: Identity;
  readonly #method: string;
  readonly #target: string;
  readonly #canonicalPath: string;
  readonly #canonicalQuery: string;
  /** In the order in which the SDK sends them, names in lower case. */
  readonly #headers: ReadonlyMap<string, string>;
  readonly #signedHeaders: string;
  readonly #signedNames: readonly string[];
  readonly #signer: SigV4;

  private constructor(request: SdkRequest, identity: Identity, [, accessKeyId, region, service, signed]: string[]) {
    const { protocol, hostname, port, method, path, query = {}, headers } = request;
    const secure = protocol === 'https:';
    this.origin = { secure, host: hostname.replace(/^\[(.*)\]$/, '$1'), port: port ?? (secure ? 443 : 80) };
    this.identity = identity;
    this.#method = method;
    this.#canonicalPath = canonicalPathOf(path);
    this.#canonicalQuery = canonicalQueryOf(query);
    this.#target = this.#canonicalQuery === '' ? path : `${path}?${this.#canonicalQuery}`;
    this.#headers = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
    this.#signedHeaders = signed!;
    this.#signedNames = signed!.split(';');
    const { secretAccessKey } = identity;
    this.#signer = new SigV4({ accessKeyId: accessKeyId!, secretAccessKey, region: region!, service: service! });
  }

  /** @throws what the SDK throws: no region, a bad endpoint */
  static async take(connection: KinesisConnection, identity: Identity): Promise<RequestPattern> {
    const request = await sdkPutRecords(connection, identity);
    const found = AUTHORIZATION.exec(request.headers.authorization ?? '');
    assert(found !== null, 'the SDK signs by Signature Version 4');
    const pattern = new RequestPattern(request, identity, found);
    pattern.#check(request);
    return pattern;
  }

  isFor({ accessKeyId, secretAccessKey, sessionToken }: Identity): boolean {
    const { identity } = this;
    return (
      accessKeyId === identity.accessKeyId &&
      secretAccessKey === identity.secretAccessKey &&
      sessionToken === identity.sessionToken
    );
  }

  /** Bytes that a head takes at most. */
  get headBytesMax(): number {
    let bytes = 1024 + this.#method.length + Buffer.byteLength(this.#target) + this.#signedHeaders.length;
    for (const [name, value] of this.#headers) bytes += name.length + Buffer.byteLength(value) + 4;
    return bytes;
  }

  /**
   * The head of a request with this body, signed.
   *
   * @param epochMs the time by the service's clock
   */
  head(body: Uint8Array, epochMs: number): string {
    return this.#headWith({
      'content-length': String(body.length),
      'x-amz-date': amzDate(epochMs),
      'x-amz-content-sha256': sha256Hex(body),
      'amz-sdk-invocation-id': randomUUID(),
    });
  }

  #headWith(own: Readonly<Record<string, string>>): string {
    const headerOf = (name: string) => own[name] ?? this.#headers.get(name) ?? '';
    const authorization = this.#signer.authorization(
      {
        method: this.#method,
        canonicalPath: this.#canonicalPath,
        canonicalQuery: this.#canonicalQuery,
        canonicalHeaders: this.#signedNames.map((name) => `${name}:${trimmed(headerOf(name))}`),
        signedHeaders: this.#signedHeaders,
        payloadHash: headerOf('x-amz-content-sha256'),
      },
      headerOf('x-amz-date'),
    );
    let head = `${this.#method} ${this.#target} HTTP/1.1\r\n`;
    for (const name of this.#headers.keys()) {
      head += `${name}: ${name === 'authorization' ? authorization : headerOf(name)}\r\n`;
    }
    return `${head}connection: keep-alive\r\n\r\n`;
  }

  /** The SDK's own request, signed here, has the SDK's signature: else every request would be refused. */
  #check({ headers }: SdkRequest): void {
    const same = this.#headWith({}).includes(`authorization: ${headers.authorization}\r\n`);
    assert(same, 'kload signs as the SDK does');
  }
}

function trimmed(value: string): string {
  return value
    .replaceAll(/[\r\n]/g, ' ')
    .replaceAll(/[ \t]+/g, ' ')
    .replaceAll(/^ | $/g, '');
}

/** Without empty, `.` and `..` segments, and encoded once more than the path already is. */
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
