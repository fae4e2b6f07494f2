import { once } from 'node:events';
import { type ClientHttp2Session, connect as connectHttp2, constants } from 'node:http2';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { wireServer } from './wire-server.js';

const MIB = 1024 * 1024;
const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
const SETTINGS = Buffer.from('000000040000000000', 'hex');
/** Header fields of the static table: `:method: POST`, `:path: /`, `:scheme: http`. */
const BLOCK = '838486';

/** Frames that break the protocol: after them node stops reading and writing. */
const BROKEN = {
  'invalid headers': Buffer.from('0000050104' + '00000001' + 'ffffffffff', 'hex'),
  'a frame that is too large': Buffer.from('8000000000' + '00000001', 'hex'),
  'a continuation without headers': Buffer.from(`0000030900${'00000001'}${BLOCK}`, 'hex'),
};

async function open(port: number, kind: string): Promise<Socket> {
  const options = { port, host: '127.0.0.1', allowHalfOpen: true };
  const socket =
    kind === 'TLS' ? connectTls({ ...options, rejectUnauthorized: false, ALPNProtocols: ['h2'] }) : connect(options);
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => {});
  await once(socket, kind === 'TLS' ? 'secureConnect' : 'connect');
  return socket;
}

function http2(origin: string): ClientHttp2Session {
  const session = connectHttp2(origin);
  session.on('error', () => {});
  onTestFinished(() => session.destroy());
  return session;
}

describe('an HTTP/2 session', () => {
  for (const kind of ['TCP', 'TLS']) {
    for (const client of ['stays', 'ends its side']) {
      test.each(Object.entries(BROKEN))(`over ${kind} ends after %s, when the client ${client}`, async (_, broken) => {
        const { port } = await wireServer({ sessionCheckMs: 10 });
        const socket = await open(port, kind);
        socket.write(Buffer.concat([PREFACE, SETTINGS, broken]));
        // The server's settings, and its error about the frame.
        await once(socket, 'data');
        socket.resume();
        const ended = once(socket, 'end');
        if (client !== 'stays') socket.end();
        await ended;
      });
    }
  }

  test('of a quiet client stays open, and is pinged once', async () => {
    const { origin, routes } = await wireServer({ sessionCheckMs: 5 });
    routes.add('GET', '/_kload/x', () => ({ status: 200, contentType: undefined, body: 'here' }));
    const session = http2(origin);
    let pings = 0;
    session.on('ping', () => pings++);
    await once(session, 'ping');
    // No later check pings again: only the acknowledgement has arrived since.
    for (let i = 0; i < 20; i++) expect((await fetch(`${origin}/_kload/x`)).status).toBe(200);
    expect(pings).toBe(1);
    const stream = session.request({ ':path': '/_kload/x' });
    expect(String((await once(stream, 'data'))[0])).toBe('here');
  });

  test('ends after the idle timeout', async () => {
    const { origin } = await wireServer({ sessionCheckMs: 5, idleMs: 30 });
    await once(http2(origin), 'close');
  });

  test('cancels a request whose body takes too long, and serves the next', async () => {
    const { origin } = await wireServer({ bodyMs: 20 });
    const session = http2(origin);
    const slow = session.request({ ':method': 'POST', ':path': '/' });
    slow.on('error', () => {});
    slow.write('{');
    await once(slow, 'close');
    expect(slow.rstCode).toBe(constants.NGHTTP2_CANCEL);
    const next = session.request({ ':method': 'POST', ':path': '/' });
    next.end('{}');
    const [headers] = await once(next, 'response');
    expect(headers[':status']).toBe(403);
  });
});

