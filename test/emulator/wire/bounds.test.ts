import { once } from 'node:events';
import { type ClientHttp2Session, connect as connectHttp2, constants } from 'node:http2';
import { connect, type Socket } from 'node:net';
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

  test('over HTTP/2 end their session', async () => {
    const { origin } = await large();
    const [greedy, other] = [http2(origin), http2(origin)];
    const closed = once(greedy, 'close');
    for (let i = 0; i < 3; i++) greedy.request({ ':path': '/_kload/large' }).on('error', () => {});
    await closed;
    const stream = other.request({ ':path': '/_kload/large' });
    let bytes = 0;
    for await (const chunk of stream) bytes += chunk.length;
    expect(bytes).toBe(BYTES);
  });

  test('that are asked for one behind the other end theirs', async () => {
    const { port, server } = await large();
    const socket = await open(port, 'TCP');
    socket.pause();
    socket.write('GET /_kload/large HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(10));
    let bytes = 0;
    await once(socket, 'readable');
    for await (const chunk of socket) {
      bytes += chunk.length;
      if (bytes > 10 * BYTES) break;
    }
    expect(bytes).toBeLessThan(10 * BYTES);
    expect(server.unreadBytes).toBe(0);
  });
});
