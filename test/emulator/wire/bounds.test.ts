import { once } from 'node:events';
import { type ClientHttp2Session, connect as connectHttp2, constants } from 'node:http2';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { wireServer } from './wire-server.js';

const MIB = 1024 * 1024;
const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
const SETTINGS = Buffer.from('000000040000000000', 'hex');
/** Of the static table: `:method: POST`, `:path: /`, `:scheme: http`. */
const BLOCK = '838486';

/** What breaks the protocol, and makes node go silent. */
const BROKEN = {
  'headers of nonsense': Buffer.from('0000050104' + '00000001' + 'ffffffffff', 'hex'),
  'a frame that is too large': Buffer.from('8000000000' + '00000001', 'hex'),
  'a continuation of nothing': Buffer.from(`0000030900${'00000001'}${BLOCK}`, 'hex'),
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

describe('a session of HTTP/2', () => {
  for (const kind of ['TCP', 'TLS']) {
    for (const client of ['stays', 'ends its side']) {
      test.each(Object.entries(BROKEN))(`over ${kind} ends after %s, where the client ${client}`, async (_, broken) => {
        const { port } = await wireServer({ sessionLookMs: 10 });
        const socket = await open(port, kind);
        socket.write(Buffer.concat([PREFACE, SETTINGS, broken]));
        // The server's settings, and what it has to say of the frame.
        await once(socket, 'data');
        socket.resume();
        const ended = once(socket, 'end');
        if (client !== 'stays') socket.end();
        await ended;
      });
    }
  }

  test('stays where its client does, however quiet, and is asked once', async () => {
    const { origin, routes } = await wireServer({ sessionLookMs: 5 });
    routes.add('GET', '/_kload/x', () => ({ status: 200, contentType: undefined, body: 'here' }));
    const session = http2(origin);
    let pings = 0;
    session.on('ping', () => pings++);
    await once(session, 'ping');
    // Of many looks in the meantime, none asks again: nothing came but the answer.
    for (let i = 0; i < 20; i++) expect((await fetch(`${origin}/_kload/x`)).status).toBe(200);
    expect(pings).toBe(1);
    const stream = session.request({ ':path': '/_kload/x' });
    expect(String((await once(stream, 'data'))[0])).toBe('here');
  });

  test('ends when nothing has moved for long', async () => {
    const { origin } = await wireServer({ sessionLookMs: 5, idleMs: 30 });
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

test('a connection beyond those that there may be is cut, and told of', async () => {
  const { port, lines } = await wireServer({ connections: 2 });
  const first = await open(port, 'TCP');
  await open(port, 'TCP');
  const third = await open(port, 'TCP');
  await once(third.resume(), 'end');
  expect(lines).toEqual([expect.stringMatching(/ too many connections are open: a new one was cut, 1 so far$/)]);
  first.write('GET /_kload/metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  let answer = '';
  for await (const chunk of first) answer += chunk;
  expect(answer).toMatch(/^kload_connections_cut_total\{reason="too-many"\} 1$/m);
});

describe('a greeting that is never finished ends its connection', () => {
  /** What a TLS client says first. */
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

  /** In order or by a reset, where the client was still writing. */
  function ended(socket: Socket): Promise<void> {
    return new Promise((resolve) => {
      socket.resume().once('end', resolve);
      socket.once('close', () => resolve());
    });
  }

  const GREETINGS: Readonly<Record<string, () => Buffer | Promise<Buffer>>> = {
    'of nothing': () => Buffer.alloc(0),
    'of TLS, one byte': () => Buffer.of(0x16),
    'of TLS, half a hello': async () => (await clientHello()).subarray(0, 100),
    'of TLS, a hello alone': clientHello,
    'of HTTP/2, half a preface': () => PREFACE.subarray(0, 10),
    'of HTTP/2, a preface alone': () => PREFACE,
  };

  test.each(Object.keys(GREETINGS))('%s', async (kind) => {
    const { port, server } = await wireServer({ silenceMs: 50 });
    const socket = await open(port, 'TCP');
    const greeting = await GREETINGS[kind]?.();
    if (greeting !== undefined && greeting.length > 0) socket.write(greeting);
    await ended(socket);
    await expect.poll(() => server.connections).toBe(0);
  });

  test('of TLS, byte by byte', async () => {
    const { port, server } = await wireServer({ silenceMs: 100 });
    const hello = await clientHello();
    const socket = await open(port, 'TCP');
    let at = 0;
    const dripping = setInterval(() => socket.write(hello.subarray(at, ++at)), 5);
    onTestFinished(() => clearInterval(dripping));
    await ended(socket);
    expect(at).toBeLessThan(hello.length);
    await expect.poll(() => server.connections).toBe(0);
  });

  test('and one that is stays', async () => {
    const { port, origin, routes } = await wireServer({ silenceMs: 500 });
    routes.add('GET', '/_kload/x', () => ({ status: 200, contentType: undefined, body: 'here' }));
    const tls = await open(port, 'TLS');
    tls.write(Buffer.concat([PREFACE, SETTINGS]));
    const session = http2(origin);
    await once(session, 'remoteSettings');
    // Another connection, which ends once its time is over: then that of these is over, too.
    await ended(await open(port, 'TCP'));
    const stream = session.request({ ':path': '/_kload/x' });
    expect(String((await once(stream, 'data'))[0])).toBe('here');
    expect(tls.readyState).toBe('open');
  });
});

describe('answers that nobody reads', () => {
  const BYTES = 16 * MIB;

  /** A server whose answers are larger than what systems keep for a socket; `asked` resolves after so many. */
  async function large() {
    const wire = await wireServer({ unreadBytes: 40 * MIB });
    wire.routes.add('GET', '/_kload/large', () => ({ status: 200, contentType: undefined, body: Buffer.alloc(BYTES) }));
    wire.routes.add('GET', '/_kload/small', () => ({ status: 200, contentType: undefined, body: '' }));
    return wire;
  }

  test('over HTTP/1.1 end the connection that has waited longest, and no other', async () => {
    const { port, origin, server, lines } = await large();
    const sockets: Socket[] = [];
    for (let i = 0; i < 3; i++) {
      const socket = await open(port, 'TCP');
      socket.pause();
      socket.write('GET /_kload/large HTTP/1.1\r\nHost: localhost\r\n\r\n');
      // The first of the answer is there: the rest waits.
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
    expect(lines).toEqual([expect.stringMatching(/ too many bytes of answers .* longest was cut, 1 so far$/)]);
    const metrics = await (await fetch(`${origin}/_kload/metrics`)).text();
    expect(metrics).toMatch(/^kload_connections_cut_total\{reason="unread"\} 1$/m);
    expect(metrics).toMatch(/^kload_unread_bytes 0$/m);
  });

  /** Counts the answers to `/_kload/large`; who asks for `small` knows that what came before was looked at. */
  async function counted() {
    const wire = await large();
    let answered = 0;
    wire.routes.add('GET', '/_kload/large', () => {
      answered++;
      return { status: 200, contentType: undefined, body: Buffer.alloc(BYTES) };
    });
    return { ...wire, answered: () => answered };
  }

  test('over HTTP/2 keep the next request of their session waiting, and no other', async () => {
    const { origin, answered, server } = await counted();
    const [greedy, other] = [http2(origin), http2(origin)];
    const streams = Array.from({ length: 5 }, () => greedy.request({ ':path': '/_kload/large' }));
    await Promise.all(streams.slice(0, 1).map((stream) => once(stream, 'response')));
    greedy.ping(() => {});
    await once(other.request({ ':path': '/_kload/small' }), 'response');
    expect(answered()).toBe(1);
    for (const stream of streams) {
      let bytes = 0;
      for await (const chunk of stream) bytes += chunk.length;
      expect(bytes).toBe(BYTES);
    }
    expect([answered(), server.unreadBytes]).toEqual([5, 0]);
  });

  test('over HTTP/1.1 keep the requests behind them unread, however many', async () => {
    const { port, origin, answered, server } = await counted();
    const socket = await open(port, 'TCP');
    socket.pause();
    const one = 'GET /_kload/large HTTP/1.1\r\nHost: localhost\r\n\r\n';
    socket.write(one.repeat(10));
    await once(socket, 'readable');
    // More than systems keep for a socket: if the server still read, it would take all of it.
    const more = Buffer.from('GET /_kload/small HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(400_000));
    socket.write(more);
    for (let i = 0; i < 20; i++) await fetch(`${origin}/_kload/small`);
    expect(answered()).toBe(1);
    expect(socket.writableLength).toBeGreaterThan(0);
    let bytes = 0;
    for await (const chunk of socket) {
      bytes += chunk.length;
      if (bytes > 10 * BYTES) break;
    }
    expect(bytes).toBeGreaterThan(10 * BYTES);
    expect(answered()).toBe(10);
    socket.destroy();
    await expect.poll(() => server.unreadBytes).toBe(0);
  });

  test('of many clients at once are never in memory together', async () => {
    const { port, origin, routes, server, lines } = await large();
    const open20 = await Promise.all(Array.from({ length: 20 }, () => open(port, 'TCP')));
    const openAtAnswer: number[] = [];
    routes.add('GET', '/_kload/large', () => {
      openAtAnswer.push(server.connections);
      return { status: 200, contentType: undefined, body: Buffer.alloc(BYTES) };
    });
    for (const socket of open20) socket.on('readable', () => {});
    await expect.poll(() => server.connections).toBe(20);
    for (const socket of open20) socket.write('GET /_kload/large HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await expect.poll(() => openAtAnswer.length).toBe(20);
    // Two and a half fit. Before each further answer the connection that has waited longest has closed, and its answer is gone.
    expect(openAtAnswer).toEqual(Array.from({ length: 20 }, (_, i) => 20 - Math.max(0, i - 2)));
    const metrics = await (await fetch(`${origin}/_kload/metrics`)).text();
    expect(metrics).toMatch(/^kload_connections_cut_total\{reason="unread"\} 18$/m);
    expect(lines).toHaveLength(1);
  });
});
