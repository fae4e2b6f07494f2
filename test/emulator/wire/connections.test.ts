import { once } from 'node:events';
import { type Agent, request as http1Request } from 'node:http';
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2';
import { request as httpsRequest } from 'node:https';
import { connect, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import { KinesisClient, ListStreamsCommand } from '@aws-sdk/client-kinesis';
import { NodeHttp2Handler } from '@smithy/node-http-handler';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Emulator, startEmulator } from '../../../src/emulator/index.js';
import { emulatorFor, SIGNED } from '../support.js';

const HEADERS = {
  authorization: SIGNED,
  'content-type': 'application/x-amz-json-1.1',
  'x-amz-target': 'Kinesis_20131202.ListStreams',
  'x-amz-date': '20260101T000000Z',
};

const REQUEST = [
  'POST / HTTP/1.1',
  'Host: localhost',
  ...Object.entries(HEADERS).map(([name, value]) => `${name}: ${value}`),
  'Content-Length: 2',
  '',
  '{}',
].join('\r\n');

async function open(emulator: Emulator): Promise<Socket> {
  const socket = connect(emulator.port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  return socket;
}

async function openTls(emulator: Emulator, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const ca = await emulator.caCertificate();
  const socket = connectTls({ port: emulator.port, host: '127.0.0.1', servername: 'localhost', ca, ...options });
  onTestFinished(() => void socket.destroy());
  await once(socket, 'secureConnect');
  return socket;
}

async function statusLine(socket: Socket): Promise<string> {
  let text = '';
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    text += String(chunk);
    if (text.includes('\r\n\r\n')) break;
  }
  return text.split('\r\n', 1)[0] ?? '';
}

function http2Of(emulator: Emulator, socket?: Socket): ClientHttp2Session {
  const options = socket === undefined ? {} : { createConnection: () => socket };
  const session = connectHttp2(emulator.endpoint, options);
  onTestFinished(() => session.destroy());
  return session;
}

async function listStreams(session: ClientHttp2Session): Promise<unknown> {
  const stream = session.request({ ':method': 'POST', ':path': '/', ...HEADERS });
  stream.end('{}');
  let body = '';
  for await (const chunk of stream) body += String(chunk);
  return JSON.parse(body);
}

const NOTHING = { StreamNames: [], HasMoreStreams: false, StreamSummaries: [] };

describe('one port accepts', () => {
  test('HTTP/1.1 that arrives byte by byte', async () => {
    const socket = await open(await emulatorFor());
    socket.setNoDelay(true);
    for (const byte of REQUEST) {
      socket.write(byte);
      await new Promise(setImmediate);
    }
    expect(await statusLine(socket)).toBe('HTTP/1.1 200 OK');
  });

  test('HTTP/1.1 with pipelined requests on one connection', async () => {
    const socket = await open(await emulatorFor());
    socket.write(REQUEST + REQUEST);
    let text = '';
    for await (const chunk of socket) {
      text += String(chunk);
      if (text.split('HTTP/1.1 200 OK').length === 3 && text.endsWith('}')) break;
    }
    expect(text.match(/"HasMoreStreams":false/g)).toHaveLength(2);
  });

  test('HTTP/2 with prior knowledge', async () => {
    const session = http2Of(await emulatorFor());
    expect(await listStreams(session)).toEqual(NOTHING);
    expect(await Promise.all(Array.from({ length: 50 }, () => listStreams(session)))).toHaveLength(50);
  });

  test('HTTP/2 whose preface arrives in pieces', async () => {
    const emulator = await emulatorFor();
    const socket = await open(emulator);
    socket.setNoDelay(true);
    for (const piece of ['P', 'R', 'I', ' * HTT', 'P/2.0\r\n\r\nSM\r\n\r\n']) {
      socket.write(piece);
      await new Promise(setImmediate);
    }
    socket.write(Buffer.from('000000040000000000', 'hex'));
    const [settings] = await once(socket, 'data');
    expect(settings[3]).toBe(4);
  });

  test.each([['h2'], ['http/1.1'], ['h2,http/1.1']])('TLS that negotiates one of %s', async (names) => {
    const emulator = await emulatorFor();
    const socket = await openTls(emulator, { ALPNProtocols: names.split(',') });
    expect(socket.alpnProtocol).toBe(names.split(',')[0]);
    if (socket.alpnProtocol === 'h2') {
      expect(await listStreams(http2Of(emulator, socket))).toEqual(NOTHING);
    } else {
      socket.write(REQUEST);
      expect(await statusLine(socket)).toBe('HTTP/1.1 200 OK');
    }
  });

  test('HTTP/2 over TLS without ALPN', async () => {
    const emulator = await emulatorFor();
    const socket = await openTls(emulator);
    expect(socket.alpnProtocol).toBe(false);
    expect(await listStreams(http2Of(emulator, socket))).toEqual(NOTHING);
  });

  test('HTTP/1.1 over TLS without ALPN', async () => {
    const socket = await openTls(await emulatorFor());
    socket.write(REQUEST);
    expect(await statusLine(socket)).toBe('HTTP/1.1 200 OK');
  });

  test.each(['http', 'https'])('the default protocol of the SDK for JavaScript, at %s', async (scheme) => {
    const emulator = await emulatorFor({ streams: [{ name: 's', shards: 1 }] });
    const ca = await emulator.caCertificate();
    const client = new KinesisClient({
      endpoint: `${scheme}://localhost:${emulator.port}`,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      requestHandler: new NodeHttp2Handler({ nodeHttp2ConnectOptions: { ca } } as object),
    });
    onTestFinished(() => client.destroy());
    expect((await client.send(new ListStreamsCommand({}))).StreamNames).toEqual(['s']);
  });
});

