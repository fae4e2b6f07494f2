import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { KloadError } from '../../../src/core/errors.js';
import { connectionFrom } from '../../../src/kinesis/client/connection.js';
import { failureOf, recordFailureKind } from '../../../src/kinesis/errors/failures.js';
import { targetError } from '../../../src/kinesis/errors/target-error.js';
import { leavesDoubt } from '../../../src/send/doubt.js';
import { connectionTo } from '../support/odd-server.js';

interface Facts {
  readonly code?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: { readonly statusCode?: number };
}

function errorOf(name: string, facts: Facts = {}, message = 'it is so'): Error {
  return Object.assign(new Error(message), { name }, facts);
}

const status = (httpStatusCode: number): Facts => ({ $metadata: { httpStatusCode } });

describe('an error from the SDK', () => {
  it.each([
    ['ProvisionedThroughputExceededException', status(400), 'throttled'],
    ['ThrottlingException', status(400), 'throttled'],
    ['LimitExceededException', status(400), 'throttled'],
    ['KMSThrottlingException', status(400), 'throttled'],
    ['TooManyRequestsException', status(429), 'throttled'],
    ['ResourceNotFoundException', status(400), 'fatal'],
    ['AccessDeniedException', status(400), 'fatal'],
    ['UnrecognizedClientException', status(400), 'fatal'],
    ['ExpiredTokenException', status(403), 'fatal'],
    ['InvalidSignatureException', status(400), 'fatal'],
    ['KMSDisabledException', status(400), 'fatal'],
    ['CredentialsProviderError', {}, 'fatal'],
    ['TokenProviderError', {}, 'fatal'],
    ['InternalFailure', status(500), 'retriable'],
    ['ServiceUnavailable', status(503), 'retriable'],
    ['ValidationException', status(400), 'permanent'],
    ['InvalidArgumentException', status(400), 'permanent'],
    ['SerializationException', status(400), 'permanent'],
    ['TimeoutError', {}, 'unreachable'],
    ['AbortError', {}, 'unreachable'],
  ] as const)('%s %j is %s', (name, facts, kind) => {
    expect(failureOf(errorOf(name, facts))).toMatchObject({ kind, code: name, message: 'it is so' });
  });

  it.each([
    ['InternalFailure', 500, 'InternalFailure', 'retriable', true],
    ['ServiceUnavailable', 503, 'ServiceUnavailable', 'retriable', true],
    ['Unknown', 500, 'HTTP 500', 'retriable', true],
    ['Unknown', 502, 'HTTP 502', 'retriable', true],
    ['Unknown', 503, 'HTTP 503', 'retriable', true],
    ['Unknown', 504, 'HTTP 504', 'retriable', true],
    ['Unknown', 600, 'HTTP 600', 'retriable', true],
    ['Unknown', 302, 'UnreadableResponse', 'retriable', true],
    ['Unknown', 400, 'HTTP 400', 'retriable', true],
    ['SyntaxError', 400, 'HTTP 400', 'retriable', true],
    ['Unknown', 408, 'HTTP 408', 'retriable', true],
    ['RequestTimeout', 408, 'RequestTimeout', 'retriable', true],
    ['Unknown', 429, 'HTTP 429', 'retriable', true],
    ['Unknown', 499, 'HTTP 499', 'retriable', true],
    ['Unknown', 403, 'HTTP 403', 'permanent', true],
    ['Unknown', 404, 'HTTP 404', 'permanent', true],
    ['ResourceNotFoundException', 500, 'ResourceNotFoundException', 'fatal', true],
    ['ProvisionedThroughputExceededException', 400, 'ProvisionedThroughputExceededException', 'throttled', false],
    ['SlowDown', 503, 'SlowDown', 'throttled', false],
    ['TooManyRequestsException', 429, 'TooManyRequestsException', 'throttled', false],
    ['ResourceNotFoundException', 400, 'ResourceNotFoundException', 'fatal', false],
    ['ValidationException', 400, 'ValidationException', 'permanent', false],
  ] as const)('%s with status %i: %s, %s, the stream may have the records: %s', (name, code, shown, kind, doubt) => {
    const failure = failureOf(errorOf(name, status(code)));
    expect(failure).toMatchObject({ kind, code: shown });
    expect(leavesDoubt(failure)).toBe(doubt);
  });

  it.each(['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH'])(
    'of the network (%s) is unreachable, with the code of the system',
    (code) => {
      expect(failureOf(errorOf('Error', { code }))).toMatchObject({ kind: 'unreachable', code });
    },
  );

  it('for an unreadable response is retriable', () => {
    const facts = { $response: { statusCode: 200 } };
    expect(failureOf(errorOf('SyntaxError', facts))).toMatchObject({ kind: 'retriable', code: 'UnreadableResponse' });
    // For a proxy's page in HTML the status is only in $response.
    expect(failureOf(errorOf('SyntaxError', { $response: { statusCode: 502 } })).kind).toBe('retriable');
  });

  it.each([
    ['a TypeError', new TypeError('x is not a function')],
    ['a string', 'a string'],
    ['undefined', undefined],
  ])('that is %s is a bug, and rethrown', (_, bug) => {
    let thrown: unknown = 'nothing was thrown';
    try {
      failureOf(bug);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBe(bug);
  });
});

it.each([
  ['ProvisionedThroughputExceededException', 'throttled'],
  ['KMSThrottlingException', 'throttled'],
  ['InternalFailure', 'retriable'],
  ['SomethingNew', 'retriable'],
])('the code %s of a single record is %s', (code, kind) => {
  expect(recordFailureKind(code)).toBe(kind);
});

it.each([
  ['EMFILE', 'cannot be reached: too many files are open', /ulimit -n/],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'has a certificate that is not trusted', /AWS_CA_BUNDLE/],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'has a certificate that is not trusted', /AWS_CA_BUNDLE/],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'has a certificate for another host name', /its certificate lists/],
  ['CERT_HAS_EXPIRED', 'has a certificate that has expired', /renew/],
  ['CERT_NOT_YET_VALID', 'has a certificate that is not yet valid', /clock/],
  ['EPROTO', 'does not speak TLS, or no version that kload supports', /http:/],
  ['ETIMEDOUT', 'does not respond', /firewalls/],
  ['ECONNREFUSED', 'cannot be reached', /^is it running\? check --endpoint-url$/],
])('the message for %s has a hint', (code, what, hint) => {
  expect(targetError(errorOf('Error', { code }), connectionTo('https://localhost:1'))).toMatchObject({
    exit: 'target',
    message: `https://localhost:1 (region us-east-1) ${what} (${code})`,
    hint: expect.stringMatching(hint),
  });
});

it('the hint for an unreachable endpoint names the setting that it came from', async () => {
  vi.stubEnv('AWS_CONFIG_FILE', '/nonexistent');
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/nonexistent');
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  const flags = { region: 'us-east-1', profile: undefined, stream: { StreamName: 's' } };
  const hintOf = async (endpoint: string | undefined, env: NodeJS.ProcessEnv) => {
    const connection = await connectionFrom({ ...flags, endpoint }, env, 1_000);
    return (targetError(errorOf('Error', { code: 'ECONNREFUSED' }), connection) as KloadError).hint;
  };
  const url = 'http://127.0.0.1:1';
  const fromEnv = 'is it running? check AWS_ENDPOINT_URL, or pass --endpoint-url';
  expect(await hintOf(undefined, { AWS_ENDPOINT_URL: url })).toBe(fromEnv);
  expect(await hintOf(url, { AWS_ENDPOINT_URL: 'http://127.0.0.1:2' })).toBe('is it running? check --endpoint-url');
  expect(await hintOf(undefined, {})).toBe('check --region and the network');
});
