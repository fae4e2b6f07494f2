import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readCredentials } from '../../../src/emulator/protocol/credentials.js';
import { ServiceError } from '../../../src/emulator/protocol/service-error.js';
import { type SignedRequest, type Signer, verifySignature } from '../../../src/emulator/protocol/signature.js';
import { runs } from '../../support/runs.js';
import { NOW, SIGNER, signed } from '../signing.js';

function verify(request: SignedRequest, signer: Signer = SIGNER, now = NOW): string {
  try {
    verifySignature(request, readCredentials(request.headers, request.url), signer, now);
    return 'good';
  } catch (error) {
    if (error instanceof ServiceError) return `${error.type}: ${error.message}`;
    throw error;
  }
}

const headerName = fc.stringMatching(/^x-amz-meta-[a-z0-9]{1,10}$/);
const headerValue = fc.string({ unit: fc.constantFrom(...'abc =/,;"\t*%'.split('')), maxLength: 20 });
const unsigned = fc.record(
  {
    method: fc.constantFrom('POST', 'GET'),
    path: fc
      .array(fc.string({ unit: 'grapheme', maxLength: 5 }))
      .map((parts) => `/${parts.map(encodeURIComponent).join('/')}`),
    query: fc.dictionary(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }),
      fc.string({ unit: 'grapheme', maxLength: 8 }),
    ),
    headers: fc.dictionary(headerName, headerValue),
    body: fc.string({ unit: 'binary' }),
  },
  { requiredKeys: [] },
);

