import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { SignatureV4 } from '@smithy/signature-v4';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Identity, KinesisConnection } from '../../../src/kinesis/client/client.js';
import { RequestPattern } from '../../../src/kinesis/put-records/request-pattern.js';
import { runs } from '../../support/runs.js';

const CONNECTION: KinesisConnection = {
  region: 'us-east-1',
  profile: undefined,
  endpoint: undefined,
  stream: { StreamName: 's' },
  requestTimeoutMs: 1000,
  useFipsEndpoint: false,
  useDualstackEndpoint: false,
  ca: undefined,
  usesProxies: false,
  credentials: undefined,
};
const CBOR = 'application/x-amz-cbor-1.1';
const JSON_TYPE = 'application/x-amz-json-1.1';
const IDENTITY: Identity = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret/+=' };

/** A call of PutRecords. */
function sampleOf(contentType: string, stream: KinesisConnection['stream'] = CONNECTION.stream) {
  const Records = [{ Data: Buffer.from('d'), PartitionKey: 'k' }];
  return { command: () => new PutRecordsCommand({ ...stream, Records }), contentType };
}

class Sha256 {
  readonly #hash: Hash | Hmac;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret as string);
  }

  update(data: Uint8Array): void {
    this.#hash.update(data);
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): void {}
}

interface Head {
  readonly requestLine: string;
  readonly headers: Record<string, string>;
}

function headOf(text: string): Head {
  expect(text.endsWith('\r\n\r\n')).toBe(true);
  const [requestLine = '', ...lines] = text.slice(0, -4).split('\r\n');
  return { requestLine, headers: Object.fromEntries(lines.map((line) => line.split(/: (.*)/s))) };
}

const token = fc.stringMatching(/^[A-Za-z0-9/+=]{1,300}$/);
const identity: fc.Arbitrary<Identity> = fc.oneof(
  fc.record({ accessKeyId: fc.stringMatching(/^[A-Z0-9]{16,20}$/), secretAccessKey: token }),
  fc.record({ accessKeyId: fc.stringMatching(/^[A-Z0-9]{16,20}$/), secretAccessKey: token, sessionToken: token }),
);
const region = fc.constantFrom('us-east-1', 'eu-central-1', 'cn-north-1', 'us-gov-west-1');
const endpoint = fc.constantFrom(
  undefined,
  'http://127.0.0.1:4567',
  'https://[::1]:4567',
  'https://proxy.test/a b/ü/../(c)/',
);

