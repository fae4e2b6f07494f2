import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Emulator } from '../../../src/emulator/index.js';
import { NOW, SIGNER, signed } from '../signing.js';
import { emulatorFor, type RawResponse, send } from '../support.js';

const TARGET = 'Kinesis_20131202.ListStreams';
const FAULTS = '/_kload/faults';
const FAULT = 'internal-error:operation=PutRecord';

/** Origins of pages on other sites. A page that is sandboxed, comes from a file or hides its origin sends 'null'. */
const FOREIGN = [
  'https://example.com',
  'http://example.com:4566',
  'http://localhost.example.com',
  'http://127.0.0.1.example.com',
  'http://127.example.com',
  'http://192.168.0.7:4566',
  'http://[fe80::1]',
  'chrome-extension://localhost',
  'null',
  '',
];

/** Origins of pages on the user's own machine. */
const LOCAL = [
  'http://localhost',
  'http://localhost:5173',
  'https://localhost:5173',
  'http://app.localhost:3000',
  'http://127.0.0.1:8080',
  'http://127.1.2.3',
  'http://[::1]:8080',
];

const listStreams = (emulator: Emulator, headers: Record<string, string>) =>
  send(emulator, { headers: { 'x-amz-target': TARGET, ...headers }, body: '{}' });

/** A request that a page can send without a preflight. */
const setFault = (emulator: Emulator, headers: Record<string, string>) =>
  send(emulator, { path: FAULTS, headers: { 'content-type': 'text/plain', ...headers }, body: FAULT });

async function faultsOf(emulator: Emulator): Promise<unknown[]> {
  return JSON.parse((await send(emulator, { method: 'GET', path: FAULTS })).body).faults;
}

const preflight = (emulator: Emulator, origin: string, path = '/') =>
  send(emulator, {
    method: 'OPTIONS',
    path,
    headers: {
      origin,
      authorization: undefined,
      'access-control-request-headers': 'content-type,x-amz-target',
      'access-control-request-method': 'POST',
    },
  });

function allowedOrigin({ headers }: RawResponse): unknown {
  return headers['access-control-allow-origin'];
}

describe('a page of a foreign origin', () => {
  test.each(FOREIGN)('at %j can neither use the service, nor set a fault, nor read the error', async (origin) => {
    const emulator = await emulatorFor();
    const listed = await listStreams(emulator, { origin });
    expect(listed).toMatchObject({ status: 403 });
    expect(JSON.parse(listed.body)).toEqual({
      __type: 'AccessDeniedException',
      message: `pages of ${origin} may not use this emulator; to allow them, start it with --allow-origin ${origin}`,
    });
    const set = await setFault(emulator, { origin });
    expect(set.status).toBe(403);
    const preflighted = await preflight(emulator, origin);
    expect(preflighted.status).toBe(403);
    expect([listed, set, preflighted].map(allowedOrigin)).toEqual([undefined, undefined, undefined]);
    expect(await faultsOf(emulator)).toEqual([]);
  });

  test('is logged with the option that allows it', async () => {
    const lines: string[] = [];
    const emulator = await emulatorFor({ log: { level: 'info', write: (line) => lines.push(line) } });
    await listStreams(emulator, { origin: 'https://example.com' });
    expect(lines[0]).toMatch(/ ListStreams 403 .* start it with --allow-origin https:\/\/example\.com$/);
  });

  test('is refused over HTTP/2, too', async () => {
    const { endpoint } = await emulatorFor();
    const session = connectHttp2(endpoint);
    onTestFinished(() => session.destroy());
    const stream = session.request({ ':method': 'POST', ':path': FAULTS, origin: 'https://example.com' });
    stream.end(FAULT);
    expect((await once(stream, 'response'))[0]).toMatchObject({ ':status': 403 });
  });

  test('may use the service if --allow-origin names its origin', async () => {
    const origin = 'https://example.com';
    const emulator = await emulatorFor({ allowOrigins: [origin] });
    expect(await listStreams(emulator, { origin })).toMatchObject({
      status: 200,
      headers: {
        'access-control-allow-origin': origin,
        'access-control-expose-headers':
          'x-amzn-RequestId,x-amzn-ErrorType,x-amz-request-id,x-amz-id-2,x-amzn-ErrorMessage,Date',
        vary: 'Origin',
      },
    });
    expect((await listStreams(emulator, { origin: 'http://example.com' })).status).toBe(403);
    const all = await emulatorFor({ allowOrigins: ['*'] });
    for (const origin of FOREIGN) expect(allowedOrigin(await listStreams(all, { origin }))).toBe(origin);
  });
});