describe('a signature by the SDK', () => {
  test('is valid for any request, in the header and in the URL', async () => {
    await fc.assert(
      fc.asyncProperty(
        unsigned,
        fc.boolean(),
        fc.option(fc.string({ minLength: 1 }), { nil: undefined }),
        async (request, inUrl, sessionToken) => {
          const signer = sessionToken === undefined ? SIGNER : { ...SIGNER, sessionToken };
          expect(verify(await signed(request, { inUrl, signer }), signer)).toBe('good');
        },
      ),
      { numRuns: runs(300) },
    );
  });

  test('is invalid if any signed part has changed', async () => {
    const request = await signed({ headers: { 'x-amz-target': 'Kinesis_20131202.ListStreams' } });
    const doNotMatch = /^InvalidSignatureException: The request signature we calculated does not match/;
    const others: SignedRequest[] = [
      { ...request, body: Buffer.from('{ }') },
      { ...request, method: 'PUT' },
      { ...request, url: '/?a' },
      { ...request, headers: { ...request.headers, 'x-amz-target': 'Kinesis_20131202.PutRecord' } },
      { ...request, headers: { ...request.headers, host: 'localhost:4567' } },
    ];
    for (const other of others) expect(verify(other)).toMatch(doNotMatch);
    expect(verify(request, { ...SIGNER, secretAccessKey: 'another' })).toMatch(doNotMatch);
    expect(verify(request)).toBe('good');
  });

  test('that is invalid is refused with the text that should have been signed', async () => {
    const request = await signed({});
    const message = verify(request, { ...SIGNER, secretAccessKey: 'another' });
    const hash = createHash('sha256').update('{}').digest('hex');
    expect(message).toContain(
      'Consult the service documentation for details.\n\nThe Canonical String for this request should have ' +
        "been\n'POST\n/\n\n" +
        `host:localhost:4566\nx-amz-content-sha256:${hash}\nx-amz-date:20260102T030405Z\n\n` +
        `host;x-amz-content-sha256;x-amz-date\n${hash}'\n\n` +
        'The String-to-Sign should have ' +
        "been\n'AWS4-HMAC-SHA256\n20260102T030405Z\n20260102/us-east-1/kinesis/aws4_request\n",
    );
  });

  test.each(['UNSIGNED-PAYLOAD', 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD'])(
    'must cover the body, even with x-amz-content-sha256: %s',
    async (claim) => {
      for (const inUrl of [false, true]) {
        const request = await signed({ headers: { 'x-amz-content-sha256': claim } }, { inUrl });
        expect(verify(request)).toMatch(
          /^InvalidSignatureException: The request signature we calculated does not match/,
        );
      }
    },
  );

  test.each<[string, (signature: string) => string]>([
    ['with more characters', (signature) => `${signature}zz`],
    ['in capitals', (signature) => signature.toUpperCase()],
    ['cut short', (signature) => signature.slice(0, -1)],
    ['a single digit', () => '0'],
  ])('must match exactly: not %s', async (_, change) => {
    const change64 = (text = '') => text.replace(/(?<=Signature=)[0-9a-f]{64}/, change);
    const { headers, ...request } = await signed({});
    const changed = { ...request, headers: { ...headers, authorization: change64(headers.authorization) } };
    expect(verify(changed)).toMatch(/ does not match the signature you provided/);
    const inUrl = await signed({}, { inUrl: true });
    expect(verify({ ...inUrl, url: change64(inUrl.url) })).toMatch(/ does not match the signature you provided/);
  });

  test('must cover the target', async () => {
    const message = "InvalidSignatureException: 'X-Amz-Target' must be a 'SignedHeader' in the AWS Authorization.";
    for (const inUrl of [false, true]) {
      const { headers, ...request } = await signed({}, { inUrl });
      const target = { 'x-amz-target': 'Kinesis_20131202.DeleteStream' };
      expect(verify({ ...request, headers: { ...headers, ...target } })).toBe(message);
    }
  });

  test('is valid over HTTP/2, which has no Host header', async () => {
    const { headers, ...request } = await signed({});
    const { host, ...others } = headers;
    expect(verify({ ...request, headers: { ...others, ':authority': host } })).toBe('good');
  });
});

describe('a signature is refused', () => {
  test('with an unknown access key', async () => {
    const request = await signed({}, { signer: { ...SIGNER, accessKeyId: 'ANOTHER' } });
    expect(verify(request)).toBe('UnrecognizedClientException: The security token included in the request is invalid.');
  });

  test('with an unknown session token', async () => {
    const request = await signed({}, { signer: { ...SIGNER, sessionToken: 'token' } });
    expect(verify(request)).toBe('UnrecognizedClientException: The security token included in the request is invalid');
    expect(verify(request, { ...SIGNER, sessionToken: 'token' })).toBe('good');
    expect(verify(await signed({}), { ...SIGNER, sessionToken: 'token' })).toMatch(/^UnrecognizedClientException/);
  });

  test('that is too old or from the future', async () => {
    const request = await signed({});
    expect(verify(request, SIGNER, NOW + 300_999)).toBe('good');
    expect(verify(request, SIGNER, NOW + 301_000)).toBe(
      'InvalidSignatureException: Signature expired: 20260102T030405Z is now earlier than 20260102T030406Z ' +
        '(20260102T030906Z - 5 min.)',
    );
    expect(verify(request, SIGNER, NOW - 300_000)).toBe('good');
    expect(verify(request, SIGNER, NOW - 301_000)).toBe(
      'InvalidSignatureException: Signature not yet current: 20260102T030405Z is still later than ' +
        '20260102T030404Z (20260102T025904Z + 5 min.)',
    );
  });

  test('in the URL after its lifetime', async () => {
    const request = await signed({}, { inUrl: true, expiresIn: 3600 });
    expect(verify(request, SIGNER, NOW + 3_600_000)).toBe('good');
    expect(verify(request, SIGNER, NOW + 3_601_000)).toMatch(
      /^InvalidSignatureException: Signature expired: .* - 60 min.\)$/,
    );
  });

  test.each(['604801', '1e5', '0x10', '-1', '', 'x', '1.5', 'Infinity'])(
    'in the URL with a lifetime of %j seconds',
    async (expires) => {
      const request = await signed({}, { inUrl: true, expiresIn: 604_800 });
      expect(verify(request, SIGNER, NOW + 604_800_000)).toBe('good');
      const endless = { ...request, url: request.url.replace('X-Amz-Expires=604800', `X-Amz-Expires=${expires}`) };
      expect(verify(endless)).toBe(
        'InvalidSignatureException: X-Amz-Expires must be a whole number of seconds, at most 604800 (7 days).',
      );
    },
  );

  test.each([
    [
      'x-amz-date',
      '201',
      "IncompleteSignatureException: Date must be in ISO-8601 'basic format'. Got '201'. See " +
        'http://en.wikipedia.org/wiki/ISO_8601',
    ],
    [
      'x-amz-date',
      '20269901T000000Z',
      "IncompleteSignatureException: Date must be in ISO-8601 'basic format'. Got '20269901T000000Z'. See " +
        'http://en.wikipedia.org/wiki/ISO_8601',
    ],
    ['host;', '', "InvalidSignatureException: 'Host' must be a 'SignedHeader' in the AWS Authorization."],
    [
      'SHA256',
      'SHA25',
      "IncompleteSignatureException: Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA25' (only AWS4-HMAC-SHA256 for now). ",
    ],
    [
      '/us-east-1',
      '',
      'IncompleteSignatureException: Credential must have exactly 5 slash-delimited elements, e.g. ' +
        "keyid/date/region/service/term, got 'AKIDEXAMPLE/20260102/kinesis/aws4_request'",
    ],
    ['kinesis/', 's3/', "InvalidSignatureException: Credential should be scoped to correct service: 'kinesis'. "],
    [
      'aws4_request',
      'aws5',
      "InvalidSignatureException: Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5'. ",
    ],
    [
      '/20260102/',
      '/20260103/',
      'InvalidSignatureException: Date in Credential scope does not match YYYYMMDD from ISO-8601 version of ' +
        "date from HTTP: '20260103' != '20260102', from '20260102T030405Z'.",
    ],
  ])('with %s changed to %s', async (part, replaced, message) => {
    const { headers, ...request } = await signed({});
    const changed =
      part in headers
        ? { ...headers, [part]: replaced }
        : { ...headers, authorization: headers.authorization?.replace(part, replaced) ?? '' };
    expect(verify({ ...request, headers: changed })).toBe(message);
  });
});
