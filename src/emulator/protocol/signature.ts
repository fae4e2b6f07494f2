import type { IncomingHttpHeaders } from 'node:http';
import { canonicalRequest } from './canonical-request.js';
import type { Credentials } from './credentials.js';
import { ServiceError } from './service-error.js';

/** The credentials whose signatures are accepted. */
export interface Signer {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** The token of temporary credentials, which requests must have. */
  readonly sessionToken?: string | undefined;
}

export interface SignedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';
const SERVICE = 'kinesis';
const TERMINATOR = 'aws4_request';
/** Over HTTP/2 the SDK for JavaScript signs `:authority` instead of `host`. */
const HOST_NAMES = ['host', ':authority'];
const MINUTE_MS = 60_000;
/** The longest lifetime of a presigned request: a week. */
const EXPIRES_SECONDS_MAX = 604_800;
/** The largest difference between the clocks of client and service. */
const SKEW_MINUTES = 5;

/**
 * Verifies a request's signature (AWS Signature Version 4), with the service's messages and in its order. Accepts any
 * region: the request is handled in the region that it is signed for.
 * @param now epoch milliseconds
 */
export function verifySignature(request: SignedRequest, credentials: Credentials, signer: Signer, now: number): void {
  const date = isoBasic(credentials.date);
  if (date === undefined) {
    throw incomplete(
      `Date must be in ISO-8601 'basic format'. Got '${credentials.date}'. ` +
        'See http://en.wikipedia.org/wiki/ISO_8601',
    );
  }
  checkTime(date, validSeconds(credentials.expires), now);
  checkSignedHeaders(credentials.signedHeaders, request.headers);
  if (credentials.algorithm !== ALGORITHM) {
    throw incomplete(`Unsupported AWS 'algorithm': '${credentials.algorithm}' (only ${ALGORITHM} for now). `);
  }
  const scope = checkScope(credentials.credential, date);
  if (scope.accessKeyId !== signer.accessKeyId) {
    throw unrecognized('The security token included in the request is invalid.');
  }
  checkMatch(request, credentials, signer, date, scope);
  if (credentials.securityToken !== signer.sessionToken) {
    throw unrecognized('The security token included in the request is invalid');
  }
}

interface Scope {
  readonly accessKeyId: string;
  readonly day: string;
  readonly region: string;
}

function checkScope(credential: string, date: string): Scope {
  const elements = credential.replace(/\/+$/, '').split('/');
  const [accessKeyId, day, region, service, terminator] = elements;
  if (elements.length !== 5 || accessKeyId === undefined || day === undefined || region === undefined) {
    throw incomplete(
      'Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, ' +
        `got '${credential}'`,
    );
  }
  let faults = '';
  if (service !== SERVICE) faults += `Credential should be scoped to correct service: '${SERVICE}'. `;
  if (terminator !== TERMINATOR) {
    faults += `Credential should be scoped with a valid terminator: '${TERMINATOR}', not '${terminator}'. `;
  }
  if (!date.startsWith(day) || day.length !== 8) {
    faults +=
      'Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: ' +
      `'${day}' != '${date.slice(0, 8)}', from '${date}'.`;
  }
  if (faults !== '') throw invalid(faults);
  return { accessKeyId, day, region };
}

/** The target header alone names the operation, so it must be signed, as must the host. */
function checkSignedHeaders(signedHeaders: readonly string[], headers: IncomingHttpHeaders): void {
  const signed = signedHeaders.map((name) => name.toLowerCase());
  const missing = (name: string) => invalid(`'${name}' must be a 'SignedHeader' in the AWS Authorization.`);
  if (!HOST_NAMES.some((name) => signed.includes(name))) throw missing('Host');
  if (headers['x-amz-target'] !== undefined && !signed.includes('x-amz-target')) throw missing('X-Amz-Target');
}

function validSeconds(expires: string | undefined): number | undefined {
  if (expires === undefined) return undefined;
  const seconds = Number(expires);
  if (/^\d+$/.test(expires) && seconds <= EXPIRES_SECONDS_MAX) return seconds;
  throw invalid(`X-Amz-Expires must be a whole number of seconds, at most ${EXPIRES_SECONDS_MAX} (7 days).`);
}

function checkTime(date: string, expiresSeconds: number | undefined, now: number): void {
  const signedMs = parseIsoBasic(date);
  const minutes = expiresSeconds === undefined ? SKEW_MINUTES : expiresSeconds / 60;
  const earliest = now - minutes * MINUTE_MS;
  if (signedMs < Math.floor(earliest / 1000) * 1000) {
    const begin = formatIsoBasic(earliest);
    throw invalid(`Signature expired: ${date} is now earlier than ${begin} (${formatIsoBasic(now)} - ${minutes} min.)`);
  }
  const latest = now + SKEW_MINUTES * MINUTE_MS;
  if (signedMs > latest) {
    throw invalid(
      `Signature not yet current: ${date} is still later than ${formatIsoBasic(latest)} ` +
        `(${formatIsoBasic(now)} + ${SKEW_MINUTES} min.)`,
    );
  }
}

function checkMatch(
  { method, url, headers, body }: SignedRequest,
  { signedHeaders, signature }: Credentials,
  { secretAccessKey }: Signer,
  date: string,
  { day, region }: Scope,
): void {
  // Loaded on first use, to keep start-up fast.
  const crypto = process.getBuiltinModule('node:crypto');
  const hmac = (key: string | Buffer, text: string) => crypto.createHmac('sha256', key).update(text).digest();
  const sha256 = (data: string | Buffer) => crypto.createHash('sha256').update(data).digest('hex');
  // Hashes the body whatever x-amz-content-sha256 says: an unsigned body could be anything.
  const canonical = canonicalRequest(method, url, headers, signedHeaders, sha256(body));
  const scope = `${day}/${region}/${SERVICE}/${TERMINATOR}`;
  const toSign = [ALGORITHM, date, scope, sha256(canonical)].join('\n');
  const key = [day, region, SERVICE, TERMINATOR].reduce<string | Buffer>(hmac, `AWS4${secretAccessKey}`);
  // Compared as text: decoding hex would stop at the first invalid character and accept capitals.
  const expected = Buffer.from(hmac(key, toSign).toString('hex'));
  const given = Buffer.from(signature);
  if (given.length === expected.length && crypto.timingSafeEqual(given, expected)) return;
  throw invalid(
    'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key ' +
      'and signing method. Consult the service documentation for details.\n\n' +
      `The Canonical String for this request should have been\n'${canonical}'\n\n` +
      `The String-to-Sign should have been\n'${toSign}'\n`,
  );
}

/** Converts the form of a `Date` header to that of `X-Amz-Date`. Undefined if it is not a time. */
function isoBasic(date: string): string | undefined {
  if (/^\d{8}T\d{6}Z$/.test(date)) return Number.isNaN(parseIsoBasic(date)) ? undefined : date;
  const ms = /^[A-Z][a-z]{2}, /.test(date) ? Date.parse(date) : Number.NaN;
  return Number.isNaN(ms) ? undefined : formatIsoBasic(ms);
}

function parseIsoBasic(date: string): number {
  return Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}

function formatIsoBasic(ms: number): string {
  return new Date(ms).toISOString().replaceAll(/[-:]|\.\d+/g, '');
}

function invalid(message: string): ServiceError {
  return new ServiceError('InvalidSignatureException', message);
}

function incomplete(message: string): ServiceError {
  return new ServiceError('IncompleteSignatureException', message);
}

function unrecognized(message: string): ServiceError {
  return new ServiceError('UnrecognizedClientException', message);
}