describe("a page on the user's machine", () => {
  test.each(LOCAL)('at %s may use the service and /_kload/', async (origin) => {
    const emulator = await emulatorFor();
    const responses = [
      await preflight(emulator, origin),
      await preflight(emulator, origin, FAULTS),
      await listStreams(emulator, { origin }),
      await setFault(emulator, { origin }),
      await send(emulator, { method: 'GET', path: FAULTS, headers: { origin } }),
    ];
    expect(responses.map(({ status }) => status)).toEqual([200, 200, 200, 201, 200]);
    expect(responses.map(allowedOrigin)).toEqual(responses.map(() => origin));
    expect(responses[0]).toMatchObject({
      body: '',
      headers: {
        'access-control-allow-headers': 'content-type,x-amz-target',
        'access-control-allow-methods': 'POST',
        'access-control-max-age': '172800',
      },
    });
    expect(responses[0]?.headers).not.toHaveProperty('x-amz-id-2');
  });

  test('can read errors of the service, also for a body that is too large', async () => {
    const emulator = await emulatorFor();
    const origin = 'http://localhost:5173';
    const headers = { origin, 'x-amz-target': 'Kinesis_20131202.DescribeStream' };
    for (const body of ['{}', ' '.repeat(17 * 1024 * 1024)]) {
      expect(allowedOrigin(await send(emulator, { headers, body }))).toBe(origin);
    }
  });
});

describe('the host name of a request', () => {
  const health = (emulator: Emulator, host: string) =>
    send(emulator, { method: 'GET', path: '/_kload/health', headers: { host } });

  test.each([
    'localhost',
    'LocalHost:4566',
    'localhost.:4566',
    'app.localhost',
    '127.0.0.1:1',
    '10.0.0.7',
    '[::1]:4566',
  ])('may be %s for /_kload/', async (host) => expect((await health(await emulatorFor(), host)).status).toBe(200));

  test.each(['rebound.example', 'rebound.example:4566', 'localhost.example', '127.0.0.1.example', 'notlocalhost'])(
    'may not be %j',
    async (host) => expect((await health(await emulatorFor(), host)).status).toBe(403),
  );

  test('that is refused can be allowed with the option that the error names', async () => {
    const refused = await health(await emulatorFor(), 'kload:4566');
    expect(JSON.parse(refused.body).error).toMatch(/ start the emulator with --allow-host kload$/);
    const emulator = await emulatorFor({ allowHosts: ['Kload'] });
    expect((await health(emulator, 'kload:4566')).status).toBe(200);
    expect((await health(emulator, 'other:4566')).status).toBe(403);
  });

  test('may be any for the service: containers reach it by the name of its service', async () => {
    expect((await listStreams(await emulatorFor(), { host: 'kinesis:4566' })).status).toBe(200);
  });

  test('is also checked over HTTP/2', async () => {
    const { endpoint } = await emulatorFor();
    const session = connectHttp2(endpoint);
    onTestFinished(() => session.destroy());
    const statusAt = async (authority: string) => {
      const stream = session.request({ ':path': '/_kload/health', ':authority': authority });
      return (await once(stream, 'response'))[0][':status'];
    };
    expect([await statusAt('rebound.example'), await statusAt('localhost:4566')]).toEqual([403, 200]);
  });
});

describe('with verified signatures', () => {
  const PATHS = ['/_kload/health', '/_kload/metrics', '/_kload/faults', '/_kload/ca.pem', '/_kload/none'];
  const checking = () => emulatorFor({ verifySignatures: SIGNER, now: () => NOW });

  test.each(PATHS)('%s needs one', async (path) => {
    const emulator = await checking();
    for (const method of ['GET', 'POST', 'DELETE']) {
      const unsigned = await send(emulator, { method, path, headers: { authorization: undefined } });
      expect(unsigned).toMatchObject({ status: 403, body: '{"error":"Missing Authentication Token"}' });
      expect((await send(emulator, { method, path })).status).toBe(403);
    }
  });

  test('a request is served if the right secret signed it, and refused otherwise', async () => {
    const emulator = await checking();
    const set = async (secretAccessKey: string) => {
      const unsigned = { path: FAULTS, body: FAULT };
      const { headers } = await signed(unsigned, { signer: { ...SIGNER, secretAccessKey } });
      return (await send(emulator, { ...unsigned, headers: headers as Record<string, string> })).status;
    };
    expect(await set(SIGNER.secretAccessKey)).toBe(201);
    expect(await set('another')).toBe(403);
  });
});