test('a connection above the maximum is cut and logged', async () => {
  const { port, lines } = await wireServer({ connections: 2 });
  const first = await open(port, 'TCP');
  await open(port, 'TCP');
  const third = await open(port, 'TCP');
  await once(third.resume(), 'end');
  expect(lines).toEqual([expect.stringMatching(/ too many connections are open: a new one was cut, 1 so far$/)]);
  first.write('GET /_kload/metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  let response = '';
  for await (const chunk of first) response += chunk;
  expect(response).toMatch(/^kload_connections_cut_total\{reason="too-many"\} 1$/m);
});

describe('an unfinished handshake ends its connection', () => {
  /** The first bytes of a TLS client. */
  async function clientHello(): Promise<Buffer> {
    const listener = createServer();
    await once(listener.listen(0, '127.0.0.1'), 'listening');
    const client = connectTls({ port: (listener.address() as AddressInfo).port, host: '127.0.0.1' });
    client.on('error', () => {});
    const [socket] = await once(listener, 'connection');
    const [hello] = await once(socket, 'data');
    client.destroy();
    listener.close();
    return hello;
  }

  /** Resolves on a FIN, or on a reset if the client was still writing. */
  function ended(socket: Socket): Promise<void> {
    return new Promise((resolve) => {
      socket.resume().once('end', resolve);
      socket.once('close', () => resolve());
    });
  }

  const HANDSHAKES: Readonly<Record<string, () => Buffer | Promise<Buffer>>> = {
    'without a byte': () => Buffer.alloc(0),
    'of TLS, one byte': () => Buffer.of(0x16),
    'of TLS, half a hello': async () => (await clientHello()).subarray(0, 100),
    'of TLS, a hello alone': clientHello,
    'of HTTP/2, half a preface': () => PREFACE.subarray(0, 10),
    'of HTTP/2, a preface alone': () => PREFACE,
  };

  test.each(Object.keys(HANDSHAKES))('%s', async (kind) => {
    const { port, server } = await wireServer({ handshakeMs: 50 });
    const socket = await open(port, 'TCP');
    const handshake = await HANDSHAKES[kind]?.();
    if (handshake !== undefined && handshake.length > 0) socket.write(handshake);
    await ended(socket);
    await expect.poll(() => server.connections).toBe(0);
  });

  test('of TLS, byte by byte', async () => {
    const { port, server } = await wireServer({ handshakeMs: 100 });
    const hello = await clientHello();
    const socket = await open(port, 'TCP');
    let at = 0;
    const sending = setInterval(() => socket.write(hello.subarray(at, ++at)), 5);
    onTestFinished(() => clearInterval(sending));
    await ended(socket);
    expect(at).toBeLessThan(hello.length);
    await expect.poll(() => server.connections).toBe(0);
  });

  test('but a finished one does not', async () => {
    const { port, origin, routes } = await wireServer({ handshakeMs: 500 });
    routes.add('GET', '/_kload/x', () => ({ status: 200, contentType: undefined, body: 'here' }));
    const tls = await open(port, 'TLS');
    tls.write(Buffer.concat([PREFACE, SETTINGS]));
    const session = http2(origin);
    await once(session, 'remoteSettings');
    // A later connection has reached its timeout, so these would have, too.
    await ended(await open(port, 'TCP'));
    const stream = session.request({ ':path': '/_kload/x' });
    expect(String((await once(stream, 'data'))[0])).toBe('here');
    expect(tls.readyState).toBe('open');
  });
});

describe('unread responses', () => {
  const BYTES = 16 * MIB;

  /** A server with responses that are larger than the system's socket buffers. */
  async function large() {
    const wire = await wireServer({ unreadBytes: 40 * MIB });
    wire.routes.add('GET', '/_kload/large', () => ({ status: 200, contentType: undefined, body: Buffer.alloc(BYTES) }));
    wire.routes.add('GET', '/_kload/small', () => ({ status: 200, contentType: undefined, body: '' }));
    return wire;
  }

  test('over HTTP/1.1 end the connection that has waited longest, and no others', async () => {
    const { port, origin, server, lines } = await large();
    const sockets: Socket[] = [];
    for (let i = 0; i < 3; i++) {
      const socket = await open(port, 'TCP');
      socket.pause();
      socket.write('GET /_kload/large HTTP/1.1\r\nHost: localhost\r\n\r\n');
      // The beginning of the response has arrived, the rest waits.
      await once(socket, 'readable');
      sockets.push(socket);
    }
    const received = sockets.map(async (socket) => {
      let bytes = 0;
      for await (const chunk of socket) {
        bytes += chunk.length;
        if (bytes > BYTES) break;
      }
      return bytes > BYTES;
    });
    expect(await Promise.all(received)).toEqual([false, true, true]);
    expect((await fetch(`${origin}/_kload/small`)).status).toBe(200);
    expect(server.unreadBytes).toBe(0);
    expect(lines).toEqual([
      expect.stringMatching(/ too many bytes of responses unread: .* longest was cut, 1 so far$/),
    ]);
    const metrics = await (await fetch(`${origin}/_kload/metrics`)).text();
    expect(metrics).toMatch(/^kload_connections_cut_total\{reason="unread"\} 1$/m);
    expect(metrics).toMatch(/^kload_unread_bytes 0$/m);
  });

  /** Counts the responses to `/_kload/large`. A response to `/_kload/small` shows that earlier requests were read. */
  async function counted() {
    const wire = await large();
    let responses = 0;
    wire.routes.add('GET', '/_kload/large', () => {
      responses++;
      return { status: 200, contentType: undefined, body: Buffer.alloc(BYTES) };
    });
    return { ...wire, responses: () => responses };
  }

  test('over HTTP/2 make the next request of their session wait, and no others', async () => {
    const { origin, responses, server } = await counted();
    const [greedy, other] = [http2(origin), http2(origin)];
    const streams = Array.from({ length: 5 }, () => greedy.request({ ':path': '/_kload/large' }));
    await Promise.all(streams.slice(0, 1).map((stream) => once(stream, 'response')));
    greedy.ping(() => {});
    await once(other.request({ ':path': '/_kload/small' }), 'response');
    expect(responses()).toBe(1);
    for (const stream of streams) {
      let bytes = 0;
      for await (const chunk of stream) bytes += chunk.length;
      expect(bytes).toBe(BYTES);
    }
    expect([responses(), server.unreadBytes]).toEqual([5, 0]);
  });

  test('over HTTP/1.1 make all further requests of their connection wait, however many', async () => {
    const { port, origin, responses, server } = await counted();
    const socket = await open(port, 'TCP');
    socket.pause();
    const one = 'GET /_kload/large HTTP/1.1\r\nHost: localhost\r\n\r\n';
    socket.write(one.repeat(10));
    await once(socket, 'readable');
    // More than the system's socket buffers: the server would read all of it if it still read.
    const more = Buffer.from('GET /_kload/small HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(400_000));
    socket.write(more);
    for (let i = 0; i < 20; i++) await fetch(`${origin}/_kload/small`);
    expect(responses()).toBe(1);
    expect(socket.writableLength).toBeGreaterThan(0);
    let bytes = 0;
    for await (const chunk of socket) {
      bytes += chunk.length;
      if (bytes > 10 * BYTES) break;
    }
    expect(bytes).toBeGreaterThan(10 * BYTES);
    expect(responses()).toBe(10);
    socket.destroy();
    await expect.poll(() => server.unreadBytes).toBe(0);
  });

  test('of many clients at once are never all in memory', async () => {
    const { port, origin, routes, server, lines } = await large();
    const open20 = await Promise.all(Array.from({ length: 20 }, () => open(port, 'TCP')));
    const openAtResponse: number[] = [];
    routes.add('GET', '/_kload/large', () => {
      openAtResponse.push(server.connections);
      return { status: 200, contentType: undefined, body: Buffer.alloc(BYTES) };
    });
    for (const socket of open20) socket.on('readable', () => {});
    await expect.poll(() => server.connections).toBe(20);
    for (const socket of open20) socket.write('GET /_kload/large HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await expect.poll(() => openAtResponse.length).toBe(20);
    // Two and a half fit. Before each further response the connection that waited longest has closed.
    expect(openAtResponse).toEqual(Array.from({ length: 20 }, (_, i) => 20 - Math.max(0, i - 2)));
    const metrics = await (await fetch(`${origin}/_kload/metrics`)).text();
    expect(metrics).toMatch(/^kload_connections_cut_total\{reason="unread"\} 18$/m);
    expect(lines).toHaveLength(1);
  });
});
