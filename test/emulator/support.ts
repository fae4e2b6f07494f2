import { request } from 'node:http';
import { KinesisClient, type KinesisClientConfig } from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { onTestFinished } from 'vitest';
import { type Emulator, type EmulatorOptions, startEmulator } from '../../src/emulator/index.js';

/** An emulator that is closed when the test ends. */
export async function emulatorFor(options: EmulatorOptions = {}): Promise<Emulator> {
  const emulator = await startEmulator(options);
  onTestFinished(() => emulator.close());
  return emulator;
}

/** A client as users make one, except that it does not retry. */
export function clientOf(emulator: Emulator, accessKeyId = 'test', region = 'us-east-1'): KinesisClient {
  const credentials = { accessKeyId, secretAccessKey: 'test' };
  return clientWith(emulator, { region, credentials, requestHandler: new NodeHttpHandler() });
}

/** The same with the default request handler of the SDK: HTTP/2 with prior knowledge. */
export function http2ClientOf(emulator: Emulator): KinesisClient {
  return clientWith(emulator, {
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
}

function clientWith({ endpoint }: Emulator, config: KinesisClientConfig): KinesisClient {
  const client = new KinesisClient({ ...config, endpoint, maxAttempts: 1 });
  onTestFinished(() => client.destroy());
  return client;
}

/** A clock that only `advance` moves. It starts at a whole second. */
export class TestClock {
  ms = 1_760_000_000_000;
  readonly now = (): number => this.ms;

  advance(ms: number): void {
    this.ms += ms;
  }
}

export interface RawResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

export const SIGNED =
  'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/kinesis/aws4_request, SignedHeaders=host, Signature=0';

/** Sends a request without the SDK. Headers that are undefined are left out. */
export function send(
  emulator: Emulator,
  options: { method?: string; path?: string; headers?: Record<string, string | undefined>; body?: string },
): Promise<RawResponse> {
  const given = {
    authorization: SIGNED,
    'x-amz-date': '20260101T000000Z',
    'content-type': 'application/x-amz-json-1.1',
    ...options.headers,
  };
  const headers = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return new Promise((resolve, reject) => {
    const { method = 'POST', path = '/' } = options;
    const { hostname: host } = new URL(emulator.endpoint);
    const sent = request({ host, port: emulator.port, method, path, headers }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text: string) => {
        body += text;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
    sent.on('error', reject);
    sent.end(options.body ?? '');
  });
}

/** Sends a signed request for an operation. */
export function call(emulator: Emulator, operation: string, body: unknown): Promise<RawResponse> {
  const headers = { 'x-amz-target': `Kinesis_20131202.${operation}` };
  return send(emulator, { headers, body: typeof body === 'string' ? body : JSON.stringify(body) });
}