describe('the certificate', () => {
  test.each(['localhost', 'kinesis.eu-central-1.amazonaws.com', 'my.data-kinesis.eu-central-1.amazonaws.com'])(
    'is valid for %s',
    async (servername) => {
      const socket = await openTls(await emulatorFor({ region: 'eu-central-1' }), { servername });
      expect(socket.authorized).toBe(true);
    },
  );

  test('is valid for the address of this machine', async () => {
    const emulator = await emulatorFor();
    const socket = await openTls(emulator, { servername: '', host: '127.0.0.1' });
    expect(socket.getPeerCertificate().subjectaltname).toMatch(/DNS:\*\.localhost, IP Address:127.0.0.1/);
    expect(socket.authorized).toBe(true);
  });

  test('has an authority that is served without a signature', async () => {
    const emulator = await emulatorFor();
    const response = await fetch(`${emulator.endpoint}/_kload/ca.pem`);
    expect(response.headers.get('content-type')).toBe('application/x-pem-file');
    expect(await response.text()).toBe(await emulator.caCertificate());
  });

  test('can be given', async () => {
    const { generate } = await import('selfsigned');
    const made = await generate([{ name: 'commonName', value: 'localhost' }], { keyType: 'ec', algorithm: 'sha256' });
    const emulator = await emulatorFor({ tls: { cert: made.cert, key: made.private } });
    expect(await emulator.caCertificate()).toBe(made.cert);
    expect((await openTls(emulator)).authorized).toBe(true);
  });

  test('that is not valid keeps the emulator from starting', async () => {
    await expect(startEmulator({ tls: { cert: 'no', key: 'no' } })).rejects.toThrow(
      'the certificate and its key cannot be used',
    );
  });
});

describe('closing ends', () => {
  test.each(['silent', 'HTTP/1.1', 'HTTP/2', 'TLS', 'HTTP/2 over TLS'])('a %s connection', async (kind) => {
    const emulator = await startEmulator();
    const socket = kind.includes('TLS') ? await openTls(emulator) : await open(emulator);
    if (kind === 'HTTP/1.1') {
      socket.write(REQUEST);
      await statusLine(socket);
    }
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => {});
    if (kind.includes('HTTP/2')) {
      const session = http2Of(emulator, socket);
      session.on('error', () => {});
      await listStreams(session);
    }
    socket.resume();
    await Promise.all([emulator.close(), closed]);
  });
});

describe('a request', () => {
  test.each(['http', 'https'])('without a body is answered at %s', async (scheme) => {
    const emulator = await emulatorFor();
    const options = { port: emulator.port, host: 'localhost', family: 4, agent: false as unknown as Agent };
    const sent =
      scheme === 'http'
        ? http1Request({ ...options, path: '/_kload/health' })
        : httpsRequest({ ...options, path: '/_kload/health', ca: await emulator.caCertificate() });
    sent.end();
    const [response] = await once(sent, 'response');
    response.resume();
    expect(response.statusCode).toBe(200);
  });
});
