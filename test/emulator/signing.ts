import { createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import type { SignedRequest, Signer } from '../../src/emulator/protocol/signature.js';

export const SIGNER: Signer = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
};
export const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);

class Sha256 {
  readonly #hash;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', Buffer.from(secret as Uint8Array));
  }

  update(data: Uint8Array | string): void {
    this.#hash.update(data);
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): void {}
}

interface SignedBySdk {
  readonly path: string;
  readonly query?: Record<string, unknown>;
  readonly headers: Record<string, string>;
}

interface Unsigned {
  readonly method?: string;
  readonly path?: string;
  readonly query?: Record<string, string>;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** The request as signed by the SDK. */
export async function signed(
  unsigned: Unsigned,
  { region = 'us-east-1', service = 'kinesis', signer = SIGNER, at = NOW, inUrl = false, expiresIn = 900 } = {},
): Promise<SignedRequest> {
  const { method = 'POST', path = '/', query = {}, headers = {}, body = '{}' } = unsigned;
  const credentials = { ...signer };
  const v4 = new SignatureV4({ credentials: credentials as never, region, service, sha256: Sha256 as never });
  const request = {
    method,
    protocol: 'http:',
    hostname: 'localhost',
    path,
    query,
    body,
    headers: { host: 'localhost:4566', ...headers },
  };
  const signingDate = new Date(at);
  const done = (await (inUrl
    ? v4.presign(request as never, { signingDate, expiresIn })
    : v4.sign(request as never, { signingDate }))) as unknown as SignedBySdk;
  const escaped = (text: string) =>
    encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  const pairs = Object.entries(done.query ?? {}).map(([name, value]) => `${escaped(name)}=${escaped(String(value))}`);
  const url = pairs.length === 0 ? done.path : `${done.path}?${pairs.join('&')}`;
  return { method, url, headers: lowerCased(done.headers), body: Buffer.from(body) };
}

function lowerCased(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
