import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Emulator } from '../../../src/emulator/index.js';
import { call, emulatorFor, SIGNED } from '../support.js';

const PUT = JSON.stringify({ StreamName: 'orders', PartitionKey: 'k', Data: 'eA==' });

/** One connection, and how it ends. */
interface Connection {
  /** Resolves with the response's status; never, if there is no response. */
  send(operation: string, body: string): Promise<number>;
  readonly end: Promise<'closed' | 'reset'>;
}

const TRANSPORTS = ['HTTP/1.1', 'HTTP/1.1 over TLS', 'HTTP/2', 'HTTP/2 over TLS'];

async function open(emulator: Emulator, transport: string): Promise<Connection> {
  const isHttp2 = transport.startsWith('HTTP/2');
  const socket = transport.endsWith('TLS') ? await openTls(emulator, isHttp2) : connect(emulator.port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  let isReset = false;
  socket.on('error', ({ code }: NodeJS.ErrnoException) => {
    isReset = code === 'ECONNRESET';
  });
  // Not once(): it would reject on an error before the close.
  const end = new Promise<'closed' | 'reset'>((resolve) => {
    socket.once('close', () => resolve(isReset ? 'reset' : 'closed'));
  });
  return { end, send: isHttp2 ? http2Sender(socket) : http1Sender(socket) };
}

async function openTls(emulator: Emulator, isHttp2: boolean): Promise<Socket> {
  const ALPNProtocols = [isHttp2 ? 'h2' : 'http/1.1'];
  const ca = await emulator.caCertificate();
  const socket = connectTls({ port: emulator.port, host: '127.0.0.1', servername: 'localhost', ca, ALPNProtocols });
  await once(socket, 'secureConnect');
  return socket;
}

function headersOf(operation: string) {
  return {
    authorization: SIGNED,
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': `Kinesis_20131202.${operation}`,
    'x-amz-date': '20260101T000000Z',
  };
}

function http1Sender(socket: Socket): Connection['send'] {
  return async (operation, body) => {
    const headers = { host: 'localhost', 'content-length': body.length, ...headersOf(operation) };
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`POST / HTTP/1.1\r\n${lines.join('')}\r\n${body}`);
    const response = await new Promise<Buffer>((resolve) => socket.once('data', resolve));
    socket.resume();
    return Number(response.toString().split(' ')[1]);
  };
}

function http2Sender(socket: Socket): Connection['send'] {
  const session = connectHttp2('http://localhost', { createConnection: () => socket });
  session.on('error', () => {});
  return async (operation, body) => {
    const stream = session.request({ ':method': 'POST', ':path': '/', ...headersOf(operation) });
    stream.on('error', () => {});
    const status = new Promise<number>((resolve) => {
      stream.once('response', (headers) => resolve(headers[':status'] ?? 0));
    });
    stream.resume().end(body);
    return status;
  };
}

async function storedRecords(emulator: Emulator): Promise<number> {
  const start = { StreamName: 'orders', ShardId: 'shardId-000000000000', ShardIteratorType: 'TRIM_HORIZON' };
  const { ShardIterator } = JSON.parse((await call(emulator, 'GetShardIterator', start)).body);
  return JSON.parse((await call(emulator, 'GetRecords', { ShardIterator })).body).Records.length;
}

describe.each(TRANSPORTS)('over %s', (transport) => {
  test.each([
    ['drop-connection', 'closed', 0],
    ['reset-connection', 'reset', 0],
    ['lose-response', 'closed', 1],
  ])('%s: the connection is %s, and %i records are stored', async (fault, how, count) => {
    const streams = [{ name: 'orders', shards: 1 }];
    const emulator = await emulatorFor({ streams, faults: [`${fault}:operation=PutRecord`] });
    const connection = await open(emulator, transport);
    expect(await connection.send('ListStreams', '{}')).toBe(200);
    void connection.send('PutRecord', PUT).then((status) => expect.unreachable(`got a response with ${status}`));
    expect(await connection.end).toBe(how);
    expect(await storedRecords(emulator)).toBe(count);
  });

  test('latency: the response is delayed', async () => {
    const emulator = await emulatorFor({ faults: ['latency:delay=60ms,count=1'] });
    const connection = await open(emulator, transport);
    const startedMs = performance.now();
    expect(await connection.send('ListStreams', '{}')).toBe(200);
    // Timers may fire a fraction of a millisecond early.
    expect(performance.now() - startedMs).toBeGreaterThan(58);
  });
});