describe('the signature', () => {
  it("equals that of the SDK's signer", async () => {
    const epochMs = fc.date({ min: new Date('2020-01-01'), max: new Date('2040-01-01'), noInvalidDate: true });
    await fc.assert(
      fc.asyncProperty(
        identity,
        region,
        endpoint,
        fc.constantFrom(CBOR, JSON_TYPE),
        fc.array(fc.tuple(epochMs, fc.uint8Array({ minLength: 1 })), { minLength: 1, maxLength: 4 }),
        async (credentials, region, endpoint, contentType, requests) => {
          const pattern = await RequestPattern.take(
            { ...CONNECTION, region, endpoint },
            credentials,
            sampleOf(contentType),
          );
          const signer = new SignatureV4({ credentials, region, service: 'kinesis', sha256: Sha256 });
          // One pattern signs requests of several days, and must make a new key for each.
          for (const [date, body] of requests) {
            const { requestLine, headers } = headOf(pattern.head(body, date.getTime()));
            const { authorization, connection, ...others } = headers;
            const path = requestLine.split(' ')[1]!;
            const request = { method: 'POST', protocol: '', hostname: '', path, headers: others, body };
            const signed = await signer.sign(request, { signingDate: date });
            expect(authorization).toBe(signed.headers.authorization);
            expect(connection).toBe('keep-alive');
            expect(headers['content-type']).toBe(contentType);
            expect(headers['content-length']).toBe(String(body.length));
            expect(headers['x-amz-security-token']).toBe(credentials.sessionToken);
          }
        },
      ),
      { numRuns: runs(60) },
    );
  });

  it('covers each header that the service wants', async () => {
    const pattern = await RequestPattern.take(CONNECTION, { ...IDENTITY, sessionToken: 'token' }, sampleOf(CBOR));
    const { requestLine, headers } = headOf(pattern.head(Buffer.from('{}'), Date.UTC(2026, 0, 2, 3, 4, 5)));
    expect(requestLine).toBe('POST / HTTP/1.1');
    // If a new SDK adds a header, check whether its value differs between requests.
    expect(Object.keys(headers).sort()).toEqual([
      'amz-sdk-invocation-id',
      'amz-sdk-request',
      'authorization',
      'connection',
      'content-length',
      'content-type',
      'host',
      'user-agent',
      'x-amz-content-sha256',
      'x-amz-date',
      'x-amz-security-token',
      'x-amz-target',
      'x-amz-user-agent',
    ]);
    expect(headers).toMatchObject({
      'content-type': CBOR,
      host: 'kinesis.us-east-1.amazonaws.com',
      'x-amz-date': '20260102T030405Z',
      'x-amz-target': 'Kinesis_20131202.PutRecords',
    });
    const unsigned = ['authorization', 'connection', 'user-agent'];
    const signed = Object.keys(headers).filter((name) => !unsigned.includes(name));
    expect(headers.authorization).toContain(`SignedHeaders=${signed.sort().join(';')},`);
    const again = headOf(pattern.head(Buffer.from('{}'), 0)).headers;
    expect(again['amz-sdk-invocation-id']).not.toBe(headers['amz-sdk-invocation-id']);
  });

  it('fits into headBytesMax', async () => {
    const identity = { ...IDENTITY, sessionToken: 't'.repeat(4000) };
    const pattern = await RequestPattern.take(
      { ...CONNECTION, endpoint: 'http://127.0.0.1:1/ü/' },
      identity,
      sampleOf(CBOR),
    );
    expect(pattern.head(Buffer.alloc(5_000_000), Date.now()).length).toBeLessThan(pattern.headBytesMax);
  });
});

describe('the origin of requests', () => {
  it.each([
    ['follows from the region', {}, 'kinesis.us-east-1.amazonaws.com'],
    ['has another domain in China', { region: 'cn-north-1' }, 'kinesis.cn-north-1.amazonaws.com.cn'],
    [
      'has the account of an ARN',
      { stream: { StreamARN: 'arn:aws:kinesis:us-east-1:123456789012:stream/s' } },
      '123456789012.data-kinesis.us-east-1.amazonaws.com',
    ],
    ['may be a FIPS endpoint', { useFipsEndpoint: true }, 'kinesis-fips.us-east-1.amazonaws.com'],
    ['may be a dual-stack endpoint', { useDualstackEndpoint: true }, 'kinesis.us-east-1.api.aws'],
  ])('%s', async (_, connection, host) => {
    const pattern = await RequestPattern.take(
      { ...CONNECTION, ...connection },
      IDENTITY,
      sampleOf(CBOR, { ...CONNECTION, ...connection }.stream),
    );
    expect(pattern.origin).toEqual({ secure: true, host, port: 443 });
    expect(headOf(pattern.head(Buffer.from('{}'), 0)).headers.host).toBe(host);
  });

  it.each([
    ['http://127.0.0.1:4567', { secure: false, host: '127.0.0.1', port: 4567 }, '127.0.0.1:4567', '/'],
    ['http://localhost', { secure: false, host: 'localhost', port: 80 }, 'localhost', '/'],
    ['https://[::1]:8443/base', { secure: true, host: '::1', port: 8443 }, '[::1]:8443', '/base/'],
  ])('may be %s', async (endpoint, origin, host, path) => {
    const pattern = await RequestPattern.take({ ...CONNECTION, endpoint }, IDENTITY, sampleOf(CBOR));
    expect(pattern.origin).toEqual(origin);
    const { requestLine, headers } = headOf(pattern.head(Buffer.from('{}'), 0));
    expect(headers.host).toBe(host);
    expect(requestLine).toBe(`POST ${path} HTTP/1.1`);
  });
});
